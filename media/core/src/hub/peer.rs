//! One peer as the hub sees it.

use std::time::{Duration, Instant};

use hoichan_transport::{Path, SrtpProfile, Transport};
use hoichan_wire::path::Via;

use crate::commands::TransportId;

/// Authenticated media proves the peer alive; once a second is often enough for limits of 5 and 30 s.
const SIGN_OF_LIFE_INTERVAL: Duration = Duration::from_secs(1);

/// A transport with what must be remembered of its effects.
#[derive(Debug)]
pub struct Peer {
    pub id: TransportId,
    pub transport: Transport,
    pub phase: Phase,
    /// Where everything for the peer goes; `None` before a pair is nominated.
    pub selected: Option<Path>,
    life_shown: Option<Instant>,
}

/// How far the peer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No keys yet.
    Connecting,
    /// Keys known: `Connected` follows in the same batch of effects.
    Keyed(SrtpProfile),
    /// Media and data flow.
    Connected,
    /// Silent for some seconds; it may come back.
    Silent,
}

impl Peer {
    pub fn new(id: TransportId, transport: Transport) -> Self {
        Self {
            id,
            transport,
            phase: Phase::Connecting,
            selected: None,
            life_shown: None,
        }
    }

    /// Whether authenticated media over `path` at `now` is worth telling the transport.
    pub fn shows_life(&mut self, now: Instant, path: Path) -> bool {
        let is_news = self.selected == Some(path)
            && self
                .life_shown
                .is_none_or(|shown| now >= shown + SIGN_OF_LIFE_INTERVAL);
        if is_news {
            self.life_shown = Some(now);
        }
        is_news
    }

    /// Whether media flows over `path` right now, so that nobody else may claim it.
    pub fn holds(&self, path: Path) -> bool {
        self.phase == Phase::Connected && self.selected == Some(path)
    }

    /// "udp" or "tcp".
    pub fn protocol(&self) -> &'static str {
        match self.selected.map(|path| path.via) {
            Some(Via::Tcp(_)) => "tcp",
            Some(Via::Udp) | None => "udp",
        }
    }
}
