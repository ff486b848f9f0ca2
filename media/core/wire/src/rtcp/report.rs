//! Sender and receiver reports, SDES, BYE. (RFC 3550 §6.4 to §6.6)

use super::{append, packet_type, put};
use crate::cursor::{u24_at, u32_at, u64_at};
use crate::ntp::NtpTime;

/// Report blocks or sources that fit one packet: the count has 5 bits.
pub const MAX_COUNT: usize = 31;

/// Bytes of one report block.
const BLOCK_LEN: usize = 24;

/// The SDES item type of a canonical name. (RFC 3550 §6.5.1)
const CNAME: u8 = 1;

/// How one source is being received. (RFC 3550 §6.4.1)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source that is reported on.
    pub ssrc: u32,
    /// Lost since the previous report, in 1/256.
    pub fraction_lost: u8,
    /// Lost since the beginning; 24 bits signed, negative when duplicates outnumber losses.
    pub cumulative_lost: i32,
    /// Highest sequence number received, in its low 16 bits; wraps counted above.
    pub highest_sequence: u32,
    /// In timestamp units.
    pub jitter: u32,
    /// [`NtpTime::compact`] of the last sender report received; 0 if none was.
    pub last_sr: u32,
    /// Time since then, in 2^-16 s; 0 if none was.
    pub delay_since_last_sr: u32,
}

impl ReportBlock {
    fn parse(block: &[u8]) -> Option<Self> {
        Some(ReportBlock {
            ssrc: u32_at(block, 0)?,
            fraction_lost: *block.get(4)?,
            cumulative_lost: ((u24_at(block, 5)? << 8) as i32) >> 8,
            highest_sequence: u32_at(block, 8)?,
            jitter: u32_at(block, 12)?,
            last_sr: u32_at(block, 16)?,
            delay_since_last_sr: u32_at(block, 20)?,
        })
    }

    /// Appends the block; a loss outside 24 bits is clamped, as RFC 3550 §A.3 has it.
    fn write(&self, out: &mut Vec<u8>) {
        let lost = self.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff);
        put(out, self.ssrc);
        put(
            out,
            u32::from(self.fraction_lost) << 24 | (lost as u32 & 0xff_ffff),
        );
        put(out, self.highest_sequence);
        put(out, self.jitter);
        put(out, self.last_sr);
        put(out, self.delay_since_last_sr);
    }
}

/// What a sender says about what it sent. (RFC 3550 §6.4.1)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// The sender.
    pub ssrc: u32,
    /// Wall-clock time of this report.
    pub ntp: NtpTime,
    /// The same instant on the media clock.
    pub rtp_timestamp: u32,
    /// Packets sent so far, wrapping.
    pub packet_count: u32,
    /// Payload bytes sent so far, wrapping.
    pub octet_count: u32,
}

/// A sender report.
#[derive(Clone, Debug)]
pub struct SenderReport<'a> {
    /// About what was sent.
    pub info: SenderInfo,
    blocks: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        let info = SenderInfo {
            ssrc: u32_at(body, 0)?,
            ntp: NtpTime(u64_at(body, 4)?),
            rtp_timestamp: u32_at(body, 12)?,
            packet_count: u32_at(body, 16)?,
            octet_count: u32_at(body, 20)?,
        };
        Some(SenderReport {
            info,
            blocks: body.get(24..24 + BLOCK_LEN * usize::from(count))?,
        })
    }

    /// About what was received.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

/// A receiver report.
#[derive(Clone, Debug)]
pub struct ReceiverReport<'a> {
    /// Who reports.
    pub ssrc: u32,
    blocks: &'a [u8],
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        let ssrc = u32_at(body, 0)?;
        Some(ReceiverReport {
            ssrc,
            blocks: body.get(4..4 + BLOCK_LEN * usize::from(count))?,
        })
    }

    /// About what was received.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

fn blocks(bytes: &[u8]) -> impl Iterator<Item = ReportBlock> {
    bytes.chunks_exact(BLOCK_LEN).filter_map(ReportBlock::parse)
}

/// Descriptions of sources, of which only canonical names mean anything to us.
#[derive(Clone, Debug)]
pub struct Sdes<'a> {
    chunks: &'a [u8],
}

impl<'a> Sdes<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Self {
        Sdes { chunks: body }
    }

    /// Each source and its canonical name, as bytes: a peer may have put anything there. Ends at the first
    /// chunk that does not parse.
    pub fn cnames(&self) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        let mut rest = self.chunks;
        std::iter::from_fn(move || next_cname(&mut rest))
    }
}

/// Takes chunks off `rest` until one has a canonical name.
fn next_cname<'a>(rest: &mut &'a [u8]) -> Option<(u32, &'a [u8])> {
    loop {
        let ssrc = u32_at(rest, 0)?;
        let mut at = 4;
        let mut cname = None;
        while *rest.get(at)? != 0 {
            let value = at + 2..at + 2 + usize::from(*rest.get(at + 1)?);
            let item = (rest[at], rest.get(value.clone())?);
            cname = cname.or((item.0 == CNAME).then_some(item.1));
            at = value.end;
        }
        *rest = rest.get((at + 1).next_multiple_of(4)..)?;
        if let Some(cname) = cname {
            return Some((ssrc, cname));
        }
    }
}

/// Sources that end. The reason, if any, is left alone.
#[derive(Clone, Debug)]
pub struct Bye<'a> {
    ssrcs: &'a [u8],
}

impl<'a> Bye<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        Some(Bye {
            ssrcs: body.get(..4 * usize::from(count))?,
        })
    }

    /// The sources.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.ssrcs
            .chunks_exact(4)
            .filter_map(|word| u32_at(word, 0))
    }
}

/// Appends a sender report with at most [`MAX_COUNT`] blocks; any further are left out.
pub fn write_sender_report(out: &mut Vec<u8>, info: &SenderInfo, blocks: &[ReportBlock]) {
    let blocks = &blocks[..blocks.len().min(MAX_COUNT)];
    append(out, blocks.len() as u8, packet_type::SENDER_REPORT, |out| {
        put(out, info.ssrc);
        out.extend_from_slice(&info.ntp.0.to_be_bytes());
        put(out, info.rtp_timestamp);
        put(out, info.packet_count);
        put(out, info.octet_count);
        blocks.iter().for_each(|block| block.write(out));
    });
}

/// Appends a receiver report with at most [`MAX_COUNT`] blocks; any further are left out.
pub fn write_receiver_report(out: &mut Vec<u8>, ssrc: u32, blocks: &[ReportBlock]) {
    let blocks = &blocks[..blocks.len().min(MAX_COUNT)];
    append(
        out,
        blocks.len() as u8,
        packet_type::RECEIVER_REPORT,
        |out| {
            put(out, ssrc);
            blocks.iter().for_each(|block| block.write(out));
        },
    );
}

/// Appends an SDES with one chunk: the canonical name of `ssrc`, cut to 255 bytes.
pub fn write_cname(out: &mut Vec<u8>, ssrc: u32, cname: &[u8]) {
    let cname = &cname[..cname.len().min(255)];
    append(out, 1, packet_type::SDES, |out| {
        put(out, ssrc);
        out.extend_from_slice(&[CNAME, cname.len() as u8]);
        out.extend_from_slice(cname);
        out.push(0); // Ends the list of items; zeros up to the word follow anyway.
    });
}

/// Appends a BYE for at most [`MAX_COUNT`] sources; any further are left out.
pub fn write_bye(out: &mut Vec<u8>, ssrcs: &[u32]) {
    let ssrcs = &ssrcs[..ssrcs.len().min(MAX_COUNT)];
    append(out, ssrcs.len() as u8, packet_type::BYE, |out| {
        ssrcs.iter().for_each(|ssrc| put(out, *ssrc));
    });
}
