//! NACK, PLI, FIR. (RFC 4585 §6.2.1, §6.3.1, RFC 5104 §4.3.1)

use super::{append, format, packet_type, put};
use crate::cursor::{u16_at, u32_at};

/// NACK items of one packet: enough for 256 losses far apart, and a packet stays under 1040 bytes.
const MAX_NACK_ITEMS: usize = 256;

/// Packets to be sent again.
#[derive(Clone, Debug)]
pub struct Nack<'a> {
    /// Who asks.
    pub sender_ssrc: u32,
    /// Whose packets.
    pub media_ssrc: u32,
    items: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        Some(Nack {
            sender_ssrc: u32_at(body, 0)?,
            media_ssrc: u32_at(body, 4)?,
            items: body.get(8..)?,
        })
    }

    /// The sequence numbers asked for, in the order written; a peer may name one many times, so what is sent
    /// in answer needs a budget. At most 17 for every 4 bytes.
    pub fn lost(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.items.chunks_exact(4).flat_map(|item| {
            let first = u16_at(item, 0).unwrap_or(0);
            let following = u16_at(item, 2).unwrap_or(0);
            let bits = u32::from(following) << 1 | 1;
            (0..=16)
                .filter(move |bit| bits >> bit & 1 == 1)
                .map(move |bit| first.wrapping_add(bit))
        })
    }
}

/// Key frames wanted, each request numbered so that a repetition is known as one.
#[derive(Clone, Debug)]
pub struct Fir<'a> {
    /// Who asks.
    pub sender_ssrc: u32,
    entries: &'a [u8],
}

impl<'a> Fir<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        Some(Fir {
            sender_ssrc: u32_at(body, 0)?,
            entries: body.get(8..)?,
        })
    }

    /// Whose key frame, and the number of the request.
    pub fn entries(&self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        self.entries
            .chunks_exact(8)
            .filter_map(|entry| Some((u32_at(entry, 0)?, *entry.get(4)?)))
    }
}

/// Appends a NACK for `lost`, ascending modulo 2^16, and returns how many of them fitted one packet.
pub fn write_nack(out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32, lost: &[u16]) -> usize {
    let mut rest = lost;
    append(out, format::NACK, packet_type::TRANSPORT_FEEDBACK, |out| {
        put(out, sender_ssrc);
        put(out, media_ssrc);
        for _ in 0..MAX_NACK_ITEMS {
            let Some(item) = take_nack_item(&mut rest) else {
                break;
            };
            put(out, item);
        }
    });
    lost.len() - rest.len()
}

/// One sequence number, and a bit for each of the 16 that follow it.
fn take_nack_item(lost: &mut &[u16]) -> Option<u32> {
    let (&first, mut rest) = lost.split_first()?;
    let mut following = 0;
    while let Some((&next, after)) = rest.split_first() {
        let distance = next.wrapping_sub(first);
        if distance > 16 {
            break;
        }
        following |= (1_u32 << distance) >> 1;
        rest = after;
    }
    *lost = rest;
    Some(u32::from(first) << 16 | following)
}

/// Appends a PLI: a key frame of `media_ssrc` is wanted.
pub fn write_pli(out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32) {
    append(out, format::PLI, packet_type::PAYLOAD_FEEDBACK, |out| {
        put(out, sender_ssrc);
        put(out, media_ssrc);
    });
}
