//! What was held of a burst follows, a few milliseconds apart, as fast as the link takes it.

use super::Router;
use crate::consumer::Batch;
use crate::moment::Moment;
use crate::outbox::Outbox;
use std::time::Duration;

/// How often it is looked at.
pub(super) const PACE: Duration = Duration::from_millis(5);

impl Router {
    /// Notes that something is held for a consumer.
    pub(super) fn note_held(&mut self, moment: &Moment, key: usize) {
        if self.consumers[key].held_layer().is_some() && !self.held.contains(&key) {
            self.held.push(key);
            self.timers.expect_release(moment);
        }
    }

    /// Sends what is held for all, as far as their links take it. Returns whether anything is still held.
    pub(super) fn release_held(&mut self, moment: &Moment, outbox: &mut Outbox) -> bool {
        let mut held = std::mem::take(&mut self.held);
        held.retain(|key| {
            self.let_go(moment, *key, false, outbox);
            let consumer = self.consumers.get_mut(*key);
            consumer.is_some_and(|consumer| consumer.held_layer().is_some())
        });
        self.held = held;
        !self.held.is_empty()
    }

    /// Sends what is held for one consumer: all of it if `overdue`.
    pub(super) fn let_go(
        &mut self,
        moment: &Moment,
        key: usize,
        overdue: bool,
        outbox: &mut Outbox,
    ) {
        let Some(consumer) = self.consumers.get_mut(key) else {
            return;
        };
        let Some(index) = consumer.held_layer() else {
            return;
        };
        self.at_work = Some(consumer.endpoint);
        let layer = &self.producers[consumer.producer].layers[usize::from(index)];
        let endpoint = self.endpoints[consumer.endpoint as usize].as_mut();
        if let Some(mut egress) = endpoint.and_then(|endpoint| endpoint.egress()) {
            let mut batch = Batch {
                moment,
                outbox,
                drafts: &mut self.scratch.drafts,
            };
            self.counters.packets_sent += consumer.release(&mut egress, layer, overdue, &mut batch);
        }
    }
}
