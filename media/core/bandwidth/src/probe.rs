//! Probes: a short burst above the estimate, to learn whether the way carries more.
//!
//! The only way to know, for a sender that seldom has as much to send as it may: an SFU forwards layers, and the next
//! better one is a step, not a slope.

use crate::control::CEILING;

/// Shortest cluster, in µs. libwebrtc's 15 ms drown in the jitter of a mobile link; twice the rate for 40 ms adds
/// 40 ms to a queue at worst.
const DURATION: u64 = 40_000;

/// A cluster lasts so many times as long as delays differ: then they spoil its measure by a fifth at most.
const STEADY: u64 = 5;

/// Fewest packets of a cluster: fewer say little about a rate. (libwebrtc: 5)
const MIN_PACKETS: u64 = 5;

/// Bits of the packets a cluster is made of, about.
const PACKET_BITS: f64 = 9_600.0;

/// A cluster leaves in bursts so far apart, in µs: the group time, so that each burst is one measurement.
pub(crate) const BURST_GAP: u64 = 5_000;

/// How far the first cluster, and all later ones, reach above the estimate. (libwebrtc: 3, 6, then 2)
const FIRST_REACH: f64 = 3.0;
const REACH: f64 = 2.0;

/// How far above what is desired: a layer needs a little room above its mean.
const HEADROOM: f64 = 1.15;

/// A cluster that reaches less far above the estimate is not worth its bytes. More than this would leave those in
/// want for ever who need just a little.
const LEAST_GAIN: f64 = 1.02;

/// A cluster of which so much has passed is followed by the next at once. (libwebrtc: 0.7)
const PASSED: f64 = 0.75;

/// Share of a cluster's packets, those of inherent loss left out, that must have arrived. (libwebrtc: 0.8)
const MIN_ARRIVED: f64 = 0.8;

/// Received slower than this share of sent, the way is full: then a little below what it carries.
/// (libwebrtc: 0.9 and 0.95)
const SATURATED: f64 = 0.9;
const BELOW_SATURATION: f64 = 0.95;

/// Time between two clusters that find nothing new, in µs; the first, and how far it stretches. So that a link that
/// grows tenfold is found out in time: half of these and four doublings are less than 10 s.
const FIRST_INTERVAL: u64 = 1_000_000;
const MAX_INTERVAL: u64 = 5_000_000;

/// How long feedback about a cluster is waited for beyond a response time, in µs.
const PATIENCE: u64 = 500_000;

/// A cluster to be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) id: u8,
    pub(crate) rate: f64,
    pub(crate) began: u64,
    pub(crate) ends: u64,
    /// Bytes that were sent as part of it, media included.
    pub(crate) sent_bytes: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing before this time, in µs.
    Resting {
        until: u64,
    },
    Sending(Plan),
    /// The cluster has left; feedback about it is awaited until this time.
    Awaiting {
        rate: f64,
        until: u64,
        tally: Tally,
    },
}

/// What arrived of a cluster.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    id: u8,
    sent_packets: u32,
    arrived_packets: u32,
    first_sent: Option<u64>,
    last_sent: u64,
    /// Of those that arrived: bytes sent before the last burst.
    bytes_before_last: u64,
    bytes_of_last: u64,
    arrivals: Line,
}

/// A line through the arrivals, by least squares: jitter moves single packets, and the last one as much as any.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    count: f64,
    bits: f64,
    time: f64,
    bits_squared: f64,
    bits_by_time: f64,
    /// Bits that have arrived so far, and when the first did, in µs.
    so_far: f64,
    origin: i64,
}

/// When to probe, how far, and what came of it.
#[derive(Debug)]
pub(crate) struct Prober {
    state: State,
    tally: Tally,
    interval: u64,
    is_first: bool,
    last_id: u8,
}

/// What the estimator knows when it asks whether to probe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) estimate: f64,
    pub(crate) desired: f64,
    /// How much delays differ, in µs.
    pub(crate) noise: u64,
    /// Neither a queue nor a drain nor a question about loss is under way.
    pub(crate) is_calm: bool,
}

impl Prober {
    pub(crate) fn new() -> Self {
        Prober {
            state: State::Resting { until: 0 },
            tally: Tally::default(),
            interval: FIRST_INTERVAL,
            is_first: true,
            last_id: 0,
        }
    }

    /// The cluster being sent, if there is one.
    pub(crate) fn sending(&self) -> Option<&Plan> {
        match &self.state {
            State::Sending(plan) => Some(plan),
            _ => None,
        }
    }

    /// Begins a cluster if one is due.
    pub(crate) fn consider(&mut self, now: u64, wanted: &Wanted) {
        if let State::Awaiting { until, .. } = self.state
            && now >= until
        {
            self.rest(now);
        }
        let State::Resting { until } = self.state else {
            return;
        };
        let reach = if self.is_first { FIRST_REACH } else { REACH };
        let rate = (reach * wanted.estimate)
            .min(HEADROOM * wanted.desired)
            .min(CEILING);
        if now < until || !wanted.is_calm || rate < LEAST_GAIN * wanted.estimate {
            return;
        }
        self.is_first = false;
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let packets = (MIN_PACKETS as f64 * PACKET_BITS / rate * 1e6) as u64;
        self.tally = Tally {
            id: self.last_id,
            ..Tally::default()
        };
        self.state = State::Sending(Plan {
            id: self.last_id,
            rate,
            began: now,
            ends: now + packets.max(DURATION).max(STEADY * wanted.noise),
            sent_bytes: 0,
        });
    }

    /// Bytes that the cluster is behind, and its number.
    pub(crate) fn due(&self, now: u64) -> Option<u64> {
        let plan = self.sending()?;
        let elapsed = now.min(plan.ends) - plan.began + BURST_GAP;
        let bytes = (plan.rate * elapsed as f64 / 8e6) as u64;
        Some(bytes.saturating_sub(plan.sent_bytes))
    }

    /// A packet of `bytes` leaves. Returns the cluster that it belongs to, 0 for none.
    pub(crate) fn note_sent(&mut self, bytes: usize) -> u8 {
        let State::Sending(plan) = &mut self.state else {
            return 0;
        };
        plan.sent_bytes += bytes as u64;
        self.tally.sent_packets += 1;
        plan.id
    }

    /// Ends the cluster when its time has come.
    pub(crate) fn finish(&mut self, now: u64, response: u64) {
        if let State::Sending(plan) = self.state
            && now >= plan.ends
        {
            self.state = State::Awaiting {
                rate: plan.rate,
                until: now + response + PATIENCE,
                tally: self.tally,
            };
        }
    }

    /// A packet of cluster `id` has arrived; in the order of departure.
    pub(crate) fn arrived(&mut self, id: u8, sent: u64, arrival: i64, bytes: u64) {
        let tally = match &mut self.state {
            State::Awaiting { tally, .. } => tally,
            State::Sending(_) => &mut self.tally,
            State::Resting { .. } => return,
        };
        if tally.id == id {
            tally.take(sent, arrival, bytes);
        }
    }

    /// What the cluster has shown that the way carries, once enough of it has arrived, in bit/s.
    pub(crate) fn result(&mut self, now: u64, inherent_loss: f64) -> Option<f64> {
        let State::Awaiting { rate, tally, .. } = self.state else {
            return None;
        };
        let expected = f64::from(tally.sent_packets) * (1.0 - inherent_loss);
        if f64::from(tally.arrived_packets) < MIN_ARRIVED * expected {
            return None;
        }
        let shown = (tally.rate()? / (1.0 - inherent_loss).max(0.1)).min(rate);
        if shown >= PASSED * rate {
            self.interval = FIRST_INTERVAL;
            self.state = State::Resting { until: now };
        } else {
            self.rest(now);
        }
        Some(shown)
    }

    /// The rate has just been cut: what was cut may be back soon.
    pub(crate) fn hurry(&mut self, now: u64) {
        self.interval = FIRST_INTERVAL;
        if let State::Resting { until } = &mut self.state {
            *until = now + FIRST_INTERVAL;
        }
    }

    /// When the next burst is due, in µs.
    pub(crate) fn deadline(&self, now: u64) -> Option<u64> {
        self.sending().map(|plan| {
            let next = plan.began + ((now.saturating_sub(plan.began)) / BURST_GAP + 1) * BURST_GAP;
            next.min(plan.ends)
        })
    }

    fn rest(&mut self, now: u64) {
        self.state = State::Resting {
            until: now + self.interval,
        };
        self.interval = (self.interval * 3 / 2).min(MAX_INTERVAL);
    }
}

impl Tally {
    fn take(&mut self, sent: u64, arrival: i64, bytes: u64) {
        self.arrived_packets += 1;
        self.first_sent.get_or_insert(sent);
        if sent > self.last_sent {
            self.bytes_before_last += self.bytes_of_last;
            self.bytes_of_last = 0;
            self.last_sent = sent;
        }
        self.bytes_of_last += bytes;
        self.arrivals.push(arrival, bytes as f64 * 8.0);
    }

    /// The rate at which it was received, if that is less than it was sent at, a little below; else the rate it was
    /// sent at. The last burst has no time after it.
    fn rate(&self) -> Option<f64> {
        let sent_for = self.last_sent.checked_sub(self.first_sent?)?;
        if sent_for == 0 {
            return None;
        }
        let sent = self.bytes_before_last as f64 * 8e6 / sent_for as f64;
        let received = self.arrivals.rate()?;
        Some(if received < SATURATED * sent {
            BELOW_SATURATION * received
        } else {
            sent.min(received)
        })
    }
}

impl Line {
    fn push(&mut self, arrival: i64, bits: f64) {
        if self.count == 0.0 {
            self.origin = arrival;
        }
        let time = (arrival - self.origin) as f64 / 1e6;
        self.so_far += bits;
        self.count += 1.0;
        self.bits += self.so_far;
        self.time += time;
        self.bits_squared += self.so_far * self.so_far;
        self.bits_by_time += self.so_far * time;
    }

    /// In bit/s; `None` if there is no time in it.
    fn rate(&self) -> Option<f64> {
        let variance = self.bits_squared - self.bits * self.bits / self.count;
        let covariance = self.bits_by_time - self.bits * self.time / self.count;
        (covariance > 0.0).then(|| variance / covariance)
    }
}
