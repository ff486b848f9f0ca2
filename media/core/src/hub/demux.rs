//! Whose datagram is this?
//!
//! STUN is addressed by our username fragment. Media and DTLS carry no address but their own: they belong to the
//! transport that has proved, by MESSAGE-INTEGRITY, that it is behind the path they came from.

use std::collections::HashMap;

use hoichan_router::EndpointId;
use hoichan_wire::path::Path;

/// Two maps with randomly keyed hashes, and a memory of the last hit: batches mostly come from one sender.
#[derive(Debug, Default)]
pub struct Demux {
    paths: HashMap<Path, EndpointId>,
    fragments: HashMap<String, EndpointId>,
    last: Option<(Path, EndpointId)>,
}

impl Demux {
    /// Whose path this is, if it has been bound.
    pub fn by_path(&mut self, path: Path) -> Option<EndpointId> {
        match self.last {
            Some((last, endpoint)) if last == path => Some(endpoint),
            _ => {
                let endpoint = *self.paths.get(&path)?;
                self.last = Some((path, endpoint));
                Some(endpoint)
            }
        }
    }

    /// Whose username fragment this is.
    #[must_use]
    pub fn by_fragment(&self, fragment: &str) -> Option<EndpointId> {
        self.fragments.get(fragment).copied()
    }

    /// Gives `path` to `endpoint`, and returns who had it before, if that was another.
    pub fn bind(&mut self, path: Path, endpoint: EndpointId) -> Option<EndpointId> {
        self.last = None;
        self.paths
            .insert(path, endpoint)
            .filter(|&before| before != endpoint)
    }

    /// Takes `path` from `endpoint`; a path that is not its own stays. Returns whether it was.
    pub fn release(&mut self, path: Path, endpoint: EndpointId) -> bool {
        let is_its_own = self.paths.get(&path) == Some(&endpoint);
        if is_its_own {
            self.paths.remove(&path);
            self.last = None;
        }
        is_its_own
    }

    /// Registers a username fragment; false if it is in use, be it by the same endpoint.
    #[must_use]
    pub fn register(&mut self, fragment: &str, endpoint: EndpointId) -> bool {
        let is_free = !self.fragments.contains_key(fragment);
        if is_free {
            self.fragments.insert(fragment.to_owned(), endpoint);
        }
        is_free
    }

    /// Forgets a username fragment of `endpoint`.
    pub fn retire(&mut self, fragment: &str, endpoint: EndpointId) {
        if self.by_fragment(fragment) == Some(endpoint) {
            self.fragments.remove(fragment);
        }
    }

    /// Forgets everything of `endpoint` and returns the paths it had.
    pub fn forget(&mut self, endpoint: EndpointId) -> Vec<Path> {
        self.last = None;
        self.fragments.retain(|_, owner| *owner != endpoint);
        let mut paths = Vec::new();
        self.paths.retain(|path, owner| {
            let is_other = *owner != endpoint;
            if !is_other {
                paths.push(*path);
            }
            is_other
        });
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hoichan_wire::path::Via;

    fn path(port: u16) -> Path {
        Path {
            remote: ([127, 0, 0, 1], port).into(),
            via: Via::Udp,
        }
    }

    #[test]
    fn a_forgotten_endpoint_leaves_nothing_behind() {
        let mut demux = Demux::default();
        demux.bind(path(1), 7);
        demux.bind(path(2), 8);
        assert!(demux.register("mine", 7) && demux.register("yours", 8));
        assert_eq!(demux.by_path(path(1)), Some(7));
        assert_eq!(demux.forget(7), [path(1)]);
        assert_eq!(
            demux.by_path(path(1)),
            None,
            "not even from the memory of the last hit"
        );
        assert_eq!(demux.by_fragment("mine"), None);
        assert_eq!(
            (demux.by_path(path(2)), demux.by_fragment("yours")),
            (Some(8), Some(8))
        );
    }

    #[test]
    fn a_path_can_only_be_released_by_its_owner() {
        let mut demux = Demux::default();
        demux.bind(path(1), 7);
        demux.release(path(1), 8);
        assert_eq!(demux.by_path(path(1)), Some(7));
        assert_eq!(demux.bind(path(1), 8), Some(7));
        assert_eq!(demux.by_path(path(1)), Some(8));
    }

    #[test]
    fn a_username_fragment_has_one_owner() {
        let mut demux = Demux::default();
        assert!(demux.register("same", 7));
        assert!(!demux.register("same", 8));
        demux.retire("same", 8);
        assert_eq!(demux.by_fragment("same"), Some(7));
    }
}
