//! The transport itself: hands each event to the part it concerns.

use std::sync::Arc;
use std::time::Instant;

use crate::{Certificate, Effect, Event, IceCredentials};

/// One peer's ICE-lite, DTLS and SCTP state.
#[derive(Debug)]
pub struct Transport {
    local: IceCredentials,
    certificate: Arc<Certificate>,
}

impl Transport {
    /// A transport that answers checks for `local` and waits for [`Event::Connect`].
    #[must_use]
    pub fn new(local: IceCredentials, certificate: Arc<Certificate>) -> Self {
        Self { local, certificate }
    }

    /// Takes one event at `now` and appends what is to be done to `out`.
    pub fn handle(&mut self, now: Instant, event: Event<'_>, out: &mut Vec<Effect>) {
        let _ = (now, event, out, &self.local, &self.certificate);
    }

    /// When [`Event::Timeout`] is due, if at all.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        None
    }
}
