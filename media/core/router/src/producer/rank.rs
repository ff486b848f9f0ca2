//! Whether an audio track is forwarded whatever it says, or only while it is among the loudest.

use crate::audio::LastN;
use slab::Slab;

/// A producer's part in the competition of its group, if it is in one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rank {
    place: Option<Place>,
    is_held_back: bool,
}

/// Which member of which group a producer is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) group: usize,
    pub(crate) member: usize,
}

impl Rank {
    /// Whether the latest packet was not forwarded because others are louder.
    pub(crate) fn is_held_back(&self) -> bool {
        self.is_held_back
    }

    /// Enters the competition, or leaves it. What is forwarded changes with the next packet.
    pub(crate) fn set_place(&mut self, place: Option<Place>) -> Option<Place> {
        std::mem::replace(&mut self.place, place)
    }

    /// Takes in the level of one packet, in −dBov; without a level nothing can be compared, and all is forwarded.
    pub(crate) fn hear(&mut self, groups: &mut Slab<LastN>, now: u32, level: Option<u8>) {
        self.is_held_back = match (self.place, level) {
            (Some(place), Some(level)) => !groups[place.group].hear(now, place.member, level),
            _ => false,
        };
    }

    /// Notes that the track was paused, or goes on.
    pub(crate) fn set_open(&self, groups: &mut Slab<LastN>, is_open: bool) {
        if let Some(place) = self.place {
            groups[place.group].set_open(place.member, is_open);
        }
    }
}
