//! Who gets which layer: wishes in, lists of forwarding out.

use super::{LayerKey, Router};
use crate::consumer::{EntryPoint, Relation, Selection};
use crate::event::Event;
use crate::moment::Moment;
use crate::parameters::{EndpointId, MediaKind};
use crate::producer::Producer;

impl Router {
    /// Brings what is forwarded to one consumer in line with its wish and with what there is.
    pub(super) fn retarget(&mut self, key: usize) {
        let consumer = &self.consumers[key];
        if consumer.wish.paused || self.producers[consumer.producer].paused {
            self.release(key);
        }
        let consumer = &mut self.consumers[key];
        let at = consumer.producer;
        let producer = &mut self.producers[at];
        let before = consumer.selection;
        let wish = consumer.grant.of(consumer.wish);
        let target = producer.target(wish);
        let after = match before {
            _ if wish.paused || producer.paused => Selection::Off,
            Selection::On { layer, .. } => Selection::On { layer, target },
            Selection::Off | Selection::Waiting { .. } => Selection::Waiting { target },
        };
        consumer.selection = after;
        self.relays.is_unsettled = true;
        self.set_target(key, after.layer().unwrap_or(target));
        if after == before {
            return;
        }
        let consumer = &mut self.consumers[key];
        let producer = &mut self.producers[at];
        if after == Selection::Off {
            producer.detach(key);
        }
        if before.layer() != after.layer() {
            self.events.push(Event::ConsumerLayerChanged {
                consumer: consumer.id,
                spatial_layer: after.layer(),
            });
        }
        match after.awaited() {
            Some(layer) => {
                producer.await_keyframe(key);
                let endpoint = self.consumers[key].endpoint;
                // Whoever is still connecting could not take it, and the next request would have to wait: see `wake`.
                if self
                    .endpoint(endpoint)
                    .is_some_and(|there| there.is_ready())
                {
                    self.want_keyframe(at, layer);
                }
            }
            None => producer.waiting.retain(|known| *known != key),
        }
    }

    /// [`Router::retarget`] for all consumers of a producer.
    pub(super) fn retarget_all(&mut self, producer: usize) {
        for index in 0..self.producers[producer].consumers.len() {
            let key = self.producers[producer].consumers[index];
            self.retarget(key);
            self.expect_allocation(self.consumers[key].endpoint);
        }
    }

    /// An endpoint has got its path or its keys. If it can be sent to now, its consumers ask for what they wait for.
    pub(super) fn wake(&mut self, id: EndpointId) {
        let mut keys = std::mem::take(&mut self.scratch.keys);
        keys.clear();
        if let Some(endpoint) = self.endpoint(id).filter(|there| there.is_ready()) {
            keys.extend(endpoint.consumers.iter().map(|known| known.1));
        }
        for &key in &keys {
            let consumer = &self.consumers[key];
            if let Some(layer) = consumer.selection.awaited() {
                let producer = consumer.producer;
                self.want_keyframe(producer, layer);
            }
        }
        self.scratch.keys = keys;
    }

    /// Somebody needs a key frame of this layer: the next flush asks for it.
    pub(super) fn want_keyframe(&mut self, producer: usize, layer: u8) {
        let at = &mut self.producers[producer];
        if at.kind == MediaKind::Audio {
            return;
        }
        at.layers[usize::from(layer)].keyframe.want();
        let key = LayerKey { producer, layer };
        if !self.keyframes_wanted.contains(&key) {
            self.keyframes_wanted.push(key);
        }
    }

    /// A layer's SSRC has changed: what is sent of it goes on with the new one's next key frame.
    pub(super) fn restart_consumers(&mut self, producer: usize, layer: u8) {
        for index in 0..self.producers[producer].consumers.len() {
            let key = self.producers[producer].consumers[index];
            let consumer = &mut self.consumers[key];
            if consumer.munger.layer() == Some(layer) {
                consumer.munger.end_stream();
            }
            if consumer.selection.layer() == Some(layer) {
                consumer.selection = Selection::Off;
                self.producers[producer].detach(key);
                self.retarget(key);
            }
        }
    }

    /// Moves a consumer to `at`, beginning with the packet `sequence`, which a receiver can start with.
    ///
    /// Returns whether that was done: the packet may be gone from the ring already.
    pub(super) fn switch(
        &mut self,
        moment: &Moment,
        key: usize,
        at: LayerKey,
        sequence: u64,
    ) -> bool {
        let producer = &self.producers[at.producer];
        let layer = &producer.layers[usize::from(at.layer)];
        let Some((entry, _)) = layer.ring.get(sequence) else {
            return false;
        };
        let clock_rate = producer
            .codec(entry.payload_type)
            .map_or(90_000, |codec| codec.clock_rate);
        let entry = EntryPoint {
            timestamp: entry.timestamp,
            picture: entry.picture,
            clock_rate,
        };
        self.set_target(key, at.layer);
        let producer = &mut self.producers[at.producer];
        let consumer = &mut self.consumers[key];
        let relation = relation(producer, consumer.munger.layer(), at.layer);
        consumer.switch_to(moment, (at.layer, sequence), &entry, relation);
        producer.detach(key);
        if consumer.selection.awaited().is_some() {
            producer.await_keyframe(key);
        }
        producer.layers[usize::from(at.layer)].consumers.push(key);
        self.relays.is_unsettled = true;
        self.counters.layer_switches += 1;
        self.events.push(Event::ConsumerLayerChanged {
            consumer: consumer.id,
            spatial_layer: Some(at.layer),
        });
        true
    }
}

/// How the clock of layer `new` relates to that of the layer sent last.
fn relation(producer: &Producer, last: Option<u8>, new: u8) -> Relation {
    let clock = |layer: u8| producer.layers.get(usize::from(layer))?.clock;
    match last {
        Some(last) if last == new => Relation::Same,
        Some(last) => match (clock(new), clock(last)) {
            (Some(new), Some(last)) => Relation::Reported(new, last),
            _ => Relation::Unknown,
        },
        None => Relation::Unknown,
    }
}
