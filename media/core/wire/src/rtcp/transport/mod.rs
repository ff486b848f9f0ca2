//! Transport-wide feedback: when each packet arrived. (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1)

mod chunk;
mod write;

pub use write::write_transport_feedback;

use crate::cursor::{u16_at, u24_at, u32_at};
use chunk::{Chunk, Symbol};
use std::time::Duration;

/// The unit of arrival times.
pub const TICK: Duration = Duration::from_micros(250);

/// Ticks in one unit of the reference time, which counts in 64 ms.
const REFERENCE_TICKS: i64 = 256;

/// One packet that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Transport-wide sequence number: wide when we report, the low 16 bits of it when a peer does.
    pub sequence: u64,
    /// Time of arrival in [`TICK`]s since an epoch that only the receiver knows.
    pub ticks: i64,
}

/// What a receiver reports about packets numbered across the transport.
#[derive(Clone, Debug)]
pub struct TransportFeedback<'a> {
    /// Who reports.
    pub sender_ssrc: u32,
    /// Some source of the transport; means nothing.
    pub media_ssrc: u32,
    /// The first packet reported on.
    pub base_sequence: u16,
    /// How many packets, counted from there, are reported on: what has no arrival in them is lost so far.
    pub status_count: u16,
    /// Goes up by one with each feedback, wrapping.
    pub feedback_count: u8,
    /// In 64 ms, 24 bits signed.
    reference: i32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let status_count = u16_at(body, 10)?;
        let (chunks, deltas) = split_chunks(body.get(16..)?, status_count)?;
        Some(TransportFeedback {
            sender_ssrc: u32_at(body, 0)?,
            media_ssrc: u32_at(body, 4)?,
            base_sequence: u16_at(body, 8)?,
            status_count,
            feedback_count: *body.get(15)?,
            reference: ((u24_at(body, 12)? << 8) as i32) >> 8,
            chunks,
            deltas,
        })
    }

    /// The packets that arrived, by rising sequence number; ends early if arrival times are missing.
    pub fn arrivals(&self) -> Arrivals<'a> {
        Arrivals {
            next: self.base_sequence,
            left: self.status_count,
            chunk: Chunk::Run {
                symbol: Symbol::Missing,
                left: 0,
            },
            chunks: self.chunks,
            deltas: self.deltas,
            ticks: i64::from(self.reference) * REFERENCE_TICKS,
        }
    }
}

/// Iterator over [`TransportFeedback::arrivals`].
#[derive(Clone, Debug)]
pub struct Arrivals<'a> {
    next: u16,
    left: u16,
    chunk: Chunk,
    chunks: &'a [u8],
    deltas: &'a [u8],
    ticks: i64,
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        while self.left > 0 {
            if self.chunk.is_empty() {
                self.chunk = Chunk::decode(u16_at(self.chunks, 0)?);
                self.chunks = self.chunks.get(2..)?;
            }
            let missing = self.chunk.skip_missing().min(self.left);
            self.left -= missing;
            self.next = self.next.wrapping_add(missing);
            if self.left == 0 || self.chunk.is_empty() {
                continue;
            }
            let delta = self.take_delta()?;
            let sequence = u64::from(self.next);
            self.left -= 1;
            self.next = self.next.wrapping_add(1);
            self.ticks += delta;
            return Some(Arrival {
                sequence,
                ticks: self.ticks,
            });
        }
        None
    }
}

impl Arrivals<'_> {
    fn take_delta(&mut self) -> Option<i64> {
        let (delta, len) = match self.chunk.take() {
            Symbol::Missing => return None,
            Symbol::Small => (i64::from(*self.deltas.first()?), 1),
            Symbol::Large => (i64::from(u16_at(self.deltas, 0)? as i16), 2),
        };
        self.deltas = &self.deltas[len..];
        Some(delta)
    }
}

/// Splits what follows the fixed fields into the chunks that cover `status_count`, and the deltas.
fn split_chunks(bytes: &[u8], status_count: u16) -> Option<(&[u8], &[u8])> {
    let mut covered = 0;
    let mut at = 0;
    while covered < u32::from(status_count) {
        let chunk = Chunk::decode(u16_at(bytes, at)?);
        covered += u32::from(chunk.len());
        at += 2;
    }
    bytes.split_at_checked(at)
}
