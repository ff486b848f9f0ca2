//! Answering NACK: what may be sent again, how often, and within what budget. (RFC 4588)

use crate::moment::Moment;

/// How many packets back a subscriber may ask; the ring of a layer holds about as many.
pub(crate) const WINDOW: u64 = 512;

/// How often one packet is sent again.
const MAX_REPEATS: u8 = 6;

/// Bytes that may be sent again for each byte sent: beyond a half, the link needs less video, not more of it.
const SHARE_PERCENT: u64 = 50;

/// Unused budget that may gather, in bytes; and what a stream begins with.
const MAX_BUDGET: u64 = 256 << 10;
const FIRST_BUDGET: u64 = 64 << 10;

/// Bounds in milliseconds of the time in which a repeated request is taken for an impatient one.
const PATIENCE: std::ops::RangeInclusive<u32> = 5..=500;

/// The retransmission stream of one subscriber.
#[derive(Debug)]
pub(crate) struct Retransmission {
    pub(crate) ssrc: u32,
    next_index: u64,
    budget: u64,
    /// One place for each packet of the window; made when the first NACK comes, since most links never ask.
    repeats: Vec<Repeat>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Repeat {
    index: u64,
    sent: u32,
    count: u8,
}

impl Retransmission {
    pub(crate) fn new(ssrc: u32, first_index: u64) -> Self {
        Retransmission {
            ssrc,
            next_index: first_index,
            budget: FIRST_BUDGET,
            repeats: Vec::new(),
        }
    }

    /// Media of `bytes` was sent: the budget grows.
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.budget = (self.budget + bytes as u64 * SHARE_PERCENT / 100).min(MAX_BUDGET);
    }

    /// Whether the packet `index` of `len` bytes may be sent again now; if so, it counts as sent.
    ///
    /// `round_trip` in milliseconds: what was sent less than that ago may still be on its way.
    pub(crate) fn allow(
        &mut self,
        moment: &Moment,
        index: u64,
        len: usize,
        round_trip: u32,
    ) -> bool {
        if self.repeats.is_empty() {
            self.repeats = vec![Repeat::default(); WINDOW as usize];
        }
        let repeat = &mut self.repeats[(index % WINDOW) as usize];
        let known = repeat.count > 0 && repeat.index == index;
        if !known {
            *repeat = Repeat {
                index,
                ..Repeat::default()
            };
        }
        let patience = (round_trip * 3 / 4).clamp(*PATIENCE.start(), *PATIENCE.end());
        let on_its_way = known && moment.millis_since(repeat.sent) < patience;
        if on_its_way || repeat.count >= MAX_REPEATS || self.budget < len as u64 {
            return false;
        }
        repeat.count += 1;
        repeat.sent = moment.millis;
        self.budget -= len as u64;
        true
    }

    /// The next index of the retransmission stream.
    pub(crate) fn take_index(&mut self) -> u64 {
        let index = self.next_index;
        self.next_index += 1;
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Epoch;
    use hoichan_wire::ntp::NtpTime;
    use std::time::{Duration, Instant};

    fn moments() -> impl Fn(u64) -> Moment {
        let start = Instant::now();
        let epoch = Epoch::new(start, NtpTime(0));
        move |millis| epoch.at(start + Duration::from_millis(millis))
    }

    #[test]
    fn one_packet_is_repeated_a_few_times_and_not_faster_than_the_link_answers() {
        let at = moments();
        let mut stream = Retransmission::new(1, 0);
        let allowed = (0..5000).filter(|millis| stream.allow(&at(*millis), 9, 100, 80));
        let allowed: Vec<u64> = allowed.collect();
        assert_eq!(allowed, [0, 60, 120, 180, 240, 300]);
    }

    #[test]
    fn asking_for_everything_all_the_time_costs_half_the_media_at_most() {
        let at = moments();
        let mut stream = Retransmission::new(1, 0);
        let (mut sent, mut again) = (0, 0);
        for index in 0..10_000_u64 {
            stream.earn(1200);
            sent += 1200;
            for asked in index.saturating_sub(100)..=index {
                if stream.allow(&at(index * 5), asked, 1200, 0) {
                    again += 1200;
                }
            }
        }
        assert!(again <= sent / 2 + FIRST_BUDGET, "{again} of {sent}");
    }
}
