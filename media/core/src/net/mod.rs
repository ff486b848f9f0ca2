//! Sockets, and nothing else: bytes in, bytes out, in batches.

pub mod gso;
pub mod poll;
pub mod refusals;
pub mod sys;
pub mod tcp;
pub mod udp;
