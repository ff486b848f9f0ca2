//! RED on its way out: what a packet repeats of those before it comes out of the ring. (RFC 2198)
//!
//! So it does not matter whether the publisher sent redundancy, nor how much of it arrived: what was lost upstream
//! and recovered is repeated like the rest.

use crate::ring::{Entry, Ring};
use hoichan_wire::red::{self, MAX_REDUNDANT_LEN, MAX_TIMESTAMP_OFFSET, Redundant};

/// Packets that one packet repeats at most.
pub(crate) const MAX_DISTANCE: u8 = 2;

/// Largest packet that redundancy may make, in bytes of header and payload: libwebrtc's own limit for what it sends.
const MAX_LEN: usize = 1200;

/// What one packet repeats of those before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repetition<'a> {
    /// Of the repeated packets, and of the packet itself, as the subscriber calls it.
    payload_type: u8,
    /// Oldest first, at the end.
    blocks: [Redundant<'a>; MAX_DISTANCE as usize],
    count: u8,
}

impl<'a> Repetition<'a> {
    /// Nothing is repeated.
    pub(crate) const NONE: Repetition<'static> = Repetition {
        payload_type: 0,
        blocks: [Redundant {
            timestamp_offset: 0,
            payload: &[],
        }; MAX_DISTANCE as usize],
        count: 0,
    };

    /// What `entry` repeats: at most `distance` packets before it, none of them refused by `is_sent`.
    ///
    /// It stays below an MTU behind a header of `header_len` bytes, and without a gap: receivers may tell by the place
    /// of a block which packet it was.
    pub(crate) fn of(
        ring: &'a Ring,
        entry: &Entry,
        (payload_type, distance): (u8, u8),
        header_len: usize,
        is_sent: impl Fn(u64) -> bool,
    ) -> Self {
        let mut found = Repetition {
            payload_type,
            ..Repetition::NONE
        };
        let (sequence, timestamp) = (entry.sequence, entry.timestamp);
        for back in 1..=u64::from(distance.min(MAX_DISTANCE)) {
            let Some((earlier, packet)) = ring.get(sequence.saturating_sub(back)) else {
                break;
            };
            let block = Redundant {
                timestamp_offset: timestamp.wrapping_sub(earlier.timestamp),
                payload: earlier.payload.of(packet),
            };
            let fits = earlier.payload_type == entry.payload_type
                && (1..=MAX_TIMESTAMP_OFFSET).contains(&block.timestamp_offset)
                && (1..=MAX_REDUNDANT_LEN).contains(&block.payload.len())
                && is_sent(earlier.sequence);
            let longer = found.with(block);
            if !fits || header_len + longer.payload_len(entry.payload.len()) > MAX_LEN {
                break;
            }
            found = longer;
        }
        found
    }

    /// How many packets are repeated.
    pub(crate) fn count(&self) -> u8 {
        self.count
    }

    /// Bytes of the payload whose own part has `primary_len`.
    pub(crate) fn payload_len(&self, primary_len: usize) -> usize {
        let blocks = self.blocks();
        if blocks.is_empty() {
            return primary_len;
        }
        let redundant_len = blocks.iter().map(|one| one.payload.len()).sum();
        red::payload_len(blocks.len(), redundant_len, primary_len)
    }

    /// Writes the whole payload; `out` has just its length.
    pub(crate) fn write(&self, out: &mut [u8], primary: &[u8]) -> Option<()> {
        if self.count == 0 {
            out.copy_from_slice(primary);
        } else {
            red::write(out, self.payload_type, self.blocks(), primary)?;
        }
        Some(())
    }

    /// The same with one block more, older than all.
    fn with(mut self, block: Redundant<'a>) -> Self {
        self.count += 1;
        self.blocks[usize::from(MAX_DISTANCE - self.count)] = block;
        self
    }

    fn blocks(&self) -> &[Redundant<'a>] {
        &self.blocks[usize::from(MAX_DISTANCE - self.count)..]
    }
}
