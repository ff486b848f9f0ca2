//! Layers within one stream: what each subscriber should get of them.

use super::Router;
use crate::event::Event;

impl Router {
    /// Aims, within the stream of `layer`, at what a consumer wishes for and is granted, and asks for the key picture
    /// that this may take.
    ///
    /// Of a track with several encodings each is a stream: there the spatial layer is the encoding's own business. One
    /// that is above the grant is on its way out: of that, the least temporal layer will do.
    pub(super) fn set_target(&mut self, key: usize, layer: u8) {
        let consumer = &mut self.consumers[key];
        let wish = consumer.grant.of(consumer.wish);
        if self.producers[consumer.producer].layers.len() == 1 {
            consumer.set_target(wish.spatial_layer, wish.temporal_layer);
        } else {
            let temporal = consumer.grant.temporal_layer(consumer.wish, layer);
            consumer.set_target(u8::MAX, temporal);
        }
        self.pursue_target(key);
    }

    /// Asks for a key picture if the consumer's target takes one, and tells which spatial layer of a track in one
    /// stream it now gets, if that has changed.
    pub(super) fn pursue_target(&mut self, key: usize) {
        let consumer = &mut self.consumers[key];
        let at = consumer.producer;
        let layers = &self.producers[at].layers;
        let Some(layer) = consumer.selection.layer() else {
            return;
        };
        let volume = &layers[usize::from(layer)].volume;
        let highest = volume.highest().filter(|_| layers.len() == 1);
        if let Some(spatial_layer) = highest.and_then(|limit| consumer.filter.take_news(limit)) {
            self.events.push(Event::ConsumerLayerChanged {
                consumer: consumer.id,
                spatial_layer: Some(spatial_layer),
            });
        }
        if consumer.awaits_key_picture(volume) {
            self.want_keyframe(at, layer);
        }
    }
}
