//! How one stream arrives: wide sequence numbers, loss, jitter. (RFC 3550 §6.4.1, §A.1, §A.3, §A.8)

use crate::moment::Moment;
use hoichan_wire::ntp::{NtpTime, compact_duration};
use hoichan_wire::rtcp::ReportBlock;
use hoichan_wire::seq;
use std::ops::AddAssign;
use std::time::Duration;

/// Wide numbers begin here, so that packets from before the first one received have room below it.
const FIRST_CYCLE: u64 = 1 << 16;

/// What was received of one SSRC. Retransmissions are streams of their own and do not count.
#[derive(Clone, Debug)]
pub(crate) struct Reception {
    ssrc: u32,
    clock_rate: u32,
    first: u64,
    highest: u64,
    received: u64,
    /// `(expected, received)` at the previous report.
    reported: (u64, u64),
    /// In 1/16 timestamp units, as RFC 3550 §A.8 keeps it.
    jitter: u32,
    /// Arrival in timestamp units less the timestamp, of the previous packet.
    transit: Option<u32>,
    /// Compact NTP time of the latest sender report, and when it arrived.
    sender_report: Option<(u32, Duration)>,
}

/// Packets expected and received in some interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) expected: u64,
    pub(crate) received: u64,
}

impl Tally {
    /// Share of what was expected that did not come, 0.0 to 1.0; duplicates do not make it negative.
    pub(crate) fn loss(&self) -> f64 {
        let lost = self.expected.saturating_sub(self.received);
        lost as f64 / self.expected.max(1) as f64
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.expected += other.expected;
        self.received += other.received;
    }
}

impl Reception {
    /// Begins with the packet `sequence`. `after` is the highest wide number of the stream this one replaces
    /// in its layer; the new numbers are all above it.
    pub(crate) fn new(ssrc: u32, clock_rate: u32, sequence: u16, after: Option<u64>) -> Self {
        let cycle = after.map_or(FIRST_CYCLE, |highest| (highest | 0xffff) + 1 + FIRST_CYCLE);
        let first = cycle + u64::from(sequence);
        Reception {
            ssrc,
            clock_rate,
            first,
            highest: first,
            received: 0,
            reported: (0, 0),
            jitter: 0,
            transit: None,
            sender_report: None,
        }
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Ticks of its media clock per second.
    pub(crate) fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// The highest wide sequence number so far.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// The wide number nearest the highest so far.
    pub(crate) fn extend(&self, sequence: u16) -> u64 {
        seq::extend(sequence, self.highest).expect("numbers begin above one whole cycle")
    }

    /// Whether the stream had begun by this wide number.
    pub(crate) fn includes(&self, sequence: u64) -> bool {
        sequence >= self.first
    }

    /// Counts one packet of the stream itself.
    pub(crate) fn record(&mut self, moment: &Moment, sequence: u64, timestamp: u32) {
        self.received += 1;
        self.highest = self.highest.max(sequence);
        let arrival = moment.media_ticks(self.clock_rate);
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(previous) = self.transit.replace(transit) {
            let difference = (transit.wrapping_sub(previous) as i32).unsigned_abs();
            let difference = difference.min(self.clock_rate); // A jump of the source's clock is no jitter.
            self.jitter = (self.jitter + difference).saturating_sub((self.jitter + 8) >> 4);
        }
    }

    /// Remembers a sender report, for the reports we send.
    pub(crate) fn record_sender_report(&mut self, moment: &Moment, ntp: NtpTime) {
        self.sender_report = Some((ntp.compact(), moment.since_start));
    }

    /// Interarrival jitter.
    pub(crate) fn jitter(&self) -> Duration {
        let rate = u64::from(self.clock_rate.max(1));
        Duration::from_micros(u64::from(self.jitter >> 4) * 1_000_000 / rate)
    }

    /// Packets expected and received since the stream began.
    pub(crate) fn total(&self) -> Tally {
        Tally {
            expected: self.highest - self.first + 1,
            received: self.received,
        }
    }

    /// The report block for the interval since the previous call.
    pub(crate) fn report(&mut self, moment: &Moment) -> ReportBlock {
        let Tally { expected, received } = self.total();
        let interval = expected.saturating_sub(self.reported.0);
        let arrived = received.saturating_sub(self.reported.1);
        self.reported = (expected, received);
        let lost = interval.saturating_sub(arrived);
        let (last_sr, delay_since_last_sr) =
            self.sender_report.map_or((0, 0), |(compact, arrival)| {
                let delay = moment.since_start.saturating_sub(arrival);
                (compact, compact_duration(delay))
            });
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(interval).unwrap_or(0).min(255) as u8,
            cumulative_lost: (expected as i64 - received as i64).clamp(-0x80_0000, 0x7f_ffff)
                as i32,
            highest_sequence: (self.highest - FIRST_CYCLE) as u32,
            jitter: self.jitter >> 4,
            last_sr,
            delay_since_last_sr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Epoch;
    use std::time::Instant;

    fn moments() -> impl Fn(u64) -> Moment {
        let start = Instant::now();
        let epoch = Epoch::new(start, NtpTime(0));
        move |millis| epoch.at(start + Duration::from_millis(millis))
    }

    fn receive(reception: &mut Reception, moment: &Moment, sequence: u16, timestamp: u32) {
        let wide = reception.extend(sequence);
        reception.record(moment, wide, timestamp);
    }

    #[test]
    fn a_quarter_lost_is_reported_as_a_quarter_and_only_once() {
        let at = moments();
        let mut reception = Reception::new(7, 90_000, 65_530, None);
        for step in 0..40_u16 {
            if step % 4 != 2 {
                let sequence = 65_530_u16.wrapping_add(step);
                receive(&mut reception, &at(0), sequence, 0);
            }
        }
        let first = reception.report(&at(1000));
        assert_eq!((first.fraction_lost, first.cumulative_lost), (64, 10));
        assert_eq!(first.highest_sequence, 0x1_0000 + 33, "one wrap is counted");
        receive(&mut reception, &at(1000), 34, 0);
        assert_eq!(reception.report(&at(2000)).fraction_lost, 0);
    }

    #[test]
    fn jitter_of_a_steady_stream_is_none_and_of_an_uneven_one_settles_at_its_mean() {
        let at = moments();
        let mut steady = Reception::new(7, 48_000, 0, None);
        let mut uneven = steady.clone();
        for step in 0..400_u16 {
            let timestamp = u32::from(step) * 960;
            let due = u64::from(step) * 20;
            receive(&mut steady, &at(due), step, timestamp);
            receive(
                &mut uneven,
                &at(due + u64::from(step % 2) * 4),
                step,
                timestamp,
            );
        }
        assert_eq!(steady.jitter(), Duration::ZERO);
        let jitter = uneven.jitter();
        assert!(
            (Duration::from_micros(3900)..=Duration::from_millis(4)).contains(&jitter),
            "every packet differs by 4 ms from the one before, so jitter tends to 4 ms: {jitter:?}"
        );
    }

    #[test]
    fn the_delay_since_the_last_sender_report_is_in_the_block() {
        let at = moments();
        let mut reception = Reception::new(7, 90_000, 9, None);
        receive(&mut reception, &at(0), 9, 0);
        reception.record_sender_report(&at(500), NtpTime(0x1111_2222_3333_4444));
        let block = reception.report(&at(1750));
        assert_eq!(block.last_sr, 0x2222_3333);
        assert_eq!(block.delay_since_last_sr, 0x0001_4000, "1.25 s in 2^-16 s");
    }
}
