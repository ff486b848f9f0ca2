//! Packets that should have come: when to ask for them, and when to give up. (RFC 4585 §6.2.1)

use crate::moment::Moment;

/// Losses kept track of at once. Beyond it, a key frame repairs more cheaply than packets would.
const MAX_MISSING: usize = 256;

/// How long a packet may be merely late before it is asked for.
const REORDERING: u32 = 10;

/// How often one packet is asked for.
const MAX_REQUESTS: u8 = 8;

/// How long a packet is of use to anyone, in milliseconds: jitter buffers wait no longer.
const MAX_AGE: u32 = 2000;

/// Bounds of the retry interval in milliseconds; within them it follows what recovery was seen to take.
const RETRY: std::ops::RangeInclusive<u32> = 20..=700;

/// The numbers that are missing below the highest one received, and what was done about each.
#[derive(Debug)]
pub(crate) struct Missing {
    /// By rising sequence.
    gaps: Vec<Gap>,
    /// Smoothed time from a request to its answer, in milliseconds.
    recovery_time: u32,
}

#[derive(Clone, Copy, Debug)]
struct Gap {
    sequence: u64,
    noticed: u32,
    last_request: u32,
    requests: u8,
}

/// What became of a loss that was too large to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GivenUp;

impl Missing {
    pub(crate) fn new() -> Self {
        Missing {
            gaps: Vec::with_capacity(MAX_MISSING),
            recovery_time: 100,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.gaps.clear();
    }

    /// Notes that everything between `highest` and the newly arrived `sequence` is missing so far.
    ///
    /// # Errors
    /// [`GivenUp`] if that is more than can be asked for: nothing is missing any more, ask for a key frame.
    pub(crate) fn skip(
        &mut self,
        moment: &Moment,
        highest: u64,
        sequence: u64,
    ) -> Result<(), GivenUp> {
        let skipped = sequence.saturating_sub(highest + 1);
        if self.gaps.len() as u64 + skipped > MAX_MISSING as u64 {
            self.clear();
            return Err(GivenUp);
        }
        self.gaps
            .extend((highest + 1..sequence).map(|sequence| Gap {
                sequence,
                noticed: moment.millis,
                last_request: moment.millis,
                requests: 0,
            }));
        Ok(())
    }

    /// Notes that a late packet, or a retransmission, has closed its gap.
    pub(crate) fn fill(&mut self, moment: &Moment, sequence: u64) {
        let Ok(index) = self
            .gaps
            .binary_search_by_key(&sequence, |gap| gap.sequence)
        else {
            return;
        };
        let gap = self.gaps.remove(index);
        if gap.requests == 1 {
            // Only an answer to a single request tells which request it answers.
            let sample = moment.millis_since(gap.last_request).min(*RETRY.end());
            self.recovery_time = (self.recovery_time * 7 + sample) / 8;
        }
    }

    /// Appends to `due` what is to be asked for now, ascending, and gives up what has been asked for enough.
    pub(crate) fn collect_due(&mut self, moment: &Moment, due: &mut Vec<u16>) {
        let retry = self.recovery_time.clamp(*RETRY.start(), *RETRY.end());
        self.gaps.retain_mut(|gap| {
            if gap.requests >= MAX_REQUESTS || moment.millis_since(gap.noticed) > MAX_AGE {
                return false;
            }
            // An eighth on top, so that jitter alone does not cause a second request.
            let wait = if gap.requests == 0 {
                REORDERING
            } else {
                retry + retry / 8
            };
            if moment.millis_since(gap.last_request) >= wait {
                gap.requests += 1;
                gap.last_request = moment.millis;
                due.push(gap.sequence as u16);
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Epoch;
    use hoichan_wire::ntp::NtpTime;
    use std::time::{Duration, Instant};

    struct Story {
        start: Instant,
        epoch: Epoch,
        missing: Missing,
    }

    impl Story {
        fn new() -> Self {
            let start = Instant::now();
            Story {
                start,
                epoch: Epoch::new(start, NtpTime(0)),
                missing: Missing::new(),
            }
        }

        fn at(&self, millis: u64) -> Moment {
            self.epoch.at(self.start + Duration::from_millis(millis))
        }

        fn due(&mut self, millis: u64) -> Vec<u16> {
            let mut due = Vec::new();
            let moment = self.at(millis);
            self.missing.collect_due(&moment, &mut due);
            due
        }
    }

    #[test]
    fn what_is_merely_late_is_never_asked_for() {
        let mut story = Story::new();
        story.missing.skip(&story.at(0), 10, 13).expect("two fit");
        story.missing.fill(&story.at(5), 11);
        assert_eq!(story.due(9), []);
        assert_eq!(story.due(10), [12]);
    }

    #[test]
    fn requests_repeat_at_the_pace_of_recovery_and_end() {
        let mut story = Story::new();
        for round in 0..64 {
            let moment = story.at(round * 1000);
            let highest = 100 + round * 2;
            story
                .missing
                .skip(&moment, highest, highest + 2)
                .expect("fits");
            assert_eq!(story.due(round * 1000 + 10).len(), 1);
            story
                .missing
                .fill(&story.at(round * 1000 + 50), highest + 1);
        }
        story
            .missing
            .skip(&story.at(90_000), 300, 302)
            .expect("fits");
        let asked = (90_000..95_000).filter(|at| !story.due(*at).is_empty());
        let asked: Vec<u64> = asked.collect();
        assert_eq!(asked.len(), usize::from(MAX_REQUESTS));
        let pauses = asked.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(
            pauses.clone().all(|pause| (40..50).contains(&pause)),
            "{asked:?}"
        );
        assert!(story.missing.is_empty());
    }

    #[test]
    fn a_hole_too_large_for_packets_is_left_to_a_key_frame() {
        let mut story = Story::new();
        story.missing.skip(&story.at(0), 10, 20).expect("fits");
        assert_eq!(story.missing.skip(&story.at(0), 20, 300), Err(GivenUp));
        assert!(story.missing.is_empty());
    }
}
