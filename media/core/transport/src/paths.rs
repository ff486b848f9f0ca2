//! The paths that have proved to lead to the peer, and the one in use.

use std::time::Instant;

use crate::{Effect, Path};

/// More than this a peer never needs: candidates of both families, UDP and TCP, old and new network.
const MAX_PATHS: usize = 16;

/// Verified paths.
///
/// Invariants: at most [`MAX_PATHS`] are known; the selected one is among them.
#[derive(Debug, Default)]
pub struct Paths {
    known: Vec<Known>,
    selected: Option<Path>,
}

#[derive(Debug)]
struct Known {
    path: Path,
    seen: Instant,
}

impl Paths {
    /// The path nominated last.
    pub fn selected(&self) -> Option<Path> {
        self.selected
    }

    /// Where to send: the selected path or, before nomination, the one heard from last.
    pub fn route(&self) -> Option<Path> {
        self.selected.or_else(|| self.latest())
    }

    /// Whether `path` has proved itself.
    pub fn contains(&self, path: Path) -> bool {
        self.known.iter().any(|known| known.path == path)
    }

    /// Takes note that `path` proved itself at `now`. When there are too many, the unselected path that was
    /// silent longest is forgotten.
    pub fn verify(&mut self, now: Instant, path: Path, out: &mut Vec<Effect>) {
        if let Some(known) = self.known.iter_mut().find(|known| known.path == path) {
            known.seen = now;
            return;
        }
        if self.known.len() == MAX_PATHS {
            self.forget_stalest(out);
        }
        self.known.push(Known { path, seen: now });
        out.push(Effect::PathVerified(path));
    }

    /// Makes a known path the one in use.
    pub fn select(&mut self, path: Path, out: &mut Vec<Effect>) {
        debug_assert!(
            self.contains(path),
            "a path is verified before it is selected"
        );
        if self.selected != Some(path) {
            self.selected = Some(path);
            out.push(Effect::PathSelected(path));
        }
    }

    /// Drops a path; if it was in use, the one heard from last takes its place.
    pub fn forget(&mut self, path: Path, out: &mut Vec<Effect>) {
        let Some(index) = self.known.iter().position(|known| known.path == path) else {
            return;
        };
        self.known.swap_remove(index);
        out.push(Effect::PathForgotten(path));
        if self.selected == Some(path) {
            self.selected = None;
            if let Some(next) = self.latest() {
                self.select(next, out);
            }
        }
    }

    fn latest(&self) -> Option<Path> {
        let known = self.known.iter().max_by_key(|known| known.seen)?;
        Some(known.path)
    }

    fn forget_stalest(&mut self, out: &mut Vec<Effect>) {
        let unselected = self
            .known
            .iter()
            .filter(|known| Some(known.path) != self.selected);
        if let Some(stalest) = unselected.min_by_key(|known| known.seen) {
            self.forget(stalest.path, out);
        }
    }
}
