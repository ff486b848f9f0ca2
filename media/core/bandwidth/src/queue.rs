//! What is queued on the way: delay above the least that was seen.

use crate::groups::Passage;
use std::collections::VecDeque;

/// The least delay is remembered for one to two of these, in µs: long enough to outlast a standing queue of ours,
/// short enough for the drift of two clocks (100 ppm make 3 ms) and for a route that has become longer.
const BASE_WINDOW: i64 = 15_000_000;

/// The queue is what the least delayed group of so long had to wait, in µs: jitter spares some, a queue none.
const STANDING_WINDOW: i64 = 150_000;

/// Groups looked at for it, at most.
const MAX_GROUPS: usize = 32;

/// A queue that is gone is forgotten with this time constant, in µs: some download's windows.
const LATE: f64 = 3_000_000.0;

/// Remembered of one group.
#[derive(Clone, Copy, Debug)]
struct Point {
    arrival: i64,
    delay: i64,
    /// Wait beyond what our own packets explain; below zero if the link is faster than believed.
    surplus: i64,
}

/// How much of the noise stays when a new group comes.
const NOISE_SMOOTHING: f64 = 0.95;

/// The delay above the base.
#[derive(Debug)]
pub(crate) struct Queue {
    /// The least delay of the present window, and of the one before, in µs.
    base: Option<(i64, i64)>,
    window_began: i64,
    recent: VecDeque<Point>,
    /// The longest standing queue of late, in ms, and when it was as long.
    longest: (f64, i64),
    /// Mean difference between neighbouring groups' waits that our own packets do not explain, in µs; and the same
    /// with the sign kept.
    noise: f64,
    jitter: f64,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Queue {
            base: None,
            window_began: 0,
            recent: VecDeque::with_capacity(MAX_GROUPS + 1),
            longest: (0.0, 0),
            noise: 0.0,
            jitter: 0.0,
        }
    }

    /// Takes the next group. Returns how long it waited, in µs, beyond what our own packets before it explain.
    pub(crate) fn push(&mut self, passage: Passage) -> i64 {
        self.note_base(passage);
        let waited = passage.delay - self.base();
        let point = Point {
            arrival: passage.arrival,
            delay: passage.delay,
            surplus: waited - passage.expected_wait,
        };
        if let Some(before) = self.recent.back() {
            let unexplained = point.surplus.max(0).abs_diff(before.surplus.max(0));
            smooth(&mut self.noise, unexplained as f64);
            smooth(
                &mut self.jitter,
                point.surplus.abs_diff(before.surplus) as f64,
            );
        }
        self.recent.push_back(point);
        while self.recent.len() > MAX_GROUPS
            || self
                .recent
                .front()
                .is_some_and(|old| passage.arrival - old.arrival > STANDING_WINDOW)
        {
            self.recent.pop_front();
        }
        let standing = self.standing();
        if standing >= self.longest_of_late() {
            self.longest = (standing, passage.arrival);
        }
        point.surplus.max(0)
    }

    /// How long the standing queue was of late, in ms: losses are told of when the queue that caused them may be gone.
    pub(crate) fn longest_of_late(&self) -> f64 {
        let (longest, since) = self.longest;
        let now = self.recent.back().map_or(since, |group| group.arrival);
        longest * (-((now - since) as f64) / LATE).exp()
    }

    /// What even the least delayed group of late had to wait, in ms.
    pub(crate) fn standing(&self) -> f64 {
        let least = self.recent.iter().map(|group| group.delay).min();
        least.map_or(0.0, |least| (least - self.base()) as f64 / 1000.0)
    }

    /// The same of what our own packets do not explain, in ms.
    pub(crate) fn unexplained(&self) -> f64 {
        let least = self.recent.iter().map(|group| group.surplus.max(0)).min();
        least.unwrap_or(0) as f64 / 1000.0
    }

    /// How much neighbouring groups differ in what our own packets do not explain, in ms.
    pub(crate) fn noise(&self) -> f64 {
        self.noise / 1000.0
    }

    /// How much they differ altogether, in ms.
    pub(crate) fn jitter(&self) -> f64 {
        self.jitter / 1000.0
    }

    fn base(&self) -> i64 {
        self.base.map_or(0, |(present, before)| present.min(before))
    }

    fn note_base(&mut self, passage: Passage) {
        match &mut self.base {
            None => {
                self.base = Some((passage.delay, passage.delay));
                self.window_began = passage.arrival;
            }
            Some((present, before)) => {
                if passage.arrival - self.window_began > BASE_WINDOW {
                    self.window_began = passage.arrival;
                    (*before, *present) = (*present, passage.delay);
                }
                *present = (*present).min(passage.delay);
            }
        }
    }
}

fn smooth(mean: &mut f64, value: f64) {
    *mean = NOISE_SMOOTHING * *mean + (1.0 - NOISE_SMOOTHING) * value;
}
