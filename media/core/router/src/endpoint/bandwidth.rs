//! What the way to the peer carries: the estimator's place in an endpoint.

use super::Endpoint;

/// Bytes of IPv4 and UDP around each of our datagrams: links carry them, so estimates count them.
pub(super) const DATAGRAM_OVERHEAD: usize = 28;

/// An estimate that moved by less is no news, in percent: no layer fits into it.
const NEWS_PERCENT: u64 = 5;

impl Endpoint {
    /// What may be sent to the peer, in bit/s of IP packets, audio and retransmissions included; `None` if it gives
    /// no feedback to tell by, and so no limit is known.
    pub(crate) fn available(&self) -> Option<u64> {
        self.estimator.available()
    }

    /// Whether the peer has told anything yet; before that, what is available is a guess.
    pub(crate) fn is_measured(&self) -> bool {
        self.estimator.is_measured()
    }

    /// All that one would like to send to the peer, in bit/s: the estimator looks for no more.
    pub(crate) fn set_desired(&mut self, bps: u64) {
        self.estimator.set_desired(bps);
    }

    /// The receiver's own estimate.
    pub(crate) fn take_remb(&mut self, bps: u64) {
        self.estimator.remb(bps);
    }

    /// Whether what is available has moved since this was last true.
    pub(crate) fn take_estimate_change(&mut self) -> bool {
        let available = self.available();
        let is_news = match (self.told_available, available) {
            (Some(told), Some(now)) => told.abs_diff(now) > told / 100 * NEWS_PERCENT,
            (told, now) => told != now,
        };
        if is_news {
            self.told_available = available;
        }
        is_news
    }
}
