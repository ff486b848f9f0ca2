//! What a worker tells of itself: how busy it is, what waits for it, and how long its runs are.

use std::time::Instant;

use crate::crew::WorkerIndex;

/// Upper bounds of the run-length histogram, in datagrams per message; a message holds no more than the last.
pub const RUN_LENGTH_BOUNDS: [u16; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Messages sent over UDP, by how many datagrams each held: one count per bound of [`RUN_LENGTH_BOUNDS`], each
/// for the messages that are longer than the bound before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLengths(pub [u64; RUN_LENGTH_BOUNDS.len()]);

impl RunLengths {
    /// Counts a message of `count` datagrams.
    pub fn note(&mut self, count: u16) {
        let bucket = RUN_LENGTH_BOUNDS.partition_point(|bound| *bound < count);
        self.0[bucket.min(RUN_LENGTH_BOUNDS.len() - 1)] += 1;
    }
}

/// How one worker fares. Gauges are at most 50 ms old while there is traffic; totals run on over its restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkerStatistics {
    /// Which one.
    pub worker: WorkerIndex,
    /// CPU time of its thread, user and system.
    pub cpu_seconds: f64,
    /// Share of the last 100 ms spent at work, 0.0 to 1.0.
    pub busy_share: f64,
    /// How long it lets datagrams gather, at present.
    pub tick_seconds: f64,
    /// Times it woke up.
    pub turns: u64,
    /// Transports that live on it.
    pub transports: u64,
    /// Tracks that it receives.
    pub producers: u64,
    /// Tracks that it sends.
    pub consumers: u64,
    /// Commands that it has not taken yet.
    pub commands_waiting: u64,
    /// Control events for which Python's queue had no room.
    pub events_waiting: u64,
    /// Batches from other workers that it has not taken yet.
    pub parcels_waiting: u64,
    /// Times it was replaced after a fault.
    pub restarts: u64,
    /// See there.
    pub run_lengths: RunLengths,
}

/// A worker's figures, and when they were true.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// When.
    pub at: Instant,
    /// What.
    pub statistics: WorkerStatistics,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_counted_once_under_the_least_bound_that_holds_it() {
        let mut lengths = RunLengths::default();
        for count in [1, 2, 3, 4, 5, 64] {
            lengths.note(count);
        }
        assert_eq!(lengths.0, [1, 1, 2, 1, 0, 0, 1]);
    }
}
