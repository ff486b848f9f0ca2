//! Why the kernel would not send.

use std::io;

/// Datagrams that were not sent, by reason. None of them is waited for: media is worth nothing later, and what must
/// arrive is sent again by those who want it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// The device's queue is full, or there is no memory (ENOBUFS, ENOMEM).
    pub no_buffers: u64,
    /// A firewall of this machine forbids it (EPERM, EACCES).
    pub not_permitted: u64,
    /// Larger than the path's MTU (EMSGSIZE).
    pub too_large: u64,
    /// No way there, or not from this socket (ENETUNREACH, EHOSTUNREACH, ENETDOWN, EAFNOSUPPORT, EADDRNOTAVAIL).
    pub unreachable: u64,
    /// Anything else.
    pub other: u64,
}

impl Refusals {
    /// Counts `datagrams` that were refused with `error`.
    pub fn note(&mut self, error: &io::Error, datagrams: u64) {
        let counter = match error.raw_os_error() {
            Some(libc::ENOBUFS | libc::ENOMEM) => &mut self.no_buffers,
            Some(libc::EPERM | libc::EACCES) => &mut self.not_permitted,
            Some(libc::EMSGSIZE) => &mut self.too_large,
            Some(
                libc::ENETUNREACH
                | libc::EHOSTUNREACH
                | libc::ENETDOWN
                | libc::EAFNOSUPPORT
                | libc::EADDRNOTAVAIL,
            ) => &mut self.unreachable,
            _ => &mut self.other,
        };
        *counter += datagrams;
    }

    /// Adds those of one more flush.
    pub fn add(&mut self, others: &Self) {
        self.no_buffers += others.no_buffers;
        self.not_permitted += others.not_permitted;
        self.too_large += others.too_large;
        self.unreachable += others.unreachable;
        self.other += others.other;
    }
}
