//! What a subscriber tells the server: reports, losses, arrival times, wishes for key frames.

use std::time::{Duration, Instant};

use hoichan_wire::rtcp::{
    Arrival, MAX_COUNT, write_cname, write_nack, write_pli, write_receiver_report, write_remb,
    write_transport_feedback,
};
use hoichan_wire::seq;

use super::source::Source;
use crate::load::clock::Nanoseconds;

const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// libwebrtc's, where feedback takes 5 % of what it is about, is between 50 and 250 ms.
const ARRIVALS_INTERVAL: Duration = Duration::from_millis(100);
/// Loopback carries more; to the server it is a fast line.
const BITRATE_BPS: u64 = 100_000_000;
const TICK_NS: u64 = 250_000;

/// What is to be told.
pub struct Feedback {
    ssrc: u32,
    transport_wide: Option<u8>,
    uses_remb: bool,
    arrivals: Vec<Arrival>,
    highest: u64,
    next_base: Option<u64>,
    count: u8,
    next_report: Instant,
    next_arrivals: Instant,
    compound: Vec<u8>,
}

impl Feedback {
    pub fn new(now: Instant, ssrc: u32) -> Self {
        Self {
            ssrc,
            transport_wide: None,
            uses_remb: false,
            arrivals: Vec::new(),
            highest: 0x1_0000,
            next_base: None,
            count: 0,
            next_report: now + REPORT_INTERVAL,
            next_arrivals: now + ARRIVALS_INTERVAL,
            compound: Vec::new(),
        }
    }

    pub fn agree(&mut self, transport_wide: Option<u8>, uses_remb: bool) {
        self.transport_wide = transport_wide;
        self.uses_remb = uses_remb;
    }

    /// A packet with this transport-wide number came.
    pub fn arrived(&mut self, sequence: u16, arrived: Nanoseconds) {
        let Some(sequence) = seq::extend(sequence, self.highest) else {
            return;
        };
        self.highest = self.highest.max(sequence);
        let arrival = Arrival {
            sequence,
            ticks: (arrived / TICK_NS) as i64,
        };
        match self.arrivals.last() {
            Some(last) if last.sequence >= sequence => {
                let at = self.arrivals.partition_point(|one| one.sequence < sequence);
                if self.arrivals[at].sequence != sequence {
                    self.arrivals.insert(at, arrival);
                }
            }
            _ => self.arrivals.push(arrival),
        }
    }

    /// Appends what is due to compounds, and gives each to `send`.
    pub fn report(
        &mut self,
        now: Instant,
        wall: Nanoseconds,
        sources: &mut [Source],
        send: &mut impl FnMut(&mut Vec<u8>),
    ) {
        self.compound.clear();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            self.write_reports(wall, sources);
        }
        for source in sources {
            let missing = source.missing(now);
            if !missing.is_empty() {
                write_nack(&mut self.compound, self.ssrc, source.ssrc, &missing);
            }
            if source.asks_for_key_frame(now) {
                write_pli(&mut self.compound, self.ssrc, source.ssrc);
            }
        }
        if !self.compound.is_empty() {
            send(&mut self.compound);
        }
        if now >= self.next_arrivals {
            self.next_arrivals = now + ARRIVALS_INTERVAL;
            self.report_arrivals(send);
        }
    }

    fn write_reports(&mut self, wall: Nanoseconds, sources: &mut [Source]) {
        let blocks: Vec<_> = sources
            .iter_mut()
            .map(|source| source.block(wall))
            .collect();
        for blocks in blocks.chunks(MAX_COUNT) {
            write_receiver_report(&mut self.compound, self.ssrc, blocks);
        }
        if blocks.is_empty() {
            write_receiver_report(&mut self.compound, self.ssrc, &[]);
        }
        write_cname(&mut self.compound, self.ssrc, b"load");
        if self.uses_remb {
            let ssrcs: Vec<u32> = blocks.iter().map(|block| block.ssrc).collect();
            write_remb(&mut self.compound, self.ssrc, BITRATE_BPS, &ssrcs);
        }
    }

    fn report_arrivals(&mut self, send: &mut impl FnMut(&mut Vec<u8>)) {
        let mut rest = self.arrivals.as_slice();
        while let Some(first) = rest.first() {
            // What came late was reported as lost before; the report about it begins with it.
            let base = self
                .next_base
                .filter(|base| *base <= first.sequence && first.sequence - base < 1024);
            self.compound.clear();
            let ssrcs = (self.ssrc, 0);
            let base = base.unwrap_or(first.sequence);
            let covered =
                write_transport_feedback(&mut self.compound, ssrcs, self.count, base, rest);
            send(&mut self.compound);
            self.count = self.count.wrapping_add(1);
            self.next_base = Some(rest[covered - 1].sequence + 1);
            rest = &rest[covered..];
        }
        self.arrivals.clear();
    }
}
