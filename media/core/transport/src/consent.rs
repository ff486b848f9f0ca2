//! Consent: may we still send to this peer? (RFC 7675 §5.1)
//!
//! A lite agent sends no checks of its own, so the peer's authentic requests and media stand for consent.

use std::time::{Duration, Instant};

use crate::{Effect, Reason};

/// Without a sign of the peer for this long, the sending stops (RFC 7675 §5.1).
const EXPIRY: Duration = Duration::from_secs(30);
/// Without a sign for this long, the application hears of it. Browsers check every 2.5 s or sooner.
const SILENCE: Duration = Duration::from_secs(5);

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
