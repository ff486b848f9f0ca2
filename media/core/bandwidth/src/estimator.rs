//! The estimator whole: what its parts find is brought together here.

use std::time::Duration;

/// Before anything is known, in bit/s: enough for voice and a small picture, little enough for any link that can
/// hold a call. (libwebrtc starts its calls with the same.)
const START_BPS: u64 = 300_000;

/// What the way to one subscriber carries.
#[derive(Debug)]
pub struct Estimator {
    source: Source,
    desired_bps: u64,
}

/// Where the estimate comes from.
#[derive(Debug)]
enum Source {
    /// No usable feedback was negotiated: nothing is known, and nothing limited.
    Silent,
    /// Packets are numbered across the transport; nobody has told how they arrive yet.
    Numbered,
    /// The receiver estimates for us. (draft-alvestrand-rmcat-remb-03)
    Receiver { bps: u64 },
}

impl Default for Estimator {
    fn default() -> Self {
        Estimator {
            source: Source::Silent,
            desired_bps: 0,
        }
    }
}

impl Estimator {
    /// A packet of `bytes`, transport-wide number `sequence`, leaves at `now`.
    pub fn sent(&mut self, _now: Duration, _sequence: u16, _bytes: usize) {
        if let Source::Silent = self.source {
            self.source = Source::Numbered;
        }
    }

    /// The receiver believes that it can take `bps`.
    pub fn remb(&mut self, _now: Duration, bps: u64) {
        self.source = Source::Receiver { bps };
    }

    /// All that one would like to send, in bit/s: probes go no further.
    pub fn set_desired(&mut self, bps: u64) {
        self.desired_bps = bps;
    }

    /// What may be sent, in bit/s of IP packets; `None` if the receiver gives no feedback to tell by.
    pub fn available(&self) -> Option<u64> {
        match self.source {
            Source::Silent => None,
            Source::Numbered => Some(START_BPS),
            Source::Receiver { bps } => Some(bps),
        }
    }
}
