//! The home's side of relays: packets of our publishers, and facts, for the routers of other workers.

use super::{LayerKey, Router};
use crate::moment::Moment;
use crate::parameters::ProducerId;
use crate::producer::{Layer, Origin};
use crate::relay::{Facts, Item, Post, RelayedPacket, RouterIndex, Routers};
use std::mem;
use std::sync::Arc;
use std::time::Instant;

/// What there is for other routers, and what must be seen to.
#[derive(Debug, Default)]
pub(super) struct Relays {
    /// By router.
    posts: Vec<Post>,
    /// Keys of producers of which outposts are to be told.
    facts_due: Vec<usize>,
    /// Keys of the producers that are relayed to us.
    pub(super) relayed: Vec<usize>,
    /// What somebody gets, or waits for, has changed: other layers may be wished for.
    pub(super) is_unsettled: bool,
}

impl Relays {
    /// How many producers are relayed to us.
    pub(super) fn count(&self) -> usize {
        self.relayed.len()
    }

    /// What there is for that router.
    pub(super) fn post(&mut self, router: RouterIndex) -> &mut Post {
        let index = usize::from(router);
        if self.posts.len() <= index {
            self.posts.resize_with(index + 1, Post::default);
        }
        &mut self.posts[index]
    }
}

impl Router {
    /// Copies pending packets of one layer for the outposts that wish for it. Where there is no room, subscribers
    /// there will miss some: they go on with a key frame.
    pub(super) fn relay(&mut self, key: LayerKey, pending: &[u64], resumed_at: Option<u64>) {
        let producer = &self.producers[key.producer];
        let layer = &producer.layers[usize::from(key.layer)];
        let Some(ssrc) = layer.ssrc().filter(|_| !layer.outposts.is_empty()) else {
            return;
        };
        self.at_work = producer.origin.endpoint();
        let mut dropped = 0;
        for outpost in layer.outposts.iter() {
            let post = self.relays.post(outpost);
            for &sequence in pending {
                let Some((entry, packet)) = layer.ring.get(sequence) else {
                    continue; // Overwritten within one turn: nobody gets it.
                };
                let head = RelayedPacket {
                    producer: producer.id,
                    layer: key.layer,
                    ssrc,
                    resumes: resumed_at == Some(sequence),
                    entry: *entry,
                    len: entry.payload.end(),
                };
                dropped += u64::from(!post.add(head, packet));
            }
            self.counters.packets_relayed += pending.len() as u64;
        }
        if dropped > 0 {
            self.counters.packets_relayed -= dropped;
            self.counters.dropped_relay_slow += dropped;
            self.want_keyframe(key.producer, key.layer);
        }
    }

    /// Takes what there is for `router`, in exchange for an empty post, unless that is not empty.
    pub fn take_post(&mut self, router: RouterIndex, empty: &mut Post) {
        let known = self.relays.posts.get_mut(usize::from(router));
        if let Some(post) = known.filter(|post| empty.is_empty() && !post.is_empty()) {
            mem::swap(post, empty);
        }
    }

    /// Whether there is anything for another router.
    pub fn has_posts(&self) -> bool {
        self.relays.posts.iter().any(|post| !post.is_empty())
    }

    /// Takes what another router has for us. What became pending is for the next [`Router::flush`].
    pub fn receive_post(&mut self, now: Instant, from: RouterIndex, post: &mut Post) {
        let moment = self.epoch.at(now);
        self.at_work = None;
        post.open(|item, bytes| self.take_item(&moment, from, item, bytes));
    }

    /// Dispatches only.
    fn take_item(&mut self, moment: &Moment, from: RouterIndex, item: Item, bytes: &[u8]) {
        match item {
            Item::Packet(packet) => self.take_relayed(moment, &packet, bytes),
            Item::Facts(facts) => self.take_facts(moment, from, &facts),
            Item::Ended(id) => self.end_relayed(from, id),
            Item::Wish(id, layers) => self.take_wish(from, id, layers),
            Item::Keyframe(id, layer) => self.take_outpost_keyframe(id, layer),
            Item::Reset => self.forget_router(from),
        }
    }

    /// Outposts are to be told of a producer, if there are any.
    pub(super) fn tell_outposts(&mut self, key: usize) {
        let is_known = !self.producers[key].outposts.is_empty();
        if is_known && !self.relays.facts_due.contains(&key) {
            self.relays.facts_due.push(key);
        }
    }

    /// A second has passed: costs have been measured anew, and what an outpost wishes for may not have been known yet
    /// when it said so.
    pub(super) fn refresh_relays(&mut self) {
        let told = self.producers.iter();
        let told = told.filter(|(_, producer)| !producer.outposts.is_empty());
        self.relays.facts_due.clear();
        self.relays.facts_due.extend(told.map(|(key, _)| key));
        for key in &self.relays.relayed {
            if let Some(relay) = self.producers[*key].origin.relay()
                && !relay.is_introduced
            {
                relay.wished = None;
                self.relays.is_unsettled = true;
            }
        }
    }

    /// Tells outposts what is due; before the packets that only make sense with it.
    pub(super) fn send_facts(&mut self) {
        let mut due = mem::take(&mut self.relays.facts_due);
        for key in due.drain(..) {
            let producer = &self.producers[key];
            let facts = Facts {
                producer: producer.id,
                parameters: Arc::clone(&producer.parameters),
                paused: producer.paused,
                group: producer.group,
                clock_offset: self.clock_offset(&producer.origin),
                live: producer.live,
                layers: producer.layers.iter().map(Layer::facts).collect(),
            };
            for outpost in producer.outposts.iter() {
                let facts = Item::Facts(Box::new(facts.clone()));
                self.relays.post(outpost).tell(facts);
            }
        }
        self.relays.facts_due = due;
    }

    /// Our wall clock less that of a track's publisher.
    pub(super) fn clock_offset(&self, origin: &Origin) -> Option<u64> {
        match origin {
            Origin::Endpoint(id) => self.endpoints[*id as usize].as_ref()?.clock_offset,
            Origin::Relay(relay) => relay.clock_offset,
        }
    }

    /// A producer has gone: whoever else has to do with it is told.
    pub(super) fn end_relays(
        &mut self,
        key: usize,
        origin: &Origin,
        id: ProducerId,
        outposts: Routers,
    ) {
        self.relays.facts_due.retain(|due| *due != key);
        self.relays.relayed.retain(|known| *known != key);
        if let Some(home) = origin.home() {
            self.relays.post(home).tell(Item::Wish(id, None));
        }
        for outpost in outposts.iter() {
            self.relays.post(outpost).tell(Item::Ended(id));
        }
    }

    /// An outpost says which layers it wishes for. It may not know yet that the track is gone.
    fn take_wish(&mut self, outpost: RouterIndex, id: ProducerId, layers: Option<u8>) {
        let key = self.producer_keys.get(&id).copied();
        let Some(key) = key.filter(|key| !self.producers[*key].origin.is_relay()) else {
            return;
        };
        let producer = &mut self.producers[key];
        let is_new = producer.outposts.set(outpost, layers.is_some());
        for (index, layer) in producer.layers.iter_mut().enumerate() {
            let is_wished = layers.is_some_and(|layers| layers >> index & 1 == 1);
            layer.outposts.set(outpost, is_wished);
        }
        if is_new {
            self.tell_outposts(key);
        }
    }

    fn take_outpost_keyframe(&mut self, id: ProducerId, layer: u8) {
        let key = self.producer_keys.get(&id).copied();
        let key = key.filter(|key| usize::from(layer) < self.producers[*key].layers.len());
        if let Some(key) = key {
            self.want_keyframe(key, layer);
        }
    }

    /// Another router has begun anew: it wishes for nothing, and what it relayed has ended.
    fn forget_router(&mut self, router: RouterIndex) {
        for (_, producer) in &mut self.producers {
            producer.outposts.set(router, false);
            for layer in &mut producer.layers {
                layer.outposts.set(router, false);
            }
        }
        let relayed = self.relays.relayed.iter().copied();
        let is_its = |key: &usize| self.producers[*key].origin.home() == Some(router);
        let ended: Vec<usize> = relayed.filter(is_its).collect();
        ended.into_iter().for_each(|key| self.drop_producer(key));
    }
}
