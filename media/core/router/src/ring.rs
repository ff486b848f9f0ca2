//! The plaintext packets of one layer: fan-out reads them here, and so does every retransmission.
//!
//! Packets lie back to back in one circle of bytes, each as long as it is; entries beside it say what is
//! where. So a second of thumbnails takes no more memory than it has bytes, and the packets that are about
//! to be fanned out lie next to each other.

use crate::codec::Picture;
use crate::extensions::Elements;
use crate::layers::{Layers, Limit};
use crate::parameters::MediaKind;
use std::ops::Range;

/// Longest datagram taken in, in bytes. RTP over the Internet stays under 1500.
pub(crate) const MAX_PACKET_LEN: usize = 2048;

/// What is known of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Wide sequence number within the layer, never 0.
    pub(crate) sequence: u64,
    /// As the publisher set it.
    pub(crate) timestamp: u32,
    /// As received, with that of a retransmission already translated back.
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    /// VP8's or VP9's numbers, if the packet has them.
    pub(crate) picture: Option<Picture>,
    /// Which layer of the stream it belongs to.
    pub(crate) layers: Layers,
    /// How many packets before it the publisher repeated in it. (RFC 2198)
    pub(crate) redundancy: u8,
    /// Header extension elements that may be copied.
    pub(crate) elements: Elements,
    /// The payload's place in the packet; empty if the packet was padding only.
    pub(crate) payload: PayloadRange,
}

impl Entry {
    /// The marker that a subscriber of these layers is to see: the highest frame it gets ends its picture.
    pub(crate) fn marker_within(&self, limit: Limit) -> bool {
        let ends_highest = self.layers.ends_frame && self.layers.spatial == limit.spatial;
        self.layers.is_within(limit) && (self.marker || ends_highest)
    }
}

/// An entry, and where its packet begins.
#[derive(Clone, Copy, Debug)]
struct Stored {
    entry: Entry,
    /// Bytes written before it since the ring was made.
    position: u64,
}

/// A range that is half as large in memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PayloadRange {
    start: u16,
    end: u16,
}

/// A bounded history of one layer, newest packets last.
///
/// Full, it overwrites its oldest: what nobody has asked for again within about two seconds is gone.
#[derive(Debug)]
pub(crate) struct Ring {
    bytes: Box<[u8]>,
    /// Bytes written so far, gaps at the end of the circle included.
    cursor: u64,
    /// Those with sequence 0 were never used.
    entries: Box<[Stored]>,
    highest: u64,
}

impl Ring {
    /// Video: 512 packets or 512 KiB, 2 s at 2 Mbit/s. Audio: 128 packets or 32 KiB, 2.5 s at 20 ms each.
    pub(crate) fn new(kind: MediaKind) -> Self {
        let (packets, bytes) = match kind {
            MediaKind::Audio => (128, 32 << 10),
            MediaKind::Video => (512, 512 << 10),
        };
        Ring {
            bytes: vec![0; bytes].into_boxed_slice(),
            cursor: 0,
            entries: vec![Stored::UNUSED; packets].into_boxed_slice(),
            highest: 0,
        }
    }

    /// The highest sequence number held, or 0.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether a packet of this number would be new, and not older than all that is remembered.
    pub(crate) fn is_wanted(&self, sequence: u64) -> bool {
        let too_old = sequence + self.entries.len() as u64 <= self.highest;
        !too_old && self.entries[self.index(sequence)].entry.sequence != sequence
    }

    /// Where the next packet may be written, before anyone knows whether it is genuine: nothing that is
    /// still in use lies there.
    pub(crate) fn slot(&mut self) -> &mut [u8] {
        let start = self.slot_start();
        &mut self.bytes[start..start + MAX_PACKET_LEN]
    }

    /// Takes the packet of `len` bytes that now is in the slot, and is [wanted](Ring::is_wanted).
    pub(crate) fn commit(&mut self, len: usize, entry: &Entry) {
        self.entries[self.index(entry.sequence)] = Stored {
            entry: *entry,
            position: self.cursor,
        };
        self.cursor += len as u64;
        self.highest = self.highest.max(entry.sequence);
    }

    /// Takes a packet, [wanted](Ring::is_wanted) and older, whose payload is part of the packet `carrier`, which is there.
    pub(crate) fn commit_part(&mut self, carrier: u64, entry: &Entry) {
        let position = self.entries[self.index(carrier)].position;
        self.entries[self.index(entry.sequence)] = Stored {
            entry: *entry,
            position,
        };
    }

    /// The packet of this number and its bytes, while both are still there.
    pub(crate) fn get(&self, sequence: u64) -> Option<(&Entry, &[u8])> {
        let Stored { entry, position } = &self.entries[self.index(sequence)];
        let overwritten_to = self.cursor + MAX_PACKET_LEN as u64;
        let is_intact = position + self.bytes.len() as u64 >= overwritten_to;
        let start = *position as usize % self.bytes.len();
        (entry.sequence == sequence && is_intact).then(|| (entry, &self.bytes[start..]))
    }

    fn index(&self, sequence: u64) -> usize {
        sequence as usize % self.entries.len()
    }

    /// Moves the cursor so that a whole packet fits in one piece, and returns its place in the circle.
    fn slot_start(&mut self) -> usize {
        let start = self.cursor as usize % self.bytes.len();
        let left = self.bytes.len() - start;
        if left >= MAX_PACKET_LEN {
            return start;
        }
        self.cursor += left as u64;
        0
    }
}

impl Stored {
    const UNUSED: Stored = Stored {
        entry: Entry {
            sequence: 0,
            timestamp: 0,
            payload_type: 0,
            marker: false,
            picture: None,
            layers: Layers::SINGLE,
            redundancy: 0,
            elements: Elements::NONE,
            payload: PayloadRange { start: 0, end: 0 },
        },
        position: 0,
    };
}

impl PayloadRange {
    /// `None` if it is not inside a packet of at most [`MAX_PACKET_LEN`].
    pub(crate) fn new(range: &Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > MAX_PACKET_LEN {
            return None;
        }
        Some(PayloadRange {
            start: range.start as u16,
            end: range.end as u16,
        })
    }

    pub(crate) fn len(self) -> usize {
        usize::from(self.end - self.start)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Where it ends in the packet.
    pub(crate) fn end(self) -> usize {
        usize::from(self.end)
    }

    /// The payload in the bytes of its packet.
    pub(crate) fn of(self, packet: &[u8]) -> &[u8] {
        &packet[usize::from(self.start)..usize::from(self.end)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(ring: &mut Ring, sequence: u64, len: usize) {
        ring.slot()[..len].fill(sequence as u8);
        let payload = PayloadRange::new(&(0..len)).expect("fits");
        let entry = Entry {
            sequence,
            payload,
            ..Stored::UNUSED.entry
        };
        ring.commit(len, &entry);
    }

    /// The packets that can still be had are whole; returns how many there are.
    fn intact(ring: &Ring, sequences: std::ops::RangeInclusive<u64>) -> usize {
        sequences
            .filter_map(|sequence| Some((sequence, ring.get(sequence)?)))
            .inspect(|(sequence, (entry, packet))| {
                assert!(
                    entry
                        .payload
                        .of(packet)
                        .iter()
                        .all(|byte| *byte == *sequence as u8)
                );
            })
            .count()
    }

    #[test]
    fn what_can_be_had_is_whole_whatever_the_sizes_and_whatever_lies_in_the_slot() {
        let mut ring = Ring::new(MediaKind::Video);
        for sequence in 1..=5000_u64 {
            let len = 1 + (sequence * 7919 % MAX_PACKET_LEN as u64) as usize;
            push(&mut ring, sequence, len);
            ring.slot().fill(0xff); // A forged packet got no further than here.
            let held = intact(&ring, sequence.saturating_sub(600)..=sequence);
            assert!(held >= 400.min(sequence as usize), "{held} at {sequence}");
        }
    }

    #[test]
    fn small_packets_are_held_by_count_and_large_ones_by_bytes() {
        let mut ring = Ring::new(MediaKind::Audio);
        (1..=1000).for_each(|sequence| push(&mut ring, sequence, 100));
        assert_eq!(intact(&ring, 1..=1000), 128);
        (1001..=2000).for_each(|sequence| push(&mut ring, sequence, 1000));
        assert!((26..=32).contains(&intact(&ring, 1..=2000)), "32 KiB");
    }

    #[test]
    fn a_packet_is_wanted_once_and_not_after_its_time() {
        let mut ring = Ring::new(MediaKind::Video);
        push(&mut ring, 1000, 10);
        assert!(!ring.is_wanted(1000));
        assert!(ring.is_wanted(999));
        assert!(ring.is_wanted(489));
        assert!(!ring.is_wanted(488));
    }
}
