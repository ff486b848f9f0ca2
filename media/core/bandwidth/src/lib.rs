//! What the way to one subscriber carries, found out by the sender from what the subscriber says about arrivals.
//!
//! One [`Estimator`] per transport. It is told of every packet that leaves and of every feedback that comes, and
//! answers with an estimate in bit/s and, now and then, with a probe to be sent. It has no clock, no socket and,
//! once warm, no allocation: times are durations since any moment the caller likes.

mod estimator;

pub use estimator::Estimator;
