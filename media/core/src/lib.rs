//! Hoichan's media core: the driver that owns sockets, clock and threads, and its Python face.
//!
//! The protocols live in crates of their own and know nothing of the system: `wire` reads and writes packets, `srtp`
//! seals and opens them, `transport` is one peer's ICE, DTLS and data channels, `router` forwards media. Here they
//! meet: [`hub`] ties them together, [`worker`] turns them, [`net`] holds the sockets.
#![deny(unsafe_code)]

pub mod commands;
pub mod events;
pub mod hub;
mod media_core;
pub mod net;
#[cfg(feature = "python")]
mod py;
mod queue;
mod ring;
mod worker;

pub use media_core::{MediaCore, THREAD_NAME};
