//! The outpost's side of relays: tracks whose publishers live on other workers.

use super::intake::{Stored, describe};
use super::{LayerKey, Router};
use crate::consumer::Selection;
use crate::moment::Moment;
use crate::parameters::{Error, ProducerId, ProducerParameters};
use crate::producer::{Origin, Producer};
use crate::relay::{Facts, Item, LayerFacts, RelayedPacket, RouterIndex};
use hoichan_wire::rtp::Header;
use std::sync::Arc;

impl Router {
    /// Holds a track that `home` receives, as long as somebody is subscribed to it here. One that is here already, by
    /// whatever way, stays as it is.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn add_relayed(
        &mut self,
        id: ProducerId,
        home: RouterIndex,
        parameters: &Arc<ProducerParameters>,
    ) -> Result<(), Error> {
        if self.producer_keys.contains_key(&id) {
            return Ok(());
        }
        let producer = Producer::new(id, Origin::at(home), Arc::clone(parameters))?;
        let key = self.producers.insert(producer);
        self.producer_keys.insert(id, key);
        self.relays.relayed.push(key);
        Ok(())
    }

    /// The track of that id that `home` relays to us.
    fn relayed_from(&self, home: RouterIndex, id: ProducerId) -> Option<usize> {
        let key = *self.producer_keys.get(&id)?;
        (self.producers[key].origin.home() == Some(home)).then_some(key)
    }

    /// Takes in what must be known of a track. One that nobody here has to do with is refused.
    pub(super) fn take_facts(&mut self, moment: &Moment, home: RouterIndex, facts: &Facts) {
        let Some(key) = self.relayed_from(home, facts.producer) else {
            return self
                .relays
                .post(home)
                .tell(Item::Wish(facts.producer, None));
        };
        let is_changed = *self.producers[key].parameters != *facts.parameters;
        if is_changed && !self.replace_relayed(key, home, facts) {
            return;
        }
        self.introduce(key, facts);
        for (index, layer) in (0..).zip(&facts.layers) {
            self.take_layer_facts(
                moment,
                LayerKey {
                    producer: key,
                    layer: index,
                },
                layer,
            );
        }
        if std::mem::replace(&mut self.producers[key].live, facts.live) != facts.live {
            self.retarget_all(key);
        }
    }

    /// The publisher has negotiated something else. Returns whether that is of use.
    fn replace_relayed(&mut self, key: usize, home: RouterIndex, facts: &Facts) -> bool {
        let origin = Origin::at(home); // All is to be wished for anew.
        let parameters = Arc::clone(&facts.parameters);
        let producer = Producer::new(facts.producer, origin, parameters);
        let Ok(producer) = producer else {
            return false;
        };
        self.replace_producer(key, producer);
        true
    }

    fn introduce(&mut self, key: usize, facts: &Facts) {
        let producer = &mut self.producers[key];
        if let Some(relay) = producer.origin.relay() {
            relay.is_introduced = true;
            relay.clock_offset = facts.clock_offset;
        }
        let (is_paused, group) = (producer.paused, producer.group);
        // Both are of a track that is here, and of a group that was checked at home.
        if is_paused != facts.paused {
            let _ = self.pause_producer(facts.producer, facts.paused);
        }
        if group != facts.group {
            let _ = self.rank_producer(facts.producer, facts.group);
        }
    }

    fn take_layer_facts(&mut self, moment: &Moment, key: LayerKey, facts: &LayerFacts) {
        let layers = &mut self.producers[key.producer].layers;
        let Some(layer) = layers.get_mut(usize::from(key.layer)) else {
            return;
        };
        let former = layer.ssrc();
        if let Some(stream) = facts.stream.filter(|stream| former != Some(stream.ssrc)) {
            layer.start(moment, stream.ssrc, stream.clock_rate, 0);
        }
        layer.clock = facts.clock;
        layer.volume = facts.volume;
        layer.rates = facts.rates;
        if former.is_some() && former != layer.ssrc() {
            self.restart_consumers(key.producer, key.layer);
        }
    }

    /// Takes a packet into the ring of its layer, and puts it on the list of the next flush.
    pub(super) fn take_relayed(&mut self, moment: &Moment, packet: &RelayedPacket, bytes: &[u8]) {
        let known = self.producer_keys.get(&packet.producer).copied();
        let stored = known.and_then(|key| {
            let key = LayerKey {
                producer: key,
                layer: packet.layer,
            };
            Some((key, self.store_relayed(key, packet, bytes)?))
        });
        match stored {
            Some((key, stored)) => self.note_stored(moment, key, &packet.entry, &stored),
            None => self.counters.dropped_relay_stale += 1,
        }
    }

    /// `None` if it is of another stream than the facts told of, or has come before.
    fn store_relayed(
        &mut self,
        key: LayerKey,
        packet: &RelayedPacket,
        bytes: &[u8],
    ) -> Option<Stored> {
        let producer = &mut self.producers[key.producer];
        let relay = producer.origin.relay()?;
        if !relay.is_introduced || producer.paused {
            return None;
        }
        let entry = &packet.entry;
        let codec = producer.codec(entry.payload_type)?;
        let extensions = &producer.extensions;
        let layer = producer.layers.get_mut(usize::from(key.layer))?;
        if layer.ssrc() != Some(packet.ssrc) || !layer.ring.is_wanted(entry.sequence) {
            return None;
        }
        layer.ring.slot()[..bytes.len()].copy_from_slice(bytes);
        layer.ring.commit(bytes.len(), entry);
        let header = extensions.has_descriptors().then(|| Header::parse(bytes));
        let descriptor = header
            .flatten()
            .and_then(|header| extensions.descriptor(&header, bytes))
            .and_then(|data| describe(&mut layer.structure, data));
        let media = entry.payload.of(bytes);
        let descriptor = descriptor.as_ref().map(|(descriptor, _)| descriptor);
        Some(Stored {
            len: bytes.len(),
            clock_rate: codec.clock_rate,
            level: extensions.level(&entry.elements, bytes),
            is_entry_point: !media.is_empty() && codec.codec.is_entry_point(media, descriptor),
            resumes: packet.resumes,
        })
    }

    /// The home has no such track any more; its subscribers here go with it.
    pub(super) fn end_relayed(&mut self, home: RouterIndex, id: ProducerId) {
        if let Some(key) = self.relayed_from(home, id) {
            self.drop_producer(key);
        }
    }

    /// Tells homes which layers are wished for, where that has changed.
    pub(super) fn settle_wishes(&mut self) {
        if !std::mem::take(&mut self.relays.is_unsettled) {
            return;
        }
        for index in 0..self.relays.relayed.len() {
            let key = self.relays.relayed[index];
            let wished = self.wished_layers(key);
            let producer = &mut self.producers[key];
            let Some(relay) = producer.origin.relay() else {
                continue;
            };
            if relay.wished.replace(wished) != Some(wished) {
                let wish = Item::Wish(producer.id, Some(wished));
                self.relays.post(relay.home).tell(wish);
            }
        }
    }

    /// The layers that somebody gets, and those with which somebody who waits may start.
    fn wished_layers(&self, key: usize) -> u8 {
        let producer = &self.producers[key];
        let taken = (0..)
            .zip(&producer.layers)
            .fold(0, |layers, (index, layer)| {
                layers | u8::from(!layer.consumers.is_empty()) << index
            });
        let waiting = producer.waiting.iter();
        waiting.fold(taken, |layers, consumer| {
            layers
                | match self.consumers[*consumer].selection {
                    Selection::Off => 0,
                    Selection::Waiting { target } => u8::MAX >> (7 - target.min(7)),
                    Selection::On { target, .. } => 1 << target,
                }
        })
    }

    /// Asks the home for a key frame, if it is due. Returns whether it is still to be waited for.
    pub(super) fn request_relayed_keyframe(&mut self, moment: &Moment, key: LayerKey) -> bool {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        if layer.keyframe.take_due(moment)
            && let Some(home) = producer.origin.home()
        {
            let wish = Item::Keyframe(producer.id, key.layer);
            self.relays.post(home).tell(wish);
        }
        true
    }
}
