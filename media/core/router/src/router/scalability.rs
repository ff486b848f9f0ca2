//! Layers within one stream: what each subscriber should get of them.

use super::Router;

impl Router {
    /// Aims at these layers within the stream that a consumer gets, and asks for the key picture that this may take.
    ///
    /// Of a track with several encodings each is a stream: there `spatial` is the encoding's own business, and
    /// only `temporal` counts.
    pub(super) fn set_target(&mut self, key: usize, spatial: u8, temporal: u8) {
        let at = self.consumers[key].producer;
        let has_encodings = self.producers[at].layers.len() > 1;
        let spatial = if has_encodings { u8::MAX } else { spatial };
        self.consumers[key].set_target(spatial, temporal);
        self.pursue_target(key);
    }

    /// Asks for a key picture if the consumer's target takes one.
    pub(super) fn pursue_target(&mut self, key: usize) {
        let consumer = &self.consumers[key];
        let at = consumer.producer;
        let Some(layer) = consumer.selection.layer() else {
            return;
        };
        let volume = &self.producers[at].layers[usize::from(layer)].volume;
        if consumer.awaits_key_picture(volume) {
            self.want_keyframe(at, layer);
        }
    }
}
