//! What an outpost must know of a track beside its packets.

use crate::allocation::Rates;
use crate::layers::Volume;
use crate::parameters::{ProducerId, ProducerParameters, SpeakerGroup};
use crate::producer::SenderClock;
use std::sync::Arc;

/// All of it, at one place in the order of packets. Told again whenever something in it changes, and once a second.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) producer: ProducerId,
    pub(crate) parameters: Arc<ProducerParameters>,
    pub(crate) paused: bool,
    pub(crate) group: Option<SpeakerGroup>,
    /// Our wall clock less the publisher's: all routers of a crew have the same.
    pub(crate) clock_offset: Option<u64>,
    /// Bit `n` is set while layer `n` is being received.
    pub(crate) live: u8,
    pub(crate) layers: Vec<LayerFacts>,
}

/// What must be known of one layer, whether its packets are relayed or not.
#[derive(Clone, Debug)]
pub(crate) struct LayerFacts {
    /// From its first packet on.
    pub(crate) stream: Option<Stream>,
    pub(crate) clock: Option<SenderClock>,
    pub(crate) volume: Volume,
    pub(crate) rates: Rates,
}

/// What is received as a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) ssrc: u32,
    pub(crate) clock_rate: u32,
}
