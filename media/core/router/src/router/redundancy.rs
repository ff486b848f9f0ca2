//! RED on its way in: lost packets come back out of later ones, before anybody is sent anything. (RFC 2198)
//!
//! The ring holds plain Opus only, so every subscriber profits, whether it knows RED or not.

use super::intake::{Arrival, Opened};
use super::{LayerKey, Router};
use crate::codec::Codec;
use crate::extensions::Elements;
use crate::moment::Moment;
use crate::ring::{Entry, PayloadRange};
use hoichan_wire::red::{Block, Red};

/// Packets that one packet may bring back. libwebrtc repeats one by default, and nine at most.
const MAX_RECOVERED: usize = 9;

impl Router {
    /// Takes in a packet that repeats those before it: first what is its own, then what was missing of the others.
    pub(super) fn store_redundant(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        opened: &Opened,
        arrival: &Arrival,
    ) {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        let payload = &layer.ring.slot()[arrival.payload.clone()];
        let Some(red) = Red::parse(payload) else {
            self.counters.dropped_malformed += 1;
            return;
        };
        let codec = producer.codec(red.primary.payload_type);
        let Some(codec) = codec.filter(|codec| codec.codec == Codec::Audio) else {
            self.counters.dropped_unknown_payload_type += 1;
            return;
        };
        let start = arrival.payload.start;
        let own = Arrival {
            codec,
            payload: start + red.primary.range.start..start + red.primary.range.end,
            redundancy: u8::try_from(red.redundant_count).unwrap_or(u8::MAX),
            ..arrival.clone()
        };
        if !self.store(moment, key, opened, &own) {
            return;
        }
        for back in (1..=red.redundant_count.min(MAX_RECOVERED)).rev() {
            self.recover(moment, key, own.sequence, (&red, start, back));
        }
    }

    /// Puts the packet `back` places before `sequence` into its gap, if it is missing: its bytes are in that packet's
    /// payload, which begins at `start`.
    fn recover(
        &mut self,
        moment: &Moment,
        key: LayerKey,
        sequence: u64,
        (red, start, back): (&Red, usize, usize),
    ) -> Option<()> {
        let producer = &mut self.producers[key.producer];
        let layer = &mut producer.layers[usize::from(key.layer)];
        let missing = sequence.checked_sub(back as u64)?;
        let reception = layer.reception.as_ref()?;
        if !reception.includes(missing) || !layer.ring.is_wanted(missing) {
            return None;
        }
        let (carrier, packet) = layer.ring.get(sequence)?;
        let index = red.redundant_count - back;
        let block = red.redundant(&packet[start..]).nth(index)?;
        let entry = recovered(carrier, missing, &block, start)?;
        layer.ring.commit_part(sequence, &entry);
        layer.missing.fill(moment, missing);
        self.counters.recovered_packets += 1;
        let last = layer.pending.len().checked_sub(1)?;
        if layer.pending[last] == sequence {
            layer.pending.insert(last, missing);
        }
        Some(())
    }
}

/// The lost packet `sequence` as it was, but for its marker and its header extensions, which nobody repeats.
fn recovered(carrier: &Entry, sequence: u64, block: &Block, start: usize) -> Option<Entry> {
    let is_earlier = block.timestamp_offset > 0;
    let is_same_codec = block.payload_type == carrier.payload_type;
    if !is_earlier || !is_same_codec || block.range.is_empty() {
        return None;
    }
    Some(Entry {
        sequence,
        timestamp: carrier.timestamp.wrapping_sub(block.timestamp_offset),
        marker: false,
        elements: Elements::NONE,
        payload: PayloadRange::new(&(start + block.range.start..start + block.range.end))?,
        ..*carrier
    })
}
