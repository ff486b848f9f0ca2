//! The receiver's clock, which we know from its feedback alone.

use hoichan_wire::rtcp::TICK;
use std::time::Duration;

/// Longest step that is believed, in ticks: an hour without a packet.
const MAX_SILENCE: i64 = 3_600 * 4_000;

/// Unwraps times of arrival: feedback has 24 bits of 64 ms, which are 12 days.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// The newest arrival, in ticks.
    newest: Option<i64>,
}

impl Clock {
    /// The time of an arrival in µs, from its ticks of which the low 32 bits count.
    pub(crate) fn unwrap(&mut self, ticks: i64) -> i64 {
        let known = self.newest.unwrap_or(ticks);
        let step = i64::from((ticks as i32).wrapping_sub(known as i32));
        let time = known + step.clamp(-MAX_SILENCE, MAX_SILENCE);
        self.newest = Some(known.max(time));
        time * TICK.as_micros() as i64
    }

    /// The time of the newest arrival, in µs.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.newest.map(|ticks| ticks * TICK.as_micros() as i64)
    }
}

/// Our own time, in µs.
pub(crate) fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_over_the_wrap_of_twelve_days() {
        let mut clock = Clock::default();
        let last = i64::from(i32::MAX) - 3;
        let before = clock.unwrap(last);
        let after = clock.unwrap(i64::from(i32::MIN) + 4);
        assert_eq!(after - before, 8 * 250);
        assert_eq!(clock.newest(), Some(after));
    }

    #[test]
    fn a_clock_that_leaps_is_followed_by_an_hour_at_most() {
        let mut clock = Clock::default();
        let before = clock.unwrap(0);
        let after = clock.unwrap(i64::from(i32::MAX));
        assert_eq!(after - before, 3_600_000_000);
    }
}
