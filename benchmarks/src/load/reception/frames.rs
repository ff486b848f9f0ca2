//! Pictures and their absence.

use std::ops::{AddAssign, Sub};

use crate::load::clock::Nanoseconds;

/// A freeze is a gap of three times the usual one, and 150 ms more than it
/// (W3C webrtc-stats, `freezeCount`, with the mean over the last 30 frames).
const FREEZE_NS: f64 = 150e6;
const MEAN_OVER: f64 = 30.0;

/// Counted pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frames {
    /// Pictures that began to arrive.
    pub count: u64,
    /// Gaps between two that a viewer notices.
    pub freezes: u64,
    /// Their sum.
    pub frozen_ns: u64,
    /// The longest gap, frozen or not.
    pub longest_gap_ns: u64,
}

impl AddAssign for Frames {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.freezes += other.freezes;
        self.frozen_ns += other.frozen_ns;
        self.longest_gap_ns = self.longest_gap_ns.max(other.longest_gap_ns);
    }
}

impl Sub for Frames {
    type Output = Self;

    /// Between two moments; the longest gap is the later's.
    fn sub(self, earlier: Self) -> Self {
        Self {
            count: self.count - earlier.count,
            freezes: self.freezes - earlier.freezes,
            frozen_ns: self.frozen_ns - earlier.frozen_ns,
            longest_gap_ns: self.longest_gap_ns,
        }
    }
}

/// Watches the pictures of one source.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    last: Option<(u32, Nanoseconds)>,
    mean_gap_ns: f64,
    frames: Frames,
}

impl Watch {
    /// What was counted.
    pub fn frames(&self) -> Frames {
        self.frames
    }

    /// A packet of the picture `timestamp` arrived.
    pub fn take(&mut self, arrived: Nanoseconds, timestamp: u32) {
        let Some((last, last_arrived)) = self.last else {
            self.last = Some((timestamp, arrived));
            self.frames.count = 1;
            return;
        };
        let is_newer = (timestamp.wrapping_sub(last) as i32) > 0;
        if !is_newer {
            return;
        }
        self.last = Some((timestamp, arrived));
        let gap = arrived.saturating_sub(last_arrived);
        self.frames.count += 1;
        self.frames.longest_gap_ns = self.frames.longest_gap_ns.max(gap);
        let is_usual = self.mean_gap_ns > 0.0;
        if is_usual && gap as f64 > (3.0 * self.mean_gap_ns).max(self.mean_gap_ns + FREEZE_NS) {
            self.frames.freezes += 1;
            self.frames.frozen_ns += gap;
        }
        self.mean_gap_ns = if is_usual {
            self.mean_gap_ns + (gap as f64 - self.mean_gap_ns) / MEAN_OVER
        } else {
            gap as f64
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_NS: u64 = 33_333_333;

    fn watch(gaps: &[u64]) -> Frames {
        let mut watch = Watch::default();
        let mut at = 1_000_000_000;
        watch.take(at, 0);
        for (number, gap) in gaps.iter().enumerate() {
            at += gap;
            watch.take(at, (number as u32 + 1) * 3000);
        }
        watch.frames()
    }

    #[test]
    fn steady_pictures_never_freeze() {
        let frames = watch(&[FRAME_NS; 60]);
        assert_eq!((frames.count, frames.freezes), (61, 0));
    }

    #[test]
    fn a_gap_of_half_a_second_is_a_freeze_and_one_of_a_hundred_milliseconds_is_none() {
        let mut gaps = [FRAME_NS; 60];
        (gaps[20], gaps[40]) = (500_000_000, 100_000_000);
        let frames = watch(&gaps);
        assert_eq!((frames.freezes, frames.frozen_ns), (1, 500_000_000));
        assert_eq!(frames.longest_gap_ns, 500_000_000);
    }
}
