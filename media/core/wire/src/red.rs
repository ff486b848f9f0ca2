//! Redundant audio: a packet that repeats those before it. (RFC 2198)
//!
//! The view holds offsets only, like [`crate::rtp::Header`]: it describes a payload wherever that lies.

use std::ops::Range;

/// Bytes of the header of a repeated block. (RFC 2198 §3)
pub const REDUNDANT_HEADER_LEN: usize = 4;

/// Bytes of the header of the primary block, the last one.
pub const PRIMARY_HEADER_LEN: usize = 1;

/// How far a repeated block may lie before the packet, in timestamp units: 14 bits.
pub const MAX_TIMESTAMP_OFFSET: u32 = (1 << 14) - 1;

/// Bytes of a repeated block at most: 10 bits.
pub const MAX_REDUNDANT_LEN: usize = (1 << 10) - 1;

/// The F bit: another header follows.
const FOLLOWED: u8 = 0x80;

/// Where things are in one RED payload. Holds offsets only; each method takes the payload's bytes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Red {
    /// How many repeated blocks come before the primary one.
    pub redundant_count: usize,
    /// What the packet would have been without redundancy.
    pub primary: Block,
}

/// One block of a RED payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// 0 to 127.
    pub payload_type: u8,
    /// To be subtracted from the packet's timestamp, 0 to [`MAX_TIMESTAMP_OFFSET`]; 0 for the primary block.
    pub timestamp_offset: u32,
    /// The block's bytes within the payload; may be empty.
    pub range: Range<usize>,
}

/// What is to be repeated of an earlier packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redundant<'a> {
    /// How long before the packet it was, in timestamp units.
    pub timestamp_offset: u32,
    /// Its payload.
    pub payload: &'a [u8],
}

impl Red {
    /// Reads the headers. `None` unless they end, and all blocks are there.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let (mut redundant_count, mut redundant_len) = (0, 0);
        let mut rest = payload;
        while let Some((header, after)) = redundant_header(rest) {
            redundant_count += 1;
            redundant_len += header.len;
            rest = after;
        }
        let payload_type = *rest.first()?;
        let headers_len = payload.len() - rest.len() + PRIMARY_HEADER_LEN;
        let start = headers_len + redundant_len;
        // What F promises is not there if the payload ended in the middle of a header.
        let is_whole = payload_type & FOLLOWED == 0 && start <= payload.len();
        is_whole.then_some(Red {
            redundant_count,
            primary: Block {
                payload_type,
                timestamp_offset: 0,
                range: start..payload.len(),
            },
        })
    }

    /// The repeated blocks of the `payload` that was parsed, oldest first.
    pub fn redundant<'a>(&self, payload: &'a [u8]) -> impl Iterator<Item = Block> + use<'a> {
        let headers_len = self.redundant_count * REDUNDANT_HEADER_LEN + PRIMARY_HEADER_LEN;
        let (mut rest, mut start) = (payload, headers_len);
        std::iter::from_fn(move || {
            let (header, after) = redundant_header(rest)?;
            rest = after;
            let range = start..start + header.len;
            start = range.end;
            Some(Block {
                payload_type: header.payload_type,
                timestamp_offset: header.timestamp_offset,
                range,
            })
        })
    }
}

struct RedundantHeader {
    payload_type: u8,
    timestamp_offset: u32,
    len: usize,
}

/// The header of a repeated block at the beginning of `bytes`, and what follows it.
fn redundant_header(bytes: &[u8]) -> Option<(RedundantHeader, &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<REDUNDANT_HEADER_LEN>()?;
    if header[0] & FOLLOWED == 0 {
        return None;
    }
    let word = u32::from_be_bytes(*header);
    let header = RedundantHeader {
        payload_type: header[0] & !FOLLOWED,
        timestamp_offset: word >> 10 & MAX_TIMESTAMP_OFFSET,
        len: word as usize & MAX_REDUNDANT_LEN,
    };
    Some((header, rest))
}

/// Bytes of a payload that repeats `redundant_count` blocks of `redundant_len` bytes together.
pub fn payload_len(redundant_count: usize, redundant_len: usize, primary_len: usize) -> usize {
    redundant_count * REDUNDANT_HEADER_LEN + PRIMARY_HEADER_LEN + redundant_len + primary_len
}

/// Writes a payload to the beginning of `out` and returns its length. `redundant` goes from the oldest to the newest;
/// all blocks have the same `payload_type`.
///
/// `None` if it does not fit into `out`, or an offset, a length or the type into its bits.
pub fn write(
    out: &mut [u8],
    payload_type: u8,
    redundant: &[Redundant<'_>],
    primary: &[u8],
) -> Option<usize> {
    let redundant_len = redundant.iter().map(|one| one.payload.len()).sum();
    let len = payload_len(redundant.len(), redundant_len, primary.len());
    let headers_len = len - redundant_len - primary.len();
    let (headers, mut blocks) = out.get_mut(..len)?.split_at_mut(headers_len);
    if payload_type & FOLLOWED != 0 {
        return None;
    }
    let (last, headers) = headers.split_last_mut()?;
    *last = payload_type;
    for (header, one) in headers.chunks_mut(REDUNDANT_HEADER_LEN).zip(redundant) {
        if one.timestamp_offset > MAX_TIMESTAMP_OFFSET || one.payload.len() > MAX_REDUNDANT_LEN {
            return None;
        }
        let lengths = one.timestamp_offset << 10 | one.payload.len() as u32;
        let word = u32::from(FOLLOWED | payload_type) << 24 | lengths;
        header.copy_from_slice(&word.to_be_bytes());
        let (block, rest) = blocks.split_at_mut_checked(one.payload.len())?;
        block.copy_from_slice(one.payload);
        blocks = rest;
    }
    blocks.copy_from_slice(primary);
    Some(len)
}
