//! The way to a peer.

use std::net::SocketAddr;

/// Where a datagram came from, or is to go: what is validated, nominated and bound by ICE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The peer's address as our socket sees it.
    pub remote: SocketAddr,
    /// Which of our sockets leads there.
    pub via: Via,
}

/// The kind of socket that leads to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// The UDP port that all peers share.
    Udp,
    /// One TCP connection, by the number the driver gave it; numbers are never used twice.
    Tcp(u32),
}
