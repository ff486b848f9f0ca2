//! How fast bursts may leave.
//!
//! Of a link that nobody has tried, a burst may ask for little more than the estimate. But the estimate follows what is
//! sent, and frames tell more: one that left at once came in as fast as the link carries. So where frames have passed
//! quickly, a key frame need not wait here, and where they trickle in, it does.

use crate::backlog::Backlog;
use crate::groups::Train;

/// Bursts leave at their pace, but for what this many ms of it take, which is a frame: what the link cannot take would
/// only wait in its queue, and voice behind it.
const BURST_TIME: f64 = 40.0;

/// One packet may always leave after a pause, in bytes.
const MTU: f64 = 1_500.0;

/// So many times the estimate may be asked of any link.
const PACE: f64 = 1.5;

/// A train proves no more than if it had taken so long to come in, in µs: radios deliver several packets at once, and
/// shapers let a few pass.
const LEAST_SPAN: i64 = 10_000;

/// A slow train of fewer packets, the first left out, says nothing: jitter may have torn it.
const MIN_PACKETS: u32 = 3;

/// A slow train of more halves what was proven at most, for the same reason. Frames come thirty times a second.
const LARGEST_FALL: f64 = 0.5;

/// What was proven is believed for so long after the last train, in µs: somebody who moves to another network while
/// there is no video is not to get a key frame at the old one's pace.
const LIFE: i64 = 10_000_000;

/// The pace of bursts, and how much of it is used.
#[derive(Debug, Default)]
pub(crate) struct Bursts {
    /// In bit/s; 0 for nothing.
    proven: f64,
    /// When the last train came in, in µs of the receiver's clock.
    last: i64,
    /// It has been disproven.
    is_doubtful: bool,
    /// What has left lately, against the pace.
    left: Backlog,
}

impl Bursts {
    /// Packets that left together have come in.
    pub(crate) fn arrived(&mut self, train: Option<Train>) {
        let Some(train) = train else {
            return;
        };
        if train.arrival - self.last > LIFE {
            self.proven = 0.0;
        }
        self.last = train.arrival;
        let rate = train.bits / train.span.max(LEAST_SPAN) as f64 * 1e6;
        if rate > self.proven {
            self.proven = rate;
        } else if train.span > LEAST_SPAN && train.packets >= MIN_PACKETS {
            self.proven = rate.max(LARGEST_FALL * self.proven);
        }
    }

    /// The link does not carry what was believed: all is to be proven anew.
    pub(crate) fn doubt(&mut self) {
        self.proven = 0.0;
        self.is_doubtful = true;
    }

    /// Whether the link seems to carry far more than `rate` bit/s, and has never been found not to.
    pub(crate) fn promise_more(&self, now: Option<i64>, rate: f64) -> bool {
        !self.is_doubtful && self.pace(now, rate) > PACE * rate
    }

    /// A packet of `bytes` leaves at `now` µs.
    pub(crate) fn sent(&mut self, now: u64, bytes: usize, pace: f64) {
        self.left.push(now, bytes, pace);
    }

    /// Bytes that may leave at `now` µs.
    pub(crate) fn room(&self, now: u64, pace: f64) -> u64 {
        let wait = self.left.wait(now, pace);
        let least = if wait < 1.0 { MTU } else { 0.0 };
        let bytes = (BURST_TIME - wait).max(0.0) * pace / 8e3;
        bytes.max(least) as u64
    }

    /// In bit/s, towards a link of which `capacity` is believed; `now` is in µs of the receiver's clock.
    pub(crate) fn pace(&self, now: Option<i64>, capacity: f64) -> f64 {
        let is_fresh = now.is_some_and(|now| now - self.last <= LIFE);
        let proven = if is_fresh { self.proven } else { 0.0 };
        proven.max(PACE * capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(arrival: i64, bytes: u32, span: i64) -> Option<Train> {
        Some(Train {
            arrival,
            packets: bytes / 1_000,
            bits: f64::from(bytes) * 8.0,
            span,
        })
    }

    #[test]
    fn a_frame_that_came_in_at_once_lets_a_larger_one_leave_at_once() {
        let mut bursts = Bursts::default();
        assert_eq!(bursts.pace(Some(0), 1e6), 1.5e6);
        bursts.arrived(train(1, 10_000, 250));
        assert_eq!(bursts.pace(Some(2), 1e6), 8e6, "as if it had taken 10 ms");
        bursts.arrived(train(40_000, 1_000, 20_000));
        assert_eq!(bursts.pace(Some(70_000), 1e6), 8e6, "that was jitter");
    }

    #[test]
    fn a_frame_that_trickles_in_is_followed_by_none_that_is_faster() {
        let mut bursts = Bursts::default();
        bursts.arrived(train(0, 10_000, 250));
        for frame in 1..5 {
            bursts.arrived(train(frame * 33_000, 10_000, 160_000));
        }
        assert_eq!(bursts.pace(Some(165_000), 100e3), 500e3);
    }

    #[test]
    fn what_was_proven_is_forgotten_when_it_is_old_or_disproven() {
        let mut bursts = Bursts::default();
        bursts.arrived(train(0, 10_000, 250));
        assert_eq!(bursts.pace(Some(LIFE + 1), 1e6), 1.5e6);
        bursts.doubt();
        assert_eq!(bursts.pace(Some(1), 1e6), 1.5e6);
    }
}
