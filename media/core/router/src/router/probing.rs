//! Probes: padding above the estimate, in bursts a few milliseconds apart, for a few dozen milliseconds.

use super::Router;
use crate::consumer::PADDING_LEN;
use crate::moment::Moment;
use crate::outbox::Outbox;
use crate::parameters::EndpointId;
use std::time::Duration;

impl Router {
    /// Looks after the estimate of one endpoint, and begins a probe if that is due.
    pub(super) fn look_after_estimate(
        &mut self,
        moment: &Moment,
        id: EndpointId,
        outbox: &mut Outbox,
    ) {
        let endpoint = self.endpoint(id);
        let probes = endpoint.is_some_and(|endpoint| endpoint.estimate_due(moment));
        self.note_estimate(id);
        if probes && !self.probing.contains(&id) {
            self.probing.push(id);
            self.send_probe(moment, id, outbox);
        }
    }

    /// Goes on with all probes that are under way. Returns when the next burst is due.
    pub(super) fn send_probes(&mut self, moment: &Moment, outbox: &mut Outbox) -> Option<Duration> {
        let mut probing = std::mem::take(&mut self.probing);
        probing.retain(|id| {
            let endpoint = self.endpoint(*id);
            let goes_on = endpoint.is_some_and(|endpoint| endpoint.estimate_due(moment));
            if goes_on {
                self.send_probe(moment, *id, outbox);
            }
            goes_on
        });
        self.probing = probing;
        self.next_probe(moment)
    }

    /// When the next burst of any probe is due, counted from the router's start.
    pub(super) fn next_probe(&self, moment: &Moment) -> Option<Duration> {
        let endpoints = self.probing.iter();
        let endpoints = endpoints.filter_map(|id| self.endpoints.get(*id as usize)?.as_deref());
        endpoints
            .filter_map(|endpoint| endpoint.probe_deadline(moment))
            .min()
    }

    /// Sends what a probe is behind, to the nearest packet: of one size, and so one message.
    fn send_probe(&mut self, moment: &Moment, id: EndpointId, outbox: &mut Outbox) {
        self.at_work = Some(id);
        let endpoint = self.endpoints.get_mut(id as usize);
        let Some(endpoint) = endpoint.and_then(Option::as_deref_mut) else {
            return;
        };
        let mut due = endpoint.probe_bytes(moment).unwrap_or(0);
        let mut keys = endpoint.consumers.iter().map(|known| known.1);
        let Some(key) = keys.find(|key| self.consumers[*key].can_pad()) else {
            return;
        };
        let Some(mut egress) = endpoint.egress() else {
            return;
        };
        let consumer = &mut self.consumers[key];
        while due >= PADDING_LEN / 2 {
            let len = consumer.pad(&mut egress, (moment, outbox)) as u64;
            if len == 0 {
                break;
            }
            self.counters.padding_packets_sent += 1;
            due = due.saturating_sub(len);
        }
    }
}
