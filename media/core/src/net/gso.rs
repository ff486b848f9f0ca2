//! Where runs of datagrams may be sent as one message (UDP_SEGMENT), and where they may not.
//!
//! Segmentation is the one thing that makes sending cheap, but a driver or a path may refuse it. A refusal is
//! remembered per remote address, and that address gets single datagrams from then on.

use std::collections::HashSet;
use std::io;
use std::net::IpAddr;

/// Most datagrams in one message; UDP_MAX_SEGMENTS of kernels before 6.9.
pub const MAX_SEGMENTS: u16 = 64;
/// More refusals than this mean that segmentation works nowhere.
const REMEMBERED: usize = 256;

/// Remembers who must get single datagrams.
#[derive(Debug, Default)]
pub struct Segmentation {
    refused: HashSet<IpAddr>,
    nowhere: bool,
}

impl Segmentation {
    /// Whether a run may go to `remote` as one message.
    #[must_use]
    pub fn is_allowed(&self, remote: IpAddr) -> bool {
        !self.nowhere && (self.refused.is_empty() || !self.refused.contains(&remote))
    }

    /// Sends no more runs to `remote`.
    pub fn refuse(&mut self, remote: IpAddr) {
        self.refused.insert(remote);
        self.nowhere |= self.refused.len() > REMEMBERED;
    }
}

/// Whether `error` is how kernels and drivers refuse UDP_SEGMENT: EIO without checksum offload, EINVAL where
/// the option is unknown or a segment exceeds the path MTU, EMSGSIZE when it would be fragmented.
#[must_use]
pub fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EIO | libc::EINVAL | libc::EMSGSIZE)
    )
}
