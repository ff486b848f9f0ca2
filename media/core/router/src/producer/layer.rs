//! One layer of a track: what arrives of it, and who gets it.

use super::keyframe::KeyframeRequest;
use super::missing::Missing;
use super::reception::{Reception, Tally};
use super::sender_clock::SenderClock;
use crate::allocation::Rates;
use crate::layers::Volume;
use crate::moment::Moment;
use crate::parameters::{MediaKind, RtpEncodingParameters};
use crate::relay::{LayerFacts, Routers, Stream};
use crate::ring::Ring;
use hoichan_wire::dependency_descriptor::Structure;

/// A stream that has just begun is not replaced for so long, in milliseconds: stragglers of the former SSRC would
/// bring that back, and a publisher that changes its mind with every packet would keep all its subscribers busy.
const SETTLING: u32 = 500;

/// One encoding of a track, from its SSRC to its list of subscribers.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) encoding: RtpEncodingParameters,
    /// The plaintext history.
    pub(crate) ring: Ring,
    /// From the first authenticated packet on.
    pub(crate) reception: Option<Reception>,
    pub(crate) missing: Missing,
    pub(crate) keyframe: KeyframeRequest,
    /// From the first sender report on.
    pub(crate) clock: Option<SenderClock>,
    /// Keys of the consumers this layer is forwarded to: the inner loop of the fan-out walks this list.
    pub(crate) consumers: Vec<usize>,
    /// The outposts that this layer is relayed to.
    pub(crate) outposts: Routers,
    /// Sequence numbers to be fanned out by the next flush, in order of arrival.
    pub(crate) pending: Vec<u64>,
    /// The first of them that a receiver can start with.
    pub(crate) pending_entry_point: Option<u64>,
    /// The first packet to be forwarded after a time in which the track was held back.
    pub(crate) resumed_at: Option<u64>,
    /// When its SSRC was first heard, in [`Moment::millis`].
    started: u32,
    /// When the newest packet came, in [`Moment::millis`].
    pub(crate) last_packet: u32,
    /// What the latest statistics told of.
    pub(crate) told: Tally,
    /// Bytes received of each layer within the stream.
    pub(crate) volume: Volume,
    /// What its dependency descriptors refer to, from the first on.
    pub(crate) structure: Option<Box<Structure>>,
    /// What they have cost lately.
    pub(crate) rates: Rates,
}

impl Layer {
    pub(crate) fn new(kind: MediaKind, encoding: RtpEncodingParameters) -> Self {
        Layer {
            encoding,
            ring: Ring::new(kind),
            reception: None,
            missing: Missing::new(),
            keyframe: KeyframeRequest::Idle { asked: None },
            clock: None,
            consumers: Vec::new(),
            outposts: Routers::default(),
            pending: Vec::new(),
            pending_entry_point: None,
            resumed_at: None,
            started: 0,
            last_packet: 0,
            told: Tally::default(),
            volume: Volume::default(),
            structure: None,
            rates: Rates::default(),
        }
    }

    /// The SSRC now received, if packets have come.
    pub(crate) fn ssrc(&self) -> Option<u32> {
        self.reception.as_ref().map(Reception::ssrc)
    }

    /// Whether another SSRC may take the place of the one received, if there is one.
    pub(crate) fn takes_another(&self, moment: &Moment) -> bool {
        self.reception.is_none() || moment.millis_since(self.started) >= SETTLING
    }

    /// Begins to receive `ssrc` with the packet `sequence`, perhaps in the place of another SSRC.
    pub(crate) fn start(&mut self, moment: &Moment, ssrc: u32, clock_rate: u32, sequence: u16) {
        let after = self.reception.as_ref().map(Reception::highest);
        self.reception = Some(Reception::new(ssrc, clock_rate, sequence, after));
        self.missing.clear();
        self.drop_pending();
        self.clock = None;
        self.told = Tally::default();
        self.volume = Volume::default();
        self.structure = None;
        self.rates.clear();
        self.started = moment.millis;
        self.last_packet = moment.millis;
    }

    /// What outposts must know of it.
    pub(crate) fn facts(&self) -> LayerFacts {
        LayerFacts {
            stream: self.reception.as_ref().map(|reception| Stream {
                ssrc: reception.ssrc(),
                clock_rate: reception.clock_rate(),
            }),
            clock: self.clock,
            volume: self.volume,
            rates: self.rates,
        }
    }

    /// Packets expected and received since the last call.
    pub(crate) fn take_tally(&mut self) -> Tally {
        let total = self.reception.as_ref().map_or(self.told, Reception::total);
        let told = std::mem::replace(&mut self.told, total);
        Tally {
            expected: total.expected.saturating_sub(told.expected),
            received: total.received.saturating_sub(told.received),
        }
    }

    /// Notes the time of a packet, and forgets a wish for a key frame that this packet fulfils.
    pub(crate) fn hear(&mut self, moment: &Moment, is_entry_point: bool) {
        self.last_packet = moment.millis;
        if is_entry_point {
            self.keyframe.satisfy();
        } else {
            self.keyframe.hear();
        }
    }

    /// What the next flush would fan out is not wanted any more.
    pub(crate) fn drop_pending(&mut self) {
        self.pending.clear();
        self.pending_entry_point = None;
        self.resumed_at = None;
    }
}
