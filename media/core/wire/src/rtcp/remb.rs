//! Receiver estimated maximum bitrate. (draft-alvestrand-rmcat-remb-03 §2.2)

use super::{append, format, packet_type, put};
use crate::cursor::{u24_at, u32_at};

/// What marks this application feedback as REMB.
const IDENTIFIER: u32 = u32::from_be_bytes(*b"REMB");

/// The mantissa of the bit rate has this many bits.
const MANTISSA_BITS: u32 = 18;

/// The bit rate a receiver believes it can take, over all sources it names.
#[derive(Clone, Debug)]
pub struct Remb<'a> {
    /// Who says so.
    pub sender_ssrc: u32,
    /// In bit/s; what does not fit is the largest value.
    pub bitrate_bps: u64,
    ssrcs: &'a [u8],
}

impl<'a> Remb<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        if u32_at(body, 8)? != IDENTIFIER {
            return None;
        }
        let count = usize::from(*body.get(12)?);
        let rate = u24_at(body, 13)?;
        let (exponent, mantissa) = (rate >> MANTISSA_BITS, rate & ((1 << MANTISSA_BITS) - 1));
        let bitrate_bps = u64::try_from(u128::from(mantissa) << exponent).unwrap_or(u64::MAX);
        Some(Remb {
            sender_ssrc: u32_at(body, 0)?,
            bitrate_bps,
            ssrcs: body.get(16..16 + 4 * count)?,
        })
    }

    /// The sources the bit rate is shared by.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.ssrcs
            .chunks_exact(4)
            .filter_map(|word| u32_at(word, 0))
    }
}

/// Appends a REMB for at most 255 sources; any further are left out. The rate is rounded down to 18 bits.
pub fn write_remb(out: &mut Vec<u8>, sender_ssrc: u32, bitrate_bps: u64, ssrcs: &[u32]) {
    let ssrcs = &ssrcs[..ssrcs.len().min(255)];
    let exponent = (u64::BITS - bitrate_bps.leading_zeros()).saturating_sub(MANTISSA_BITS);
    let mantissa = (bitrate_bps >> exponent) as u32;
    append(
        out,
        format::APPLICATION,
        packet_type::PAYLOAD_FEEDBACK,
        |out| {
            put(out, sender_ssrc);
            put(out, 0);
            put(out, IDENTIFIER);
            put(
                out,
                (ssrcs.len() as u32) << 24 | exponent << MANTISSA_BITS | mantissa,
            );
            ssrcs.iter().for_each(|ssrc| put(out, *ssrc));
        },
    );
}
