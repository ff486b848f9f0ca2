//! What commands leave to be kept in order: every list that names a producer or a consumer.

use super::Router;
use crate::consumer::Selection;
use crate::endpoint::Binding;
use crate::parameters::{EndpointId, ProducerParameters};
use crate::producer::{Origin, Producer};

impl Router {
    /// Puts `producer` in the place of another; nobody's numbers start anew.
    pub(super) fn replace_producer(&mut self, key: usize, producer: Producer) -> usize {
        self.forget_layers(key);
        let replaced = std::mem::replace(&mut self.producers[key], producer);
        self.leave_endpoint(key, replaced.origin);
        let producer = &mut self.producers[key];
        producer.consumers = replaced.consumers;
        producer.paused = replaced.paused;
        producer.rank = replaced.rank;
        producer.group = replaced.group;
        producer.outposts = replaced.outposts;
        for (layer, replaced) in producer.layers.iter_mut().zip(&replaced.layers) {
            layer.outposts = replaced.outposts;
        }
        for &consumer in &producer.consumers {
            let consumer = &mut self.consumers[consumer];
            consumer.header.follow(&producer.extensions);
            consumer.munger.forget();
            consumer.selection = Selection::Off;
        }
        self.tell_outposts(key);
        self.retarget_all(key);
        key
    }

    /// Binds what the description names by SSRC, and learns under which ids the rest can be told.
    pub(super) fn bind_declared(
        &mut self,
        key: usize,
        id: EndpointId,
        parameters: &ProducerParameters,
    ) {
        let Some(endpoint) = self.endpoint(id) else {
            return;
        };
        endpoint.producers.push(key);
        endpoint.ids.merge(&parameters.header_extensions);
        for (layer, encoding) in (0..).zip(&parameters.encodings) {
            for (ssrc, is_repair) in [(encoding.ssrc, false), (encoding.rtx_ssrc, true)] {
                let binding = Binding {
                    producer: key,
                    layer,
                    is_repair,
                };
                if let Some(ssrc) = ssrc {
                    endpoint.sources.bind(ssrc, binding);
                }
            }
        }
    }

    pub(super) fn drop_producer(&mut self, key: usize) {
        self.forget_layers(key);
        self.leave_group(key);
        let producer = self.producers.remove(key);
        self.producer_keys.remove(&producer.id);
        for consumer in producer.consumers {
            self.forget_consumer(consumer);
        }
        self.leave_endpoint(key, producer.origin);
        self.end_relays(key, &producer.origin, producer.id, producer.outposts);
    }

    fn leave_endpoint(&mut self, key: usize, origin: Origin) {
        let endpoint = origin.endpoint().and_then(|id| self.endpoint(id));
        if let Some(endpoint) = endpoint {
            endpoint.remove_producer(key);
        }
    }

    pub(super) fn drop_consumer(&mut self, key: usize) {
        let at = self.consumers[key].producer;
        let producer = &mut self.producers[at];
        producer.detach(key);
        producer.consumers.retain(|known| *known != key);
        let is_last = producer.consumers.is_empty();
        self.forget_consumer(key);
        self.relays.is_unsettled = true;
        if is_last && self.producers[at].origin.is_relay() {
            self.drop_producer(at);
        }
    }

    /// Forgets a consumer that its producer does not list any more.
    fn forget_consumer(&mut self, key: usize) {
        let consumer = self.consumers.remove(key);
        self.consumer_keys.remove(&consumer.id);
        self.expect_allocation(consumer.endpoint);
        self.nacked.retain(|nacked| nacked.consumer != key);
        self.held.retain(|held| *held != key);
        if let Some(endpoint) = self.endpoint(consumer.endpoint) {
            endpoint.remove_consumer(key);
        }
    }

    /// Takes the layers of a producer off all work lists.
    fn forget_layers(&mut self, key: usize) {
        self.dirty.retain(|layer| layer.producer != key);
        self.keyframes_wanted.retain(|layer| layer.producer != key);
        self.incomplete.retain(|layer| layer.producer != key);
    }
}
