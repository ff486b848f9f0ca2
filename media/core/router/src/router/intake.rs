//! A genuine packet becomes part of its layer: numbered, looked at once, and stored for all who want it.

use super::{LayerKey, Router};
use crate::allocation::DATAGRAM_OVERHEAD;
use crate::codec::Codec;
use crate::endpoint::Binding;
use crate::event::Event;
use crate::layers::Layers;
use crate::moment::Moment;
use crate::producer::NegotiatedCodec;
use crate::ring::{Entry, PayloadRange};
use hoichan_wire::dependency_descriptor::{Descriptor, Structure};
use hoichan_wire::rtp::Header;
use std::ops::Range;

/// Bytes of a retransmission's payload before the original one: its sequence number. (RFC 4588 §4)
const ORIGINAL_SEQUENCE_LEN: usize = 2;

/// A genuine packet, plain in the slot of its layer's ring.
pub(super) struct Opened {
    pub(super) header: Header,
    /// Bytes of the plain packet.
    pub(super) len: usize,
}

/// What is looked at once of a packet that was stored.
pub(super) struct Stored {
    /// Its bytes, as received.
    pub(super) len: usize,
    pub(super) clock_rate: u32,
    /// In −dBov, if it is of audio and tells.
    pub(super) level: Option<u8>,
    pub(super) is_entry_point: bool,
    /// Packets before it were held back elsewhere.
    pub(super) resumes: bool,
}

/// What a packet is to its layer.
#[derive(Clone)]
pub(super) struct Arrival {
    pub(super) codec: NegotiatedCodec,
    pub(super) sequence: u64,
    pub(super) payload: Range<usize>,
    /// How many packets before it are repeated in it.
    pub(super) redundancy: u8,
}

/// Why a genuine packet is not stored.
enum Refused {
    /// Its padding or its payload makes no sense.
    Malformed,
    /// Its payload type was not negotiated.
    PayloadType,
    /// It is padding, or its producer is paused: it has been counted, and that was all.
    Counted,
}

impl Router {
    /// Takes in a packet that was opened into the slot of its layer.
    pub(super) fn accept(&mut self, moment: &Moment, binding: Binding, opened: &Opened) {
        let key = LayerKey {
            producer: binding.producer,
            layer: binding.layer,
        };
        let arrival = if binding.is_repair {
            self.identify_repair(key, opened)
        } else {
            self.identify_media(moment, key, opened)
        };
        match arrival {
            Ok(arrival) if arrival.codec.codec == Codec::Red => {
                self.store_redundant(moment, key, opened, &arrival);
            }
            Ok(arrival) => {
                self.store(moment, key, opened, &arrival);
            }
            Err(Refused::Malformed) => self.counters.dropped_malformed += 1,
            Err(Refused::PayloadType) => self.counters.dropped_unknown_payload_type += 1,
            Err(Refused::Counted) => {}
        }
    }

    /// Numbers a media packet and notes what it says about loss and jitter.
    fn identify_media(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        opened: &Opened,
    ) -> Result<Arrival, Refused> {
        let fields = &opened.header.fields;
        let producer = &mut self.producers[key.producer];
        let codec = producer
            .codec(fields.payload_type)
            .ok_or(Refused::PayloadType)?;
        let layer = &mut producer.layers[usize::from(key.layer)];
        let payload = opened
            .header
            .payload_range(&layer.ring.slot()[..opened.len])
            .ok_or(Refused::Malformed)?;
        if layer.ssrc() != Some(fields.ssrc) {
            self.start_layer(moment, key, codec, opened);
        }
        let producer = &mut self.producers[key.producer];
        let is_wanted = producer.is_wanted(key.layer) && !producer.paused;
        let layer = &mut producer.layers[usize::from(key.layer)];
        let reception = layer.reception.as_mut().ok_or(Refused::Malformed)?;
        let (highest, sequence) = (reception.highest(), reception.extend(fields.sequence));
        reception.record(moment, sequence, fields.timestamp);
        layer.missing.fill(moment, sequence);
        if producer.paused {
            return Err(Refused::Counted);
        }
        if is_wanted && sequence > highest + 1 {
            self.note_gap(moment, key, highest, sequence);
        }
        Ok(Arrival {
            codec,
            sequence,
            payload,
            redundancy: 0,
        })
    }

    /// Finds which packet a retransmission repairs. (RFC 4588 §4)
    fn identify_repair(&mut self, key: LayerKey, opened: &Opened) -> Result<Arrival, Refused> {
        let fields = &opened.header.fields;
        let producer = &mut self.producers[key.producer];
        let codec = producer
            .repaired_codec(fields.payload_type)
            .ok_or(Refused::PayloadType)?;
        let paused = producer.paused;
        let layer = &mut producer.layers[usize::from(key.layer)];
        let slot = &layer.ring.slot()[..opened.len];
        let payload = opened
            .header
            .payload_range(slot)
            .ok_or(Refused::Malformed)?;
        let original = slot[payload.clone()].first_chunk().copied();
        let (Some(original), Some(reception), false) = (original, &layer.reception, paused) else {
            return Err(Refused::Counted);
        };
        let sequence = reception.extend(u16::from_be_bytes(original));
        if sequence >= reception.highest() {
            return Err(Refused::Counted); // Never missed, or invented: it must not move the ring.
        }
        self.counters.retransmitted_packets_received += 1;
        Ok(Arrival {
            codec,
            sequence,
            payload: payload.start + ORIGINAL_SEQUENCE_LEN..payload.end,
            redundancy: 0,
        })
    }

    /// Puts a packet into the ring and, if anybody wants it, on the list of the next flush. Returns whether it is new.
    pub(super) fn store(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        opened: &Opened,
        arrival: &Arrival,
    ) -> bool {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        let Some(payload) = PayloadRange::new(&arrival.payload) else {
            self.counters.dropped_malformed += 1;
            return false;
        };
        if !layer.ring.is_wanted(arrival.sequence) {
            self.counters.dropped_duplicate += 1;
            return false;
        }
        let fields = &opened.header.fields;
        let packet = &layer.ring.slot()[..opened.len];
        let media = payload.of(packet);
        let codec = arrival.codec.codec;
        let described = producer
            .extensions
            .descriptor(&opened.header, packet)
            .and_then(|data| describe(&mut layer.structure, data));
        let descriptor = described.as_ref().map(|(descriptor, _)| descriptor);
        let is_entry_point = !media.is_empty() && codec.is_entry_point(media, descriptor);
        let (elements, level) = producer.extensions.read(&opened.header, packet);
        let entry = Entry {
            sequence: arrival.sequence,
            timestamp: fields.timestamp,
            payload_type: arrival.codec.payload_type,
            marker: fields.marker,
            picture: codec.picture(media),
            layers: codec.layers(media, described.map(|(_, layers)| layers)),
            redundancy: arrival.redundancy,
            elements,
            payload,
        };
        layer.ring.commit(opened.len, &entry);
        layer.missing.fill(moment, arrival.sequence);
        let stored = Stored {
            len: opened.len,
            clock_rate: arrival.codec.clock_rate,
            level,
            is_entry_point,
            resumes: false,
        };
        self.note_stored(moment, key, &entry, &stored);
        true
    }

    /// Puts a packet that has just been stored on the list of the next flush, if anybody is to have it.
    pub(super) fn note_stored(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        entry: &Entry,
        stored: &Stored,
    ) {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        layer
            .volume
            .count(entry.layers, stored.len + DATAGRAM_OVERHEAD);
        layer.hear(moment, stored.is_entry_point);
        if let Some(level) = stored.level {
            let rate = stored.clock_rate;
            producer.levels.record(level, entry.timestamp, rate);
        }
        let was_held_back = producer.rank.is_held_back() || stored.resumes;
        let now = moment.millis;
        producer.rank.hear(&mut self.groups, now, stored.level);
        if producer.rank.is_held_back() {
            return;
        }
        let starts_someone = stored.is_entry_point && !producer.waiting.is_empty();
        if starts_someone || !layer.consumers.is_empty() || !layer.outposts.is_empty() {
            if was_held_back {
                layer.resumed_at.get_or_insert(entry.sequence);
            }
            if layer.pending.is_empty() {
                self.dirty.push_back(key);
            }
            layer.pending.push(entry.sequence);
            if starts_someone {
                layer.pending_entry_point.get_or_insert(entry.sequence);
            }
        }
    }

    /// The first packet of a layer, or the first after its SSRC has changed.
    fn start_layer(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        codec: NegotiatedCodec,
        opened: &Opened,
    ) {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        let is_restart = layer.reception.is_some();
        let fields = &opened.header.fields;
        layer.start(moment, fields.ssrc, codec.clock_rate, fields.sequence);
        if is_restart {
            self.restart_consumers(key.producer, key.layer);
        } else {
            self.events.push(Event::ProducerStarted {
                producer: producer.id,
                spatial_layer: key.layer,
            });
        }
        self.tell_outposts(key.producer);
        if self.producers[key.producer].refresh_live() {
            self.retarget_all(key.producer);
        }
    }

    /// Packets are missing: they are asked for soon, or a key frame is if they are too many.
    fn note_gap(&mut self, moment: &Moment, key: LayerKey, highest: u64, sequence: u64) {
        let producer = &mut self.producers[key.producer];
        let missing = &mut producer.layers[usize::from(key.layer)].missing;
        let was_empty = missing.is_empty();
        let outcome = missing.skip(moment, highest, sequence);
        if outcome.is_err() {
            self.want_keyframe(key.producer, key.layer);
        } else if was_empty {
            self.incomplete.push(key);
            self.timers.expect_nack(moment);
        }
    }
}

/// Reads a dependency descriptor, and keeps the structure that it brings.
pub(super) fn describe(
    structure: &mut Option<Box<Structure>>,
    data: &[u8],
) -> Option<(Descriptor, Layers)> {
    let structure = structure.get_or_insert_with(|| Box::new(Structure::NONE));
    let descriptor = Descriptor::parse(data, structure)?;
    Some((descriptor, Layers::described(&descriptor, structure)))
}
