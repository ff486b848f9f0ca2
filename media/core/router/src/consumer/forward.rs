//! The hot path: one subscriber's share of a batch.
//!
//! Twice over the batch: first everything is numbered and measured, so that sizes can be made equal; then
//! each packet is written and sealed in its place in the arena. Nothing here allocates.

use super::Consumer;
use super::header::HeaderShape;
use super::masking::Masking;
use super::munger::{Newest, Place};
use super::packet::Rewrite;
use super::redundancy::Repetition;
use crate::codec::Picture;
use crate::endpoint::Egress;
use crate::moment::Moment;
use crate::outbox::Outbox;
use crate::parameters::MediaKind;
use crate::producer::Layer;
use crate::ring::{Entry, Ring};
use crate::runs;
use hoichan_wire::dependency_descriptor::Structure;
use hoichan_wire::rtp::Fields;

/// One packet of a batch, numbered and measured.
#[derive(Debug)]
pub(crate) struct Draft {
    sequence: u64,
    place: Place,
    payload_type: u8,
    shape: HeaderShape,
    /// The active decode targets to be told of.
    mask: Option<u32>,
    /// Its payload is of a layer that is not sent, but its number was left for it.
    is_blank: bool,
    /// How many packets before it are repeated in it.
    redundancy: u8,
    natural_len: usize,
    /// As raised to that of the packet's run.
    len: usize,
}

/// What all packets of one flush share.
pub(crate) struct Batch<'a> {
    pub(crate) moment: &'a Moment,
    pub(crate) outbox: &'a mut Outbox,
    /// Reused from one subscriber to the next.
    pub(crate) drafts: &'a mut Vec<Draft>,
}

impl Consumer {
    /// Sends those packets of the current `layer` that `sequences` names. Returns how many were sent.
    pub(crate) fn forward(
        &mut self,
        egress: &mut Egress<'_>,
        (kind, layer): (MediaKind, &Layer),
        sequences: impl Iterator<Item = u64>,
        batch: &mut Batch<'_>,
    ) -> u64 {
        let ring = &layer.ring;
        batch.drafts.clear();
        let sources = sequences.filter_map(|sequence| ring.get(sequence));
        batch
            .drafts
            .extend(sources.filter_map(|source| self.draft(layer, source, batch.moment)));
        if kind == MediaKind::Video {
            runs::equalise(
                batch.drafts,
                |draft| draft.len,
                |draft, len| draft.len = len,
            );
        }
        let mut sent = 0;
        for draft in batch.drafts.iter() {
            sent += u64::from(self.send(egress, draft, layer, (batch.moment, batch.outbox)));
        }
        sent
    }

    /// Numbers and measures one packet; `None` if it is not to be sent.
    fn draft(
        &mut self,
        layer: &Layer,
        (entry, packet): (&Entry, &[u8]),
        moment: &Moment,
    ) -> Option<Draft> {
        let Some(mapping) = self.header.payload_type(entry.payload_type) else {
            self.munger.close_up(entry.sequence, false);
            return None;
        };
        let sighting = self.filter.see(entry);
        if let Some(limit) = sighting.and_then(|seen| seen.limit) {
            self.munger.change_limit(entry.sequence, limit);
        }
        let place = self.munger.place(entry.sequence)?;
        let is_blank = !entry.layers.is_within(place.limit);
        let skips_picture = is_blank
            && sighting.is_some_and(|seen| seen.begins_picture)
            && entry.picture.is_some_and(Picture::closes_up);
        let is_empty = is_blank || entry.payload.is_empty();
        if is_empty && self.munger.close_up(entry.sequence, skips_picture) {
            return None;
        }
        self.munger.sent(
            place.index,
            Newest {
                timestamp: entry.timestamp.wrapping_add(place.shift.timestamp),
                picture: entry.picture.map(|one| one.shifted(place.shift.picture)),
                sent: moment.millis,
            },
        );
        let structure = layer.structure.as_deref();
        let mask = structure.and_then(|known| self.told.mask(known, entry.layers, place.limit));
        let masking = masking(structure, mask);
        let shape = self.header.shape(entry, masking.as_ref(), packet);
        let payload_len = if is_blank { 0 } else { entry.payload.len() };
        let repetition = self.repetition(&layer.ring, entry, mapping.consumer, shape.len);
        let len = shape.len + repetition.payload_len(payload_len);
        Some(Draft {
            sequence: entry.sequence,
            place,
            payload_type: mapping.consumer,
            shape,
            mask,
            is_blank,
            redundancy: repetition.count(),
            natural_len: len,
            len,
        })
    }

    /// What a packet of `payload_type` repeats for this subscriber: nothing that it has not been sent before.
    fn repetition<'r>(
        &self,
        ring: &'r Ring,
        entry: &Entry,
        payload_type: u8,
        header_len: usize,
    ) -> Repetition<'r> {
        let Some(red) = self.red.filter(|_| !self.is_spared) else {
            return Repetition::NONE;
        };
        let distance = red.distance.unwrap_or(entry.redundancy);
        let is_sent = |sequence| self.munger.place(sequence).is_some();
        Repetition::of(ring, entry, (payload_type, distance), header_len, is_sent)
    }

    /// Writes and seals one packet. Returns whether it is in the outbox.
    fn send(
        &mut self,
        egress: &mut Egress<'_>,
        draft: &Draft,
        layer: &Layer,
        (moment, outbox): (&Moment, &mut Outbox),
    ) -> bool {
        let Some((entry, packet)) = layer.ring.get(draft.sequence) else {
            return false;
        };
        let repetition = Repetition::of(
            &layer.ring,
            entry,
            (draft.payload_type, draft.redundancy),
            0,
            |_| true,
        );
        let red = self.red.filter(|_| draft.redundancy > 0);
        let rewrite = Rewrite {
            plan: &self.header,
            shape: draft.shape,
            fields: Fields {
                marker: entry.marker_within(draft.place.limit),
                payload_type: red.map_or(draft.payload_type, |red| red.payload_type),
                sequence: draft.place.index as u16,
                timestamp: entry.timestamp.wrapping_add(draft.place.shift.timestamp),
                ssrc: self.ssrc,
            },
            entry,
            packet,
            masking: masking(layer.structure.as_deref(), draft.mask),
            is_blank: draft.is_blank,
            repetition,
            picture: draft.place.shift.picture,
            original_sequence: None,
            extra_len: draft.len - draft.natural_len,
        };
        let len = egress.send_rtp(moment, outbox, draft.place.index, &rewrite);
        if len == 0 {
            return false;
        }
        self.sent.packets = self.sent.packets.wrapping_add(1);
        let payload_len = rewrite.payload_len() as u32;
        self.sent.octets = self.sent.octets.wrapping_add(payload_len);
        if let Some(retransmission) = &mut self.retransmission {
            retransmission.earn(len);
        }
        true
    }

    /// Answers one sequence number of a NACK from its layer. Returns whether a packet was sent.
    pub(crate) fn retransmit<'r>(
        &mut self,
        egress: &mut Egress<'_>,
        layer_of: impl Fn(u8) -> Option<&'r Layer>,
        wrapped: u16,
        (moment, outbox): (&Moment, &mut Outbox),
    ) -> bool {
        self.try_retransmit(egress, layer_of, wrapped, (moment, outbox))
            .is_some_and(|len| len > 0)
    }

    fn try_retransmit<'r>(
        &mut self,
        egress: &mut Egress<'_>,
        layer_of: impl Fn(u8) -> Option<&'r Layer>,
        wrapped: u16,
        (moment, outbox): (&Moment, &mut Outbox),
    ) -> Option<usize> {
        let retransmission = self.retransmission.as_mut()?;
        let origin = self.munger.find(wrapped, super::retransmission::WINDOW)?;
        let layer = layer_of(origin.layer)?;
        let (entry, packet) = layer.ring.get(origin.sequence)?;
        if !entry.layers.is_within(origin.place.limit) {
            return None; // Its number was filled, or is still to be filled, with nothing.
        }
        let mapping = self.header.payload_type(entry.payload_type)?;
        let payload_type = mapping.consumer_rtx?;
        let structure = layer.structure.as_deref();
        let limit = origin.place.limit;
        let mask = structure.and_then(|known| self.told.clone().mask(known, entry.layers, limit));
        let masking = masking(structure, mask);
        let shape = self.header.shape(entry, masking.as_ref(), packet);
        let len = shape.len + entry.payload.len();
        if !retransmission.allow(moment, origin.place.index, len, egress.round_trip_millis()) {
            return None;
        }
        let index = retransmission.take_index();
        let rewrite = Rewrite {
            plan: &self.header,
            shape,
            fields: Fields {
                marker: entry.marker_within(origin.place.limit),
                payload_type,
                sequence: index as u16,
                timestamp: entry.timestamp.wrapping_add(origin.place.shift.timestamp),
                ssrc: retransmission.ssrc,
            },
            entry,
            packet,
            masking,
            is_blank: false,
            repetition: Repetition::NONE,
            picture: origin.place.shift.picture,
            original_sequence: Some(wrapped),
            extra_len: 0,
        };
        Some(egress.send_rtp(moment, outbox, index, &rewrite))
    }
}

fn masking(structure: Option<&Structure>, mask: Option<u32>) -> Option<Masking<'_>> {
    let (structure, active) = (structure?, mask?);
    Some(Masking { structure, active })
}
