//! What is told to those who watch.

use std::time::Duration;

/// What the estimator believes at one moment, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// See [`crate::Estimator::available`].
    pub available_bps: Option<u64>,
    /// See [`crate::Estimator::set_desired`].
    pub desired_bps: u64,
    /// Share of packets lost lately, 0.0 to 1.0.
    pub loss: f64,
    /// How long packets wait on the way, beyond the least delay seen.
    pub queue: Duration,
}
