//! A consumer: one track on its way to one subscriber.

mod filter;
mod forward;
mod grant;
mod header;
mod masking;
mod munger;
mod pacing;
mod packet;
mod padding;
mod redundancy;
mod retransmission;
mod timeline;

pub(crate) use filter::Filter;
pub(crate) use forward::{Batch, Draft};
pub(crate) use grant::Grant;
pub(crate) use header::{HeaderPlan, Stamps};
pub(crate) use masking::Told;
pub(crate) use munger::Munger;
pub(crate) use pacing::Held;
pub(crate) use packet::Rewrite;
pub(crate) use padding::PADDING_LEN;
pub(crate) use redundancy::MAX_DISTANCE;
pub(crate) use retransmission::Retransmission;
pub(crate) use timeline::{EntryPoint, Relation};

use crate::layers::{Limit, Volume};
use crate::moment::Moment;
use crate::parameters::{ConsumerId, EndpointId, RedParameters, Wish};
use hoichan_wire::rtcp::ReportBlock;

/// What is forwarded to one subscriber, and what should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Nothing: paused by the subscriber, at the source, or for want of bit rate.
    Off,
    /// Nothing yet: a key frame of `target`, or of a lower layer, starts it.
    Waiting { target: u8 },
    /// `layer`, until a key frame of `target` comes if that is another one.
    On { layer: u8, target: u8 },
}

impl Selection {
    /// The layer now forwarded.
    pub(crate) fn layer(self) -> Option<u8> {
        match self {
            Selection::On { layer, .. } => Some(layer),
            Selection::Off | Selection::Waiting { .. } => None,
        }
    }

    /// The layer whose key frame is waited for.
    pub(crate) fn awaited(self) -> Option<u8> {
        match self {
            Selection::Waiting { target } => Some(target),
            Selection::On { layer, target } => (layer != target).then_some(target),
            Selection::Off => None,
        }
    }

    /// Whether a key frame of `layer` is to be taken.
    pub(crate) fn starts_at(self, layer: u8) -> bool {
        match self {
            Selection::Waiting { target } => layer <= target,
            Selection::On { .. } => self.awaited() == Some(layer),
            Selection::Off => false,
        }
    }
}

/// Totals for sender reports, wrapping. (RFC 3550 §6.4.1)
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) packets: u32,
    pub(crate) octets: u32,
}

/// What the subscriber reported lost since the last look, in packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReportedLoss {
    pub(crate) expected: u32,
    pub(crate) lost: u32,
}

/// One track on its way to one subscriber.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: ConsumerId,
    pub(crate) endpoint: EndpointId,
    /// Key of the producer's slab.
    pub(crate) producer: usize,
    pub(crate) wish: Wish,
    /// What the link leaves of the wish.
    pub(crate) grant: Grant,
    pub(crate) selection: Selection,
    pub(crate) ssrc: u32,
    pub(crate) header: HeaderPlan,
    pub(crate) filter: Filter,
    pub(crate) told: Told,
    pub(crate) munger: Munger,
    /// What of the layer now forwarded waits for the link.
    pub(crate) held: Option<Held>,
    /// If the subscriber takes redundant audio.
    pub(crate) red: Option<RedParameters>,
    /// Whether it does without, so that a picture fits beside it.
    pub(crate) is_spared: bool,
    pub(crate) retransmission: Option<Retransmission>,
    pub(crate) sent: Sent,
    pub(crate) cname: Box<str>,
    /// Highest sequence number and cumulative loss of the previous report about us.
    pub(crate) last_report: Option<(u32, i32)>,
}

impl Consumer {
    /// Takes in what the subscriber reports about this stream, and returns the news in it.
    ///
    /// Whatever a peer writes, at most 2^16 packets are believed to have been expected between two reports.
    pub(crate) fn record_report(&mut self, block: &ReportBlock) -> ReportedLoss {
        self.header.drop_mid();
        let now = (block.highest_sequence, block.cumulative_lost);
        let Some((highest, lost)) = self.last_report.replace(now) else {
            return ReportedLoss::default();
        };
        let expected = now.0.wrapping_sub(highest);
        if expected == 0 || expected > 0x1_0000 {
            return ReportedLoss::default();
        }
        let lost = now.1.saturating_sub(lost).clamp(0, expected as i32) as u32;
        ReportedLoss { expected, lost }
    }

    /// From the next place that allows it, sends no more than these layers of the stream, and no less; both count
    /// from 0, and what is beyond the highest means all there are.
    ///
    /// These are the layers *within* the stream now forwarded: which of several encodings that is, is another
    /// matter. A higher spatial layer may need a key picture: see [`Consumer::awaits_key_picture`].
    pub(crate) fn set_target(&mut self, spatial: u8, temporal: u8) {
        self.filter.aim(Limit { spatial, temporal });
    }

    /// Whether only a key picture leads to the target, in a stream of which these `layers` have been received.
    pub(crate) fn awaits_key_picture(&self, layers: &Volume) -> bool {
        let is_forwarded = self.selection.layer().is_some();
        let highest = layers.highest();
        is_forwarded && highest.is_some_and(|highest| self.filter.awaits_key(highest))
    }

    /// Goes on with the packet `sequence` after a time in which nothing was forwarded: no number is left out, and time
    /// goes on as it did.
    pub(crate) fn resume_at(&mut self, sequence: u64) {
        if let Some((layer, shift)) = self.munger.layer().zip(self.munger.shift()) {
            let limit = self.filter.begin(sequence);
            self.munger.begin_span(layer, sequence, shift, limit);
        }
    }

    /// Begins to forward `layer` with the packet `sequence`.
    pub(crate) fn switch_to(
        &mut self,
        moment: &Moment,
        (layer, sequence): (u8, u64),
        entry: &EntryPoint,
        relation: Relation,
    ) {
        let shift = timeline::shift_at(moment, &self.munger, entry, relation);
        let limit = self.filter.begin(sequence);
        self.munger.begin_span(layer, sequence, shift, limit);
        self.selection = match self.selection {
            Selection::Off => Selection::On {
                layer,
                target: layer,
            },
            Selection::Waiting { target } | Selection::On { target, .. } => {
                Selection::On { layer, target }
            }
        };
    }
}
