//! Whose word the estimate is made from.

/// Who was sent numbered packets for so long, in µs, and reports without telling of them, will never tell.
const PATIENCE: u64 = 3_000_000;

/// Where the estimate comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// No usable feedback: nothing is known, and nothing limited.
    Silent,
    /// Packets are numbered across the transport; nobody has told how they arrive yet.
    Numbered { since: u64 },
    /// Packets are numbered, and the receiver reports, but never of the numbers.
    Deaf,
    /// The receiver tells when each packet arrived.
    TransportWide,
    /// The receiver estimates for us. (draft-alvestrand-rmcat-remb-03)
    Receiver { bps: u64 },
}

impl Source {
    /// The receiver has sent an ordinary report at `now` µs.
    pub(crate) fn reported(&mut self, now: u64) {
        if let Source::Numbered { since } = *self
            && now.saturating_sub(since) > PATIENCE
        {
            *self = Source::Deaf;
        }
    }
}
