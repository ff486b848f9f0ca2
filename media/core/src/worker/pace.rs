//! How long to let datagrams gather before the next batch.

use std::time::{Duration, Instant};

/// Below this share of the time at work, every datagram is handled at once.
const IDLE_SHARE: f64 = 0.2;
/// From this share on, datagrams gather for [`LONGEST_TICK`].
const BUSY_SHARE: f64 = 0.6;
/// Bounds what gathering adds to the delay of a packet.
const LONGEST_TICK: Duration = Duration::from_millis(1);
const WINDOW: Duration = Duration::from_millis(100);

/// Measures how busy the worker is and chooses the least time between two batches accordingly: larger batches make
/// longer runs per destination, and a run costs little more than a packet.
#[derive(Debug)]
pub struct Pace {
    window_began: Instant,
    worked: Duration,
    busy_share: f64,
    tick: Duration,
}

impl Pace {
    /// Idle so far.
    pub fn new(now: Instant) -> Self {
        Self {
            window_began: now,
            worked: Duration::ZERO,
            busy_share: 0.0,
            tick: Duration::ZERO,
        }
    }

    /// The share of the last window that was work, 0.0 to 1.0.
    pub fn busy_share(&self) -> f64 {
        self.busy_share
    }

    /// How long datagrams gather at present.
    pub fn tick(&self) -> Duration {
        self.tick
    }

    /// Notes a turn of work, and returns how long to rest after it.
    pub fn after_turn(&mut self, began: Instant, ended: Instant) -> Duration {
        let worked = ended.saturating_duration_since(began);
        self.worked += worked;
        let window = ended.saturating_duration_since(self.window_began);
        if window >= WINDOW {
            self.busy_share = (self.worked.as_secs_f64() / window.as_secs_f64()).min(1.0);
            self.tick = tick_for(self.busy_share);
            self.window_began = ended;
            self.worked = Duration::ZERO;
        }
        self.tick.saturating_sub(worked)
    }
}

/// Rises in proportion between the two shares.
fn tick_for(busy_share: f64) -> Duration {
    let rise = (busy_share - IDLE_SHARE) / (BUSY_SHARE - IDLE_SHARE);
    LONGEST_TICK.mul_f64(rise.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays turns of `work` each `period` for a second, and returns the rest asked for at the end.
    fn rest_after_a_second(work: Duration, period: Duration) -> Duration {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut rest = Duration::ZERO;
        let mut now = start;
        while now < start + Duration::from_secs(1) {
            rest = pace.after_turn(now, now + work);
            now += period;
        }
        rest
    }

    #[test]
    fn an_idle_worker_handles_every_datagram_at_once() {
        let rest = rest_after_a_second(Duration::from_micros(100), Duration::from_millis(1));
        assert_eq!(rest, Duration::ZERO);
    }

    #[test]
    fn a_busy_worker_lets_datagrams_gather_but_never_longer_than_the_bound() {
        let half = rest_after_a_second(Duration::from_micros(100), Duration::from_micros(250));
        let full = rest_after_a_second(Duration::from_micros(100), Duration::from_micros(100));
        assert!(half > Duration::from_micros(300), "{half:?}");
        assert!(full > half && full <= LONGEST_TICK, "{full:?}");
    }
}
