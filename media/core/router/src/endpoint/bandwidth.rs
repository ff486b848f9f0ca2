//! What the way to the peer carries: the estimator's place in an endpoint.

use super::Endpoint;
use crate::moment::Moment;
use hoichan_wire::rtcp::TransportFeedback;
use std::time::Duration;

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

    /// What the link can be relied on to carry, in bit/s, if `available` is what it carries now; `None` while that is a
    /// guess: nothing was told yet, or only for a short time and everything speaks for more.
    pub(crate) fn reliable(&mut self, moment: &Moment, available: u64) -> Option<u64> {
        if !self.is_measured() {
            return None;
        }
        let steady = self.steady.observe(moment.millis, available);
        let is_known = !self.estimator.is_cautious() || self.steady.is_settled(moment.millis);
        is_known.then_some(steady)
    }

    /// Whether voices are to be sent without repetition.
    pub(crate) fn spares_redundancy(&mut self, moment: &Moment) -> bool {
        let loss = self.estimator.snapshot().loss;
        let available = self.is_measured().then(|| self.available()).flatten();
        available.is_some_and(|available| self.thrift.spares(moment.millis, available, loss))
    }

    /// All that one would like to send to the peer, in bit/s: the estimator looks for no more.
    pub(crate) fn set_desired(&mut self, bps: u64) {
        self.estimator.set_desired(bps);
    }

    /// The peer tells when our packets arrived.
    pub(crate) fn take_transport_feedback(
        &mut self,
        moment: &Moment,
        feedback: &TransportFeedback<'_>,
    ) {
        self.estimator.feedback(moment.since_start, feedback);
    }

    /// The peer's own estimate.
    pub(crate) fn take_remb(&mut self, bps: u64) {
        self.estimator.remb(bps);
    }

    /// The peer has sent a receiver report.
    pub(crate) fn note_report(&mut self, moment: &Moment) {
        self.estimator.reported(moment.since_start);
    }

    /// Does what is due for the estimate. Returns whether part of a probe is to be sent.
    pub(crate) fn estimate_due(&mut self, moment: &Moment) -> bool {
        self.estimator.timeout(moment.since_start);
        self.estimator.probe(moment.since_start).is_some()
    }

    /// Bytes that a probe is behind; `None` while none is being sent.
    pub(crate) fn probe_bytes(&self, moment: &Moment) -> Option<u64> {
        self.estimator.probe(moment.since_start)
    }

    /// When the next part of a probe is due, counted from the router's start.
    pub(crate) fn probe_deadline(&self, moment: &Moment) -> Option<Duration> {
        self.estimator.deadline(moment.since_start)
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
