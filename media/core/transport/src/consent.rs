//! Consent: may we still send to this peer? (RFC 7675 §5.1)
//!
//! A lite agent sends no checks of its own, so authentic requests and media of the peer stand for consent: those
//! that come over the selected path. Else a peer could name a victim's address once, and check from its own.

use std::time::{Duration, Instant};

use crate::{Effect, Reason};

/// Without a sign of the peer for this long, the sending stops (RFC 7675 §5.1).
const EXPIRY: Duration = Duration::from_secs(30);
/// Without a sign for this long, the application hears of it. A peer that has nothing to send checks every
/// 4 to 6 s (RFC 7675 §5.1), browsers every 2.5 s.
const SILENCE: Duration = Duration::from_secs(7);

/// Consent of one connected peer.
#[derive(Debug)]
pub enum Consent {
    /// Signs come.
    Fresh {
        /// When the last one came.
        seen: Instant,
    },
    /// None has for [`SILENCE`], and the application was told.
    Silent {
        /// When the last one came.
        seen: Instant,
    },
}

impl Consent {
    /// A sign of the peer came at `now`.
    pub fn seen(&mut self, now: Instant) -> Option<Effect> {
        let was_silent = matches!(self, Self::Silent { .. });
        *self = Self::Fresh { seen: now };
        was_silent.then_some(Effect::Reconnected)
    }

    /// What silence up to `now` has led to.
    pub fn check(&mut self, now: Instant) -> Option<Effect> {
        match *self {
            Self::Fresh { seen } | Self::Silent { seen } if now >= seen + EXPIRY => {
                Some(Effect::Failed(Reason::ConsentExpired))
            }
            Self::Fresh { seen } if now >= seen + SILENCE => {
                *self = Self::Silent { seen };
                Some(Effect::Disconnected)
            }
            Self::Fresh { .. } | Self::Silent { .. } => None,
        }
    }

    /// When to check next.
    pub fn deadline(&self) -> Instant {
        match *self {
            Self::Fresh { seen } => seen + SILENCE,
            Self::Silent { seen } => seen + EXPIRY,
        }
    }
}
