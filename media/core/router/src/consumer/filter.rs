//! Layers within one stream: which of them a subscriber gets, and where it may change over.
//!
//! Going down needs no more than a new picture: nothing that is kept depends on what is left out. Going up needs
//! a place that the encoder has marked; for a spatial layer that is, with most encoders, a key picture only.

use crate::layers::{Layers, Limit};
use crate::ring::Entry;

/// What a packet that is newer than all before it turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// From this packet on this is the limit.
    pub(crate) limit: Option<Limit>,
    /// It is the first of its picture that was seen.
    pub(crate) begins_picture: bool,
}

/// The layers of one stream that one subscriber should get, and those it gets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    target: Limit,
    current: Limit,
    /// The newest packet seen: number and timestamp.
    newest: (u64, u32),
    /// The spatial layer that was last told of.
    told: u8,
}

impl Filter {
    pub(crate) fn new() -> Self {
        Filter {
            target: Limit::NONE,
            current: Limit::NONE,
            newest: (0, 0),
            told: 0,
        }
    }

    /// Aims at another limit, which is in force as soon as the stream allows.
    pub(crate) fn aim(&mut self, target: Limit) {
        self.target = target;
    }

    /// Whether a spatial layer is aimed at that only a key picture opens, of those up to `highest` that there are.
    pub(crate) fn awaits_key(&self, highest: Limit) -> bool {
        self.target.spatial.min(highest.spatial) > self.current.spatial
    }

    /// The stream begins, or begins anew, with the key picture at `sequence`: all that is wished for is there.
    pub(crate) fn begin(&mut self, sequence: u64) -> Limit {
        self.newest = (sequence.saturating_sub(1), 0);
        self.current = self.target;
        self.told = 0;
        self.current
    }

    /// The spatial layer now sent, of those up to `highest` that there are, if it is another than last told of.
    pub(crate) fn take_news(&mut self, highest: Limit) -> Option<u8> {
        let spatial = self.current.spatial.min(highest.spatial);
        let told = std::mem::replace(&mut self.told, spatial);
        (told != spatial).then_some(spatial)
    }

    /// Looks at a packet; `None` if it is late, and falls under the limit of its time.
    pub(crate) fn see(&mut self, entry: &Entry) -> Option<Sighting> {
        let (newest, timestamp) = self.newest;
        if entry.sequence <= newest {
            return None;
        }
        self.newest = (entry.sequence, entry.timestamp);
        let begins_picture = entry.timestamp != timestamp;
        let before = self.current;
        if before != self.target && !entry.payload.is_empty() {
            self.approach(entry.layers, begins_picture);
        }
        Some(Sighting {
            limit: (self.current != before).then_some(self.current),
            begins_picture,
        })
    }

    /// Moves towards the target as far as this packet allows.
    fn approach(&mut self, layers: Layers, begins_picture: bool) {
        let Filter {
            target, current, ..
        } = self;
        if begins_picture {
            current.spatial = current.spatial.min(target.spatial);
            current.temporal = current.temporal.min(target.temporal);
        }
        if layers.is_key() {
            *current = *target;
        } else if !layers.is_predicted && current.spatial.checked_add(1) == Some(layers.spatial) {
            current.spatial = layers.spatial.min(target.spatial);
        }
        let is_next = current.temporal.checked_add(1) == Some(layers.temporal);
        let opens = if layers.temporal <= current.temporal || (layers.is_sync && is_next) {
            layers.opens
        } else {
            0
        };
        current.temporal = current.temporal.max(opens.min(target.temporal));
    }
}
