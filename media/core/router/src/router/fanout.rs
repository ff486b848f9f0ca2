//! The flush: everything pending, to everyone who wants it.
//!
//! Layer by layer, subscriber by subscriber, packet by packet: in this order one subscriber's packets lie back
//! to back in the arena, as one message, and the layer's packets stay in the cache for the next subscriber.

use super::{LayerKey, Nacked, Router};
use crate::consumer::Batch;
use crate::moment::Moment;
use crate::outbox::Outbox;
use hoichan_wire::rtcp::write_pli;
use std::time::Instant;

impl Router {
    /// Answers NACKs, fans out everything pending, and asks for the key frames that are wanted.
    ///
    /// To be called after each batch of datagrams and after each batch of commands.
    pub fn flush(&mut self, now: Instant, outbox: &mut Outbox) {
        let moment = self.epoch.at(now);
        self.send_facts();
        self.answer_nacks(&moment, outbox);
        while let Some(layer) = self.dirty.pop_front() {
            self.fan_out(&moment, layer, outbox);
        }
        self.allocate_due(&moment);
        self.settle_wishes();
        self.request_keyframes(&moment, outbox);
    }

    /// Sends the pending packets of one layer to its consumers, and starts those that waited for them.
    fn fan_out(&mut self, moment: &Moment, key: LayerKey, outbox: &mut Outbox) {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        // Taken out, so that a panic on the way loses this batch and not the layer.
        let mut pending = std::mem::take(&mut layer.pending);
        let entry_point = layer.pending_entry_point.take();
        let resumed_at = layer.resumed_at.take();
        let mut batch = Batch {
            moment,
            outbox,
            drafts: &mut self.scratch.drafts,
        };
        for &consumer_key in &layer.consumers {
            let consumer = &mut self.consumers[consumer_key];
            self.at_work = Some(consumer.endpoint);
            if let Some(sequence) = resumed_at {
                consumer.resume_at(sequence);
            }
            let endpoint = self.endpoints[consumer.endpoint as usize].as_mut();
            if let Some(mut egress) = endpoint.and_then(|endpoint| endpoint.egress()) {
                self.counters.packets_sent += consumer.forward_paced(
                    &mut egress,
                    (producer.kind, &*layer, key.layer),
                    pending.iter().copied(),
                    &mut batch,
                );
            }
            if consumer.held.is_some() && !self.held.contains(&consumer_key) {
                self.held.push(consumer_key);
                self.timers.expect_release(moment);
            }
        }
        self.relay(key, &pending, resumed_at);
        pending.clear();
        self.producers[key.producer].layers[usize::from(key.layer)].pending = pending;
        if let Some(sequence) = entry_point {
            self.start_waiting(moment, key, sequence, outbox);
        }
    }

    /// Switches those who waited for this layer to it. They get all that came since its entry point.
    fn start_waiting(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        sequence: u64,
        outbox: &mut Outbox,
    ) {
        let mut waiting = std::mem::take(&mut self.scratch.keys);
        waiting.clear();
        waiting.extend_from_slice(&self.producers[key.producer].waiting);
        for &consumer in &waiting {
            let endpoint = self.consumers[consumer].endpoint;
            self.at_work = Some(endpoint);
            let is_ready = self
                .endpoint(endpoint)
                .is_some_and(|there| there.is_ready());
            let starts = is_ready && self.consumers[consumer].selection.starts_at(key.layer);
            if starts {
                self.let_go(moment, consumer, true, outbox);
            }
            if starts && self.switch(moment, consumer, key, sequence) {
                self.catch_up(moment, consumer, key, sequence, outbox);
            }
        }
        self.scratch.keys = waiting;
    }

    /// Sends all the ring holds from `sequence` on.
    fn catch_up(
        &mut self,
        moment: &Moment,
        consumer: usize,
        key: LayerKey,
        sequence: u64,
        outbox: &mut Outbox,
    ) {
        let producer = &self.producers[key.producer];
        let layer = &producer.layers[usize::from(key.layer)];
        let consumer_key = consumer;
        let consumer = &mut self.consumers[consumer_key];
        let endpoint = self.endpoints[consumer.endpoint as usize].as_mut();
        if let Some(mut egress) = endpoint.and_then(|endpoint| endpoint.egress()) {
            let mut batch = Batch {
                moment,
                outbox,
                drafts: &mut self.scratch.drafts,
            };
            self.counters.packets_sent += consumer.forward_paced(
                &mut egress,
                (producer.kind, layer, key.layer),
                sequence..=layer.ring.highest(),
                &mut batch,
            );
        }
        self.note_held(moment, consumer_key);
    }

    /// Sends again what subscribers have asked for, as far as it is there and their budgets allow; what their links
    /// cannot take at once waits.
    pub(super) fn answer_nacks(&mut self, moment: &Moment, outbox: &mut Outbox) {
        let mut nacked = std::mem::take(&mut self.nacked);
        nacked.retain(|one| !self.answer_nack(moment, *one, outbox));
        self.nacked = nacked;
        if !self.nacked.is_empty() {
            self.timers.expect_release(moment);
        }
    }

    /// Returns whether one number was dealt with, for good or ill.
    fn answer_nack(&mut self, moment: &Moment, nacked: Nacked, outbox: &mut Outbox) -> bool {
        let consumer = &mut self.consumers[nacked.consumer];
        self.at_work = Some(consumer.endpoint);
        let producer = &self.producers[consumer.producer];
        let layer_of = |layer: u8| producer.layers.get(usize::from(layer));
        let endpoint = self.endpoints[consumer.endpoint as usize].as_mut();
        let mut egress = endpoint.and_then(|endpoint| endpoint.egress());
        if egress.as_ref().and_then(|egress| egress.room(moment)) == Some(0) {
            return false;
        }
        let sent = egress.as_mut().is_some_and(|egress| {
            consumer.retransmit(egress, layer_of, nacked.sequence, (moment, outbox))
        });
        self.counters.retransmitted_packets_sent += u64::from(sent);
        self.counters.dropped_nack += u64::from(!sent);
        true
    }

    /// Asks publishers for the key frames that are wanted, as often as is decent.
    pub(super) fn request_keyframes(&mut self, moment: &Moment, outbox: &mut Outbox) {
        let mut wanted = std::mem::take(&mut self.keyframes_wanted);
        wanted.retain(|key| self.request_keyframe(moment, *key, outbox));
        self.keyframes_wanted = wanted;
    }

    /// Asks for one, if it is due. Returns whether it is still to be waited for.
    fn request_keyframe(&mut self, moment: &Moment, key: LayerKey, outbox: &mut Outbox) -> bool {
        let producer = &mut self.producers[key.producer];
        let is_wanted = producer.is_wanted(key.layer);
        let layer = &mut producer.layers[usize::from(key.layer)];
        if !is_wanted {
            layer.keyframe.satisfy(); // Whoever waited has left, or wishes for another layer now.
        }
        if !layer.keyframe.is_pending() {
            return false;
        }
        let Some(media_ssrc) = layer.ssrc() else {
            return true; // Not started: its first packet will be of a key frame.
        };
        let Some(endpoint) = producer.origin.endpoint() else {
            return self.request_relayed_keyframe(moment, key);
        };
        let endpoint = self.endpoints[endpoint as usize].as_mut();
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.is_ready()) else {
            return true;
        };
        if layer.keyframe.take_due(moment) {
            self.counters.key_frames_requested += 1;
            let compound = &mut self.scratch.compound;
            compound.clear();
            write_pli(compound, endpoint.local_ssrc, media_ssrc);
            if let Some(mut egress) = endpoint.egress() {
                egress.send_rtcp(outbox, compound);
            }
        }
        true
    }
}
