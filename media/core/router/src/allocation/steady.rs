//! Since when a link has carried more: the memory behind "raise late, lower at once".

/// How long a link must have carried more before anything is raised, in milliseconds. Estimates climb in steps and
/// fall back when they have climbed too far, both within some hundred milliseconds.
const HOLD: u32 = 1000;

/// After a raise that could not be kept, the next one waits so much longer each time, …
const BACKOFF: u32 = 2;

/// … but no longer than this, in milliseconds: links do recover.
const MAX_HOLD: u32 = 8000;

/// A fall within so many milliseconds after a raise means that the raise could not be kept.
const TRIAL: u32 = 5000;

/// How long the first estimates of a link say too little of it, in milliseconds: they begin low, and probes double
/// them about once a second.
const SETTLING: u32 = 4000;

/// The lowest estimate of the last while.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steady {
    /// Carried for a while; 0 before the first estimate.
    bps: u64,
    /// The lowest since the link has carried more than that, and since when.
    climbing: Option<(u64, u32)>,
    /// When the first estimate came.
    began: Option<u32>,
    /// When it was last raised.
    raised: Option<u32>,
    /// How long to wait before it is raised; 0 stands for [`HOLD`].
    hold: u32,
}

impl Steady {
    /// Takes the estimate of `now`, in [`crate::moment::Moment::millis`], and returns what may be relied on.
    pub(crate) fn observe(&mut self, now: u32, available: u64) -> u64 {
        self.began.get_or_insert(now);
        if available <= self.bps || self.bps == 0 {
            self.fall(now, available);
            return self.bps;
        }
        let (lowest, since) = self.climbing.unwrap_or((available, now));
        let lowest = lowest.min(available);
        if now.wrapping_sub(since) < self.hold.max(HOLD) {
            self.climbing = Some((lowest, since));
        } else {
            self.climbing = None;
            self.bps = lowest;
            self.raised = Some(now);
        }
        self.bps
    }

    /// Whether the link has been observed for so long that what does not fit can be said to be too much for it.
    pub(crate) fn is_settled(&self, now: u32) -> bool {
        let began = self.began;
        began.is_some_and(|began| now.wrapping_sub(began) >= SETTLING)
    }

    fn fall(&mut self, now: u32, available: u64) {
        if available < self.bps {
            let since = self.raised.take().map(|raised| now.wrapping_sub(raised));
            self.hold = match since {
                Some(since) if since < TRIAL => (self.hold.max(HOLD) * BACKOFF).min(MAX_HOLD),
                Some(_) => HOLD,
                None => self.hold,
            };
        }
        self.bps = available;
        self.climbing = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_estimate_is_taken_and_a_fall_counts_at_once() {
        let mut steady = Steady::default();
        assert_eq!(steady.observe(0, 1_000_000), 1_000_000);
        assert_eq!(steady.observe(10, 300_000), 300_000);
    }

    #[test]
    fn a_link_is_judged_when_it_has_been_observed_for_a_while() {
        let mut steady = Steady::default();
        assert!(!steady.is_settled(9000), "nothing was observed yet");
        steady.observe(9000, 300_000);
        steady.observe(11_000, 600_000);
        assert!(!steady.is_settled(12_900));
        assert!(steady.is_settled(13_000));
    }

    #[test]
    fn more_counts_when_it_has_stayed_and_only_as_much_as_has_stayed() {
        let mut steady = Steady::default();
        steady.observe(0, 300_000);
        assert_eq!(steady.observe(100, 900_000), 300_000);
        assert_eq!(steady.observe(600, 700_000), 300_000);
        assert_eq!(steady.observe(1100, 1_200_000), 700_000);
    }

    #[test]
    fn a_peak_that_does_not_last_changes_nothing() {
        let mut steady = Steady::default();
        steady.observe(0, 300_000);
        steady.observe(100, 900_000);
        assert_eq!(steady.observe(900, 300_000), 300_000);
        assert_eq!(steady.observe(1200, 900_000), 300_000, "the wait is anew");
    }

    #[test]
    fn raises_that_cannot_be_kept_become_rare() {
        let mut steady = Steady::default();
        let mut raises = Vec::new();
        steady.observe(0, 300_000);
        for now in (0..60_000).step_by(100) {
            if steady.observe(now, 400_000) == 400_000 {
                raises.push(now);
                steady.observe(now + 50, 300_000);
            }
        }
        assert!(raises.len() <= 10, "{raises:?}");
        assert!(raises.windows(2).all(|pair| pair[1] - pair[0] <= 8200));
    }
}
