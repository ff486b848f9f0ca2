//! The loudest few of many open microphones: only they are forwarded. (levels: RFC 6464)
//!
//! Who comes is heard at once while a place is free, and otherwise as soon as it is clearly louder than the faintest
//! of those who have one. Who falls silent keeps its place for a while, so that pauses between sentences are no
//! changes. Asked for every packet, so that the answer is never older than a packet.

use slab::Slab;

/// Hundredths of a decibel above the least level there is, −127 dBov.
type Loudness = u32;

/// Fainter than −60 dBov is the noise of a room.
const FLOOR: Loudness = 6_700;

/// How much louder somebody must be to take a place: 6 dB, twice the amplitude.
const MARGIN: Loudness = 600;

/// How fast the memory of a voice fades, per millisecond: 10 dB a second. A normal voice (−25 dBov) that has fallen
/// silent keeps its place for 3.5 s if nobody wants it.
const FADING: Loudness = 1;

/// One microphone.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// Follows the level up within two or three packets, so that a click takes nobody's place; fades slowly.
    loudness: Loudness,
    /// When it was last updated, in [`crate::moment::Moment::millis`].
    updated: u32,
    /// Neither muted nor paused.
    is_open: bool,
}

impl Member {
    /// Its loudness at `now`, which may be a little before the last update.
    fn at(&self, now: u32) -> Loudness {
        let elapsed = now.wrapping_sub(self.updated);
        let elapsed = if elapsed > u32::MAX / 2 { 0 } else { elapsed };
        self.loudness.saturating_sub(elapsed.saturating_mul(FADING))
    }

    fn hear(&mut self, now: u32, level: Loudness) {
        let faded = self.at(now).max(FLOOR / 2);
        self.loudness = if level > faded {
            (faded + level) / 2
        } else {
            faded
        };
        self.updated = now;
    }
}

/// The microphones of one room, and which of them have a place.
#[derive(Debug)]
pub(crate) struct LastN {
    limit: usize,
    members: Slab<Member>,
    /// How many are open.
    open: usize,
    /// Keys of those who have a place; never more than `limit`.
    heard: Vec<usize>,
}

impl LastN {
    /// Room for `limit` at a time.
    pub(crate) fn new(limit: usize) -> Self {
        LastN {
            limit,
            members: Slab::new(),
            open: 0,
            heard: Vec::with_capacity(limit),
        }
    }

    /// Changes how many have a place. Those who came last lose theirs first.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.heard.truncate(limit);
        self.heard.reserve_exact(limit - self.heard.len());
    }

    /// Takes in one more, closed or open, and returns its key.
    pub(crate) fn insert(&mut self, is_open: bool) -> usize {
        self.open += usize::from(is_open);
        self.members.insert(Member {
            loudness: 0,
            updated: 0,
            is_open,
        })
    }

    /// Forgets one.
    pub(crate) fn remove(&mut self, member: usize) {
        self.set_open(member, false);
        self.members.remove(member);
    }

    /// Notes that one was muted or unmuted; the muted have no place.
    pub(crate) fn set_open(&mut self, member: usize, is_open: bool) {
        let was_open = std::mem::replace(&mut self.members[member].is_open, is_open);
        self.open = self.open + usize::from(is_open) - usize::from(was_open);
        if !is_open {
            self.heard.retain(|known| *known != member);
        }
    }

    /// Whether there is nobody in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Takes in one packet's level in −dBov, 0 (loudest) to 127. Returns whether the packet is to be forwarded.
    ///
    /// `now` in milliseconds, wrapping. While no more are open than have room, all are forwarded.
    pub(crate) fn hear(&mut self, now: u32, member: usize, level: u8) -> bool {
        let level = 100 * (127 - Loudness::from(level.min(127)));
        self.members[member].hear(now, level);
        let has_place = self.has_place(now, member, level);
        has_place || self.open <= self.limit
    }

    /// Whether `member` has a place, after it has perhaps taken or lost one.
    fn has_place(&mut self, now: u32, member: usize, level: Loudness) -> bool {
        let loudness = self.members[member].at(now);
        if let Some(index) = self.heard.iter().position(|known| *known == member) {
            let is_audible = loudness >= FLOOR || level >= FLOOR;
            if !is_audible {
                self.heard.swap_remove(index);
            }
            return is_audible;
        }
        if level < FLOOR {
            return false;
        }
        if self.heard.len() < self.limit {
            self.heard.push(member);
            return true;
        }
        let members = &self.members;
        let faintest = self
            .heard
            .iter_mut()
            .min_by_key(|one| members[**one].at(now));
        let Some(faintest) = faintest else {
            return false; // A limit of 0.
        };
        let theirs = members[*faintest].at(now);
        let takes = theirs < FLOOR || loudness >= theirs + MARGIN;
        if takes {
            *faintest = member;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VOICE: u8 = 25;
    const SILENCE: u8 = 127;

    /// Five microphones with room for two, 20 ms at a time.
    struct Room {
        last_n: LastN,
        now: u32,
    }

    impl Room {
        fn new() -> Self {
            let mut last_n = LastN::new(2);
            (0..5).for_each(|_| {
                last_n.insert(true);
            });
            Room {
                last_n,
                now: u32::MAX - 500,
            }
        }

        /// Everybody at a level for so long; returns who was forwarded in the end.
        fn pass(&mut self, millis: u32, levels: [u8; 5]) -> Vec<usize> {
            let mut forwarded = Vec::new();
            for _ in 0..millis / 20 {
                self.now = self.now.wrapping_add(20);
                let now = self.now;
                forwarded = (0..5)
                    .filter(|member| self.last_n.hear(now, *member, levels[*member]))
                    .collect();
            }
            forwarded
        }
    }

    #[test]
    fn the_first_word_is_heard_from_its_first_packet_while_there_is_room() {
        let mut room = Room::new();
        assert_eq!(room.pass(1000, [SILENCE; 5]), []);
        assert_eq!(room.pass(20, [127, VOICE, 127, 127, 127]), [1]);
        assert_eq!(room.pass(20, [127, VOICE, 127, 50, 127]), [1, 3]);
    }

    #[test]
    fn a_pause_between_sentences_costs_nobody_its_place() {
        let mut room = Room::new();
        room.pass(400, [VOICE, VOICE, 127, 127, 127]);
        assert_eq!(room.pass(3000, [SILENCE; 5]), [0, 1]);
        assert_eq!(room.pass(1000, [SILENCE; 5]), [], "but silence does");
    }

    #[test]
    fn when_all_places_are_taken_the_louder_take_over_within_three_packets() {
        let mut room = Room::new();
        room.pass(1000, [50, VOICE, 127, 127, 127]);
        let levels = [50, VOICE, VOICE, 127, 127];
        let packets = (1..10).find(|_| room.pass(20, levels).contains(&2));
        assert!(packets.is_some_and(|packets| packets <= 3), "{packets:?}");
        assert_eq!(room.pass(400, levels), [1, 2]);
    }

    #[test]
    fn equals_do_not_take_each_others_place() {
        let mut room = Room::new();
        room.pass(200, [VOICE, VOICE, 127, 127, 127]);
        for turn in 0..100 {
            let quarrel = [VOICE, VOICE, VOICE - 4, VOICE, VOICE + 2 - turn % 5];
            assert_eq!(room.pass(20, quarrel), [0, 1]);
        }
    }

    #[test]
    fn a_click_takes_nobodys_place() {
        let mut room = Room::new();
        room.pass(1000, [VOICE, VOICE, 127, 127, 127]);
        assert_eq!(room.pass(20, [VOICE, VOICE, 0, 127, 127]), [0, 1]);
        assert_eq!(room.pass(200, [VOICE, VOICE, 127, 127, 127]), [0, 1]);
    }

    #[test]
    fn as_many_as_there_is_room_for_are_all_heard_even_in_silence() {
        let mut room = Room::new();
        (2..5).for_each(|member| room.last_n.set_open(member, false));
        room.now = 0;
        assert!(room.last_n.hear(0, 0, SILENCE) && room.last_n.hear(0, 1, SILENCE));
        room.last_n.set_open(2, true);
        assert!(!room.last_n.hear(20, 0, SILENCE), "the third has come");
    }

    #[test]
    fn who_leaves_or_is_muted_gives_its_place_to_the_next() {
        let mut room = Room::new();
        room.pass(1000, [VOICE, VOICE, 127, 127, 127]);
        room.last_n.set_open(0, false);
        let now = room.now;
        assert!(room.last_n.hear(now, 3, 40));
        room.last_n.remove(1);
        assert!(room.last_n.hear(now, 4, 40));
    }

    proptest! {
        #[test]
        fn never_more_than_there_is_room_for(
            steps in prop::collection::vec((0_usize..8, 0_u8..=127, 0_u32..400), 0..400),
            limit in 0_usize..5,
        ) {
            let mut last_n = LastN::new(limit);
            (0..8).for_each(|_| { last_n.insert(true); });
            let mut now = u32::MAX - 9_000;
            for (member, level, pause) in steps {
                now = now.wrapping_add(pause);
                let forwarded = last_n.hear(now, member, level);
                prop_assert!(last_n.heard.len() <= limit);
                prop_assert_eq!(forwarded, last_n.heard.contains(&member));
            }
        }
    }
}
