//! Hoichan's media core: the driver that owns sockets, clock and threads, and its Python face.
//!
//! The protocols live in crates of their own and know nothing of the system: `wire` reads and writes packets, `srtp`
//! seals and opens them, `transport` is one peer's ICE, DTLS and data channels, `router` forwards media. Here they
//! meet: [`hub`] ties them together, [`worker`] turns them, [`net`] holds the sockets.
#![deny(unsafe_code)]

pub mod commands;
pub mod crew;
mod directory;
pub mod events;
mod exchange;
pub mod hub;
pub mod mail;
mod media_core;
pub mod net;
mod orders;
#[cfg(feature = "python")]
mod py;
mod queue;
mod ring;
mod statistics;
mod worker;

pub use media_core::{MediaCore, THREAD_NAME};
pub use statistics::{RUN_LENGTH_BOUNDS, RunLengths, WorkerStatistics};
