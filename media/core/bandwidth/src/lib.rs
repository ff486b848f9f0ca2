//! What the way to one subscriber carries, found out by the sender from what the subscriber says about arrivals.
//!
//! One [`Estimator`] per transport. It is told of every packet that leaves and of every feedback that comes, and
//! answers with an estimate in bit/s and, now and then, with a probe to be sent. It has no clock, no socket and,
//! once warm, no allocation: times are durations since any moment the caller likes.
//!
//! | module | what it finds out |
//! | --- | --- |
//! | `clock` | what the receiver's clock says |
//! | `source` | whose word there is to go by |
//! | `history` | which packet was sent when; which are lost |
//! | `groups` | how the delay of packets that left together changes |
//! | `trend` | whether the delay grows: Google congestion control's detector |
//! | `queue` | how long packets wait on the way |
//! | `backlog` | how much of that is our own doing |
//! | `bursts` | how fast bursts may leave |
//! | `throughput` | how much arrives, and how much is sent |
//! | `control` | the rate that follows from these |
//! | `loss` | whether what is lost was too much, or just lost |
//! | `probe` | whether the way carries more than there is to send |
//! | [`Estimator`] | brings them together |

mod backlog;
mod bursts;
mod clock;
mod control;
mod estimator;
mod groups;
mod history;
mod loss;
mod probe;
mod queue;
mod snapshot;
mod source;
mod throughput;
mod trend;

pub use estimator::Estimator;
pub use snapshot::Snapshot;
