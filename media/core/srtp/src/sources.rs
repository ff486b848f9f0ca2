//! One window per SSRC, in a table that cannot be made to grow without end.

use crate::window::Window;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Windows by SSRC.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    windows: HashMap<u32, Entry, BuildHasherDefault<SsrcHasher>>,
    /// Counts recordings; orders the entries by last use.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    window: Window,
    last_used: u64,
}

impl Sources {
    /// The window of a source that has been recorded before.
    pub(crate) fn get(&self, ssrc: u32) -> Option<&Window> {
        self.windows.get(&ssrc).map(|entry| &entry.window)
    }

    /// How many sources are remembered.
    pub(crate) fn len(&self) -> usize {
        self.windows.len()
    }

    /// Records `index` as used. Allocates only for a source that is new.
    pub(crate) fn record(&mut self, ssrc: u32, index: u64) {
        self.clock += 1;
        let last_used = self.clock;
        self.windows
            .entry(ssrc)
            .and_modify(|entry| {
                entry.window.record(index);
                entry.last_used = last_used;
            })
            .or_insert_with(|| Entry {
                window: Window::starting_at(index),
                last_used,
            });
    }

    /// Forgets the source that has been silent for longest.
    pub(crate) fn evict_least_recent(&mut self) {
        let oldest = self
            .windows
            .iter()
            .min_by_key(|(_, entry)| entry.last_used)
            .map(|(ssrc, _)| *ssrc);
        if let Some(ssrc) = oldest {
            self.windows.remove(&ssrc);
        }
    }
}

/// One multiplication. SSRCs that a peer picks to collide cost it and us at most a walk over a small table,
/// whose size is bounded by those who use it; only authenticated packets get that far.
#[derive(Debug, Default)]
pub(crate) struct SsrcHasher(u64);

impl Hasher for SsrcHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, ssrc: u32) {
        let product = u128::from(self.0 ^ u64::from(ssrc)) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
