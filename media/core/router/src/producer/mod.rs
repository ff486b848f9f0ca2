//! A producer: one track on its way from its publisher.

mod keyframe;
mod layer;
mod missing;
mod offer;
mod origin;
mod rank;
mod reception;
mod sender_clock;

pub(crate) use layer::Layer;
pub(crate) use origin::Origin;
pub(crate) use rank::{Place, Rank};
pub(crate) use reception::{Reception, Tally};
pub(crate) use sender_clock::SenderClock;

use crate::audio::LevelWindow;
use crate::codec::Codec;
use crate::extensions::{self, ProducerExtensions};
use crate::parameters::{
    Error, MediaKind, ProducerId, ProducerParameters, RtpCodecParameters, SpeakerGroup, Wish,
};
use crate::relay::Routers;
use std::sync::Arc;

/// Layers of one track at most: browsers send three.
const MAX_LAYERS: usize = 8;

/// Codecs of one m-section at most. Chrome offers about twenty.
const MAX_CODECS: usize = 64;

/// A layer that is silent for so long, in milliseconds, while a sibling is not, has stopped.
const STALL: u32 = 1500;

/// One codec that the publisher may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NegotiatedCodec {
    pub(crate) codec: Codec,
    pub(crate) payload_type: u8,
    pub(crate) clock_rate: u32,
    rtx_payload_type: Option<u8>,
}

/// One track on its way from its publisher.
#[derive(Debug)]
pub(crate) struct Producer {
    pub(crate) id: ProducerId,
    pub(crate) origin: Origin,
    pub(crate) kind: MediaKind,
    pub(crate) parameters: Arc<ProducerParameters>,
    codecs: Vec<NegotiatedCodec>,
    pub(crate) extensions: ProducerExtensions,
    pub(crate) layers: Vec<Layer>,
    pub(crate) paused: bool,
    /// Keys of all consumers, forwarded to or not.
    pub(crate) consumers: Vec<usize>,
    /// Keys of those that wait for a key frame of some layer.
    pub(crate) waiting: Vec<usize>,
    /// Bit `n` is set while layer `n` is being received.
    pub(crate) live: u8,
    /// For audio: what was heard in the current window.
    pub(crate) levels: LevelWindow,
    /// For audio: whether it competes with others for being forwarded, …
    pub(crate) rank: Rank,
    /// … and in which group.
    pub(crate) group: Option<SpeakerGroup>,
    /// The outposts that hold it, whatever layers they wish for.
    pub(crate) outposts: Routers,
}

impl Producer {
    /// # Errors
    /// [`Error::Malformed`] if there is no layer or no codec we know, or more than any browser would have.
    pub(crate) fn new(
        id: ProducerId,
        origin: Origin,
        parameters: Arc<ProducerParameters>,
    ) -> Result<Self, Error> {
        extensions::check(&parameters.header_extensions)?;
        let codecs = &parameters.codecs;
        let encodings = &parameters.encodings;
        let counts_fit =
            (1..=MAX_LAYERS).contains(&encodings.len()) && (1..=MAX_CODECS).contains(&codecs.len());
        if !counts_fit || !codecs.iter().all(is_well_formed) {
            return Err(Error::Malformed);
        }
        let known: Vec<_> = codecs.iter().filter_map(NegotiatedCodec::new).collect();
        if known.is_empty() {
            return Err(Error::Malformed);
        }
        let extensions =
            ProducerExtensions::new(&parameters.header_extensions, encodings.len() == 1);
        Ok(Producer {
            id,
            origin,
            kind: parameters.kind,
            codecs: known,
            extensions,
            layers: encodings
                .iter()
                .map(|encoding| Layer::new(parameters.kind, encoding.clone()))
                .collect(),
            paused: false,
            consumers: Vec::new(),
            waiting: Vec::new(),
            live: 0,
            levels: LevelWindow::default(),
            rank: Rank::default(),
            group: None,
            outposts: Routers::default(),
            parameters,
        })
    }

    /// The media identification of its m-section.
    pub(crate) fn mid(&self) -> &str {
        &self.parameters.mid
    }

    /// The codec of a payload type, if it was negotiated and is no retransmission.
    pub(crate) fn codec(&self, payload_type: u8) -> Option<NegotiatedCodec> {
        self.codecs
            .iter()
            .find(|codec| codec.payload_type == payload_type)
            .copied()
    }

    /// The codec whose retransmissions have this payload type.
    pub(crate) fn repaired_codec(&self, payload_type: u8) -> Option<NegotiatedCodec> {
        self.codecs
            .iter()
            .find(|codec| codec.rtx_payload_type == Some(payload_type))
            .copied()
    }

    /// Updates which layers are being received. Returns whether that has changed.
    ///
    /// Silence counts only while a sibling speaks: a muted camera, or a still screen, has not lost a layer. Of a
    /// relayed track its home tells.
    pub(crate) fn refresh_live(&mut self) -> bool {
        if self.origin.is_relay() {
            return false;
        }
        let started = |layer: &Layer| layer.reception.is_some();
        let newest = self
            .layers
            .iter()
            .filter(|layer| started(layer))
            .map(|layer| layer.last_packet)
            .reduce(|a, b| if (b.wrapping_sub(a) as i32) > 0 { b } else { a });
        let is_live = |layer: &Layer| {
            started(layer)
                && newest.is_some_and(|newest| newest.wrapping_sub(layer.last_packet) <= STALL)
        };
        let live = (0..).zip(&self.layers).fold(0, |live, (index, layer)| {
            live | u8::from(is_live(layer)) << index
        });
        std::mem::replace(&mut self.live, live) != live
    }

    /// The layer to forward to somebody who wishes so: the best live one within the wish, else the least above
    /// it, else, while nothing is live, the wish itself.
    pub(crate) fn target(&self, wish: Wish) -> u8 {
        let best = (self.layers.len() - 1) as u8;
        let limit = wish.spatial_layer.min(best);
        let is_live = |layer: &u8| self.live >> layer & 1 == 1;
        (0..=limit)
            .rev()
            .find(is_live)
            .or_else(|| (limit..=best).find(is_live))
            .unwrap_or(limit)
    }

    /// Whether anyone gets this layer, or waits for something of the track.
    pub(crate) fn is_wanted(&self, layer: u8) -> bool {
        let at = &self.layers[usize::from(layer)];
        let has_takers =
            !self.waiting.is_empty() || !at.consumers.is_empty() || !at.outposts.is_empty();
        has_takers && !self.rank.is_held_back()
    }

    /// Takes a consumer off all lists of forwarding; it stays a consumer.
    pub(crate) fn detach(&mut self, consumer: usize) {
        self.waiting.retain(|known| *known != consumer);
        for layer in &mut self.layers {
            layer.consumers.retain(|known| *known != consumer);
        }
    }

    /// Puts a consumer on the list of those that wait.
    pub(crate) fn await_keyframe(&mut self, consumer: usize) {
        if !self.waiting.contains(&consumer) {
            self.waiting.push(consumer);
        }
    }

    /// Whether it was made of just these.
    pub(crate) fn is_made_of(&self, origin: &Origin, parameters: &ProducerParameters) -> bool {
        self.origin == *origin && *self.parameters == *parameters
    }
}

impl NegotiatedCodec {
    fn new(parameters: &RtpCodecParameters) -> Option<Self> {
        Some(NegotiatedCodec {
            codec: Codec::from_mime_type(&parameters.mime_type)?,
            payload_type: parameters.payload_type,
            clock_rate: parameters.clock_rate,
            rtx_payload_type: parameters.rtx_payload_type,
        })
    }
}

fn is_well_formed(codec: &RtpCodecParameters) -> bool {
    codec.payload_type < 128
        && codec.clock_rate > 0
        && codec.rtx_payload_type.is_none_or(|rtx| rtx < 128)
}
