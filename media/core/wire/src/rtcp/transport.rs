//! Transport-wide feedback: when each packet arrived. (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1)

use super::{append, format, packet_type, put};
use crate::cursor::{u16_at, u24_at, u32_at};
use std::time::Duration;

/// The unit of arrival times.
pub const TICK: Duration = Duration::from_micros(250);

/// Ticks in one unit of the reference time, which counts in 64 ms.
const REFERENCE_TICKS: i64 = 256;

/// Statuses that one feedback of ours covers at most. Over this, there is another one.
const MAX_STATUSES: u64 = 2048;

/// Packets that one feedback of ours reports as arrived at most: with two-byte deltas, under 1200 bytes.
const MAX_ARRIVALS: usize = 400;

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

/// The status of one packet. (§3.1.1)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Missing,
    /// Arrived, with a delta of one byte: 0 to 255 ticks.
    Small,
    /// Arrived, with a signed delta of two bytes.
    Large,
}

impl Symbol {
    /// The reserved fourth symbol carries no delta, so it counts as missing.
    fn of_bits(bits: u16) -> Self {
        match bits & 3 {
            1 => Symbol::Small,
            2 => Symbol::Large,
            _ => Symbol::Missing,
        }
    }

    fn of_delta(delta: i64) -> Option<Self> {
        match delta {
            0..=255 => Some(Symbol::Small),
            _ => i16::try_from(delta).ok().map(|_| Symbol::Large),
        }
    }
}

/// What is left of one packet status chunk. (§3.1.3, §3.1.4)
#[derive(Clone, Copy, Debug)]
enum Chunk {
    Run {
        symbol: Symbol,
        left: u16,
    },
    /// Symbols of `width` bits, the next one in the highest bits of the 14.
    Vector {
        bits: u16,
        width: u16,
        left: u16,
    },
}

impl Chunk {
    fn decode(word: u16) -> Self {
        match word >> 14 {
            0 | 1 => Chunk::Run {
                symbol: Symbol::of_bits(word >> 13),
                left: word & 0x1fff,
            },
            2 => Chunk::Vector {
                bits: word & 0x3fff,
                width: 1,
                left: 14,
            },
            _ => Chunk::Vector {
                bits: word & 0x3fff,
                width: 2,
                left: 7,
            },
        }
    }

    /// How many statuses are left.
    fn len(&self) -> u16 {
        match self {
            Chunk::Run { left, .. } | Chunk::Vector { left, .. } => *left,
        }
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn peek(&self) -> Symbol {
        match self {
            Chunk::Run { symbol, .. } => *symbol,
            Chunk::Vector { bits, width, .. } => Symbol::of_bits(bits >> (14 - width)),
        }
    }

    /// Takes the next symbol of a chunk that has one left.
    fn take(&mut self) -> Symbol {
        let symbol = self.peek();
        match self {
            Chunk::Run { left, .. } => *left -= 1,
            Chunk::Vector { bits, width, left } => {
                *bits = *bits << *width & 0x3fff;
                *left -= 1;
            }
        }
        symbol
    }

    /// Takes all symbols up to the next arrival, and returns how many: a run in one step, however long.
    fn skip_missing(&mut self) -> u16 {
        let before = self.len();
        if let Chunk::Run {
            symbol: Symbol::Missing,
            left,
        } = self
        {
            *left = 0;
        }
        while !self.is_empty() && self.peek() == Symbol::Missing {
            self.take();
        }
        before - self.len()
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

/// Appends one feedback about the packets from `base` on, and returns how many of `arrivals` it covers.
///
/// `arrivals` are by rising sequence, none before `base`; what lies between them is reported as lost. Returns
/// less than their number when the rest needs a feedback of its own, whose `base` is then the next arrival:
/// after 400 packets, after 2048 sequence numbers, or when two arrival times are over 8 s apart. Returns 0, and
/// appends nothing, only if `arrivals` is empty or its first is 2048 or more after `base`.
pub fn write_transport_feedback(
    out: &mut Vec<u8>,
    ssrcs: (u32, u32),
    feedback_count: u8,
    base: u64,
    arrivals: &[Arrival],
) -> usize {
    let Some(first) = arrivals.first() else {
        return 0;
    };
    let reference = first.ticks.div_euclid(REFERENCE_TICKS);
    let report = Report {
        base,
        start: reference * REFERENCE_TICKS,
        arrivals,
    };
    let covered = report.coverable();
    let Some(last) = covered.checked_sub(1) else {
        return 0;
    };
    let report = Report {
        arrivals: &arrivals[..covered],
        ..report
    };
    let status_count = (arrivals[last].sequence - base + 1) as u32;
    append(
        out,
        format::TRANSPORT_WIDE,
        packet_type::TRANSPORT_FEEDBACK,
        |out| {
            put(out, ssrcs.0);
            put(out, ssrcs.1);
            put(out, u32::from(base as u16) << 16 | status_count);
            put(out, (reference as u32) << 8 | u32::from(feedback_count));
            report.write_chunks(out);
            report.write_deltas(out);
        },
    );
    covered
}

/// What one feedback is made from.
#[derive(Clone, Copy)]
struct Report<'a> {
    base: u64,
    /// The reference time, in ticks.
    start: i64,
    arrivals: &'a [Arrival],
}

impl<'a> Report<'a> {
    /// Each arrival with the ticks since the one before.
    fn deltas(self) -> impl Iterator<Item = (u64, i64)> + Clone + use<'a> {
        self.arrivals.iter().scan(self.start, |previous, arrival| {
            let delta = arrival.ticks - std::mem::replace(previous, arrival.ticks);
            Some((arrival.sequence, delta))
        })
    }

    /// How many arrivals fit into one feedback.
    fn coverable(self) -> usize {
        let fits = |(sequence, delta): &(u64, i64)| {
            sequence - self.base < MAX_STATUSES && Symbol::of_delta(*delta).is_some()
        };
        self.deltas().take(MAX_ARRIVALS).take_while(fits).count()
    }

    /// The status of every packet from `base` to the last arrival.
    fn symbols(self) -> impl Iterator<Item = Symbol> + Clone + use<'a> {
        let mut next = self.base;
        self.deltas().flat_map(move |(sequence, delta)| {
            let missing = (sequence - next) as usize;
            next = sequence + 1;
            let arrived = Symbol::of_delta(delta).unwrap_or(Symbol::Missing);
            std::iter::repeat_n(Symbol::Missing, missing).chain([arrived])
        })
    }

    /// Runs where they are longer than a vector; else the densest vector that can hold what comes.
    fn write_chunks(self, out: &mut Vec<u8>) {
        let mut symbols = self.symbols();
        while let Some(first) = symbols.clone().next() {
            let run = symbols
                .clone()
                .take_while(|symbol| *symbol == first)
                .take(0x1fff)
                .count();
            let large = symbols
                .clone()
                .take(14)
                .any(|symbol| symbol == Symbol::Large);
            let (word, taken) = match (run, large) {
                (14.., _) | (7.., true) => ((first as u16) << 13 | run as u16, run),
                (_, false) => (0x8000 | vector(symbols.clone(), 1), 14),
                (_, true) => (0xc000 | vector(symbols.clone(), 2), 7),
            };
            out.extend_from_slice(&word.to_be_bytes());
            symbols.by_ref().take(taken).for_each(drop);
        }
    }

    fn write_deltas(self, out: &mut Vec<u8>) {
        for (_, delta) in self.deltas() {
            match Symbol::of_delta(delta) {
                Some(Symbol::Small) => out.push(delta as u8),
                _ => out.extend_from_slice(&(delta as i16).to_be_bytes()),
            }
        }
    }
}

/// The next symbols, `width` bits each, in the upper end of 14 bits; missing where there are no more.
fn vector(symbols: impl Iterator<Item = Symbol>, width: u16) -> u16 {
    let places = (1..=14 / width).map(|place| 14 - place * width);
    places
        .zip(symbols)
        .fold(0, |bits, (shift, symbol)| bits | (symbol as u16) << shift)
}
