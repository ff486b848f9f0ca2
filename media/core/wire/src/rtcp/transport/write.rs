//! Writing feedback: as many packets as fit one, in the chunks that take least room. (§3.1)

use super::chunk::Symbol;
use super::{Arrival, REFERENCE_TICKS};
use crate::rtcp::{append, format, packet_type, put};

/// Statuses that one feedback of ours covers at most. Over this, there is another one.
const MAX_STATUSES: u64 = 2048;

/// Packets that one feedback of ours reports as arrived at most: with two-byte deltas, under 1200 bytes.
const MAX_ARRIVALS: usize = 400;

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
