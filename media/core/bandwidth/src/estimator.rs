//! The estimator whole: what its parts find is brought together here.

use crate::backlog::Backlog;
use crate::bursts::Bursts;
use crate::clock::{Clock, micros};
use crate::control::{Control, FLOOR, Observation};
use crate::groups::Groups;
use crate::history::History;
use crate::loss::{Loss, Verdict};
use crate::probe::{Prober, Wanted};
use crate::queue::Queue;
use crate::snapshot::Snapshot;
use crate::source::Source;
use crate::throughput::Throughput;
use crate::trend::{Trend, Usage};
use hoichan_wire::rtcp::TransportFeedback;
use std::time::Duration;

/// Before anything is known, in bit/s: enough for voice and a small picture, little enough for any link that can
/// hold a call. (libwebrtc starts its calls with the same.)
const START: f64 = 300_000.0;

/// Less than this share of the estimate is too little to tell whether more would pass. (libwebrtc: 0.65 to leave
/// off; layers fill less evenly than encoders)
const LIMITED: f64 = 0.75;

/// What is sent is averaged over so long for that, in ms: two frames of a slow presentation.
const SENDING_WINDOW: i64 = 500;

/// What arrives is averaged over so long, in ms: short while a queue makes arrivals even, long otherwise.
const BUSY_WINDOW: i64 = 300;
const ARRIVING_WINDOW: i64 = 500;

/// A growing delay with less queue than this, in ms, and this many times the noise, is jitter.
const LEAST_QUEUE: f64 = 10.0;
const NOISE_FACTOR: f64 = 2.0;

/// A queue of so much more than noise, in ms, is too long even if it does not grow: a full buffer's cannot.
const LONG_QUEUE: f64 = 120.0;

/// While so much of ours waits, in ms, a probe would wait behind it: that is a key frame, or a burst of repairs.
const LONG_BACKLOG: f64 = 60.0;

/// Packets that left together and have been coming in for so long, in µs, at less than this share of the estimate
/// show that the link has become slow. A key frame takes as long on a link that is well used, but no slower.
const TRICKLE_SPAN: i64 = 100_000;
const TRICKLE: f64 = 0.5;

/// Packets unreported for so long beyond the response time, in µs, mean an outage: the rate is halved each time.
const OUTAGE: u64 = 1_000_000;

/// Assumed before the first feedback, in µs.
const FIRST_RESPONSE: u64 = 200_000;

/// What the way to one subscriber carries.
#[derive(Debug)]
pub struct Estimator {
    source: Source,
    history: History,
    groups: Groups,
    trend: Trend,
    queue: Queue,
    arriving: Throughput,
    sending: Throughput,
    control: Control,
    loss: Loss,
    /// The rate before a question about loss was asked.
    asked_at: Option<f64>,
    /// There is some loss, of unknown cause: no reason to grow.
    holds: bool,
    prober: Prober,
    desired: f64,
    clock: Clock,
    /// Round trip with the wait for feedback, in µs.
    response: u64,
    next_outage: Option<u64>,
    /// When the newest packet left that has arrived, in µs.
    newest_sent: u64,
    /// The least response time seen, in µs.
    least_response: u64,
    backlog: Backlog,
    bursts: Bursts,
}

impl Default for Estimator {
    fn default() -> Self {
        Estimator {
            source: Source::Silent,
            history: History::new(),
            groups: Groups::default(),
            trend: Trend::new(),
            queue: Queue::new(),
            arriving: Throughput::new(),
            sending: Throughput::new(),
            control: Control::new(START),
            loss: Loss::new(),
            asked_at: None,
            holds: false,
            prober: Prober::new(),
            desired: 0.0,
            clock: Clock::default(),
            response: FIRST_RESPONSE,
            next_outage: None,
            newest_sent: 0,
            least_response: u64::MAX,
            backlog: Backlog::default(),
            bursts: Bursts::default(),
        }
    }
}

impl Estimator {
    /// What may be sent, in bit/s of the sizes given to [`Estimator::sent`]; `None` if the receiver gives no feedback
    /// to tell by.
    pub fn available(&self) -> Option<u64> {
        match self.source {
            Source::Silent | Source::Deaf => None,
            Source::Numbered { .. } | Source::TransportWide => Some(self.control.rate() as u64),
            Source::Receiver { bps } => Some(bps.max(FLOOR as u64)),
        }
    }

    /// Whether the receiver has told anything yet; before that, what is available is a guess.
    pub fn is_measured(&self) -> bool {
        matches!(self.source, Source::TransportWide | Source::Receiver { .. })
    }

    /// Whether the link seems to carry far more than what is available, and was never found not to.
    pub fn is_cautious(&self) -> bool {
        let promised = self
            .bursts
            .promise_more(self.clock.newest(), self.control.rate());
        promised && self.source == Source::TransportWide
    }

    /// All that one would like to send, in bit/s: probes reach little further. 0 for no probes.
    pub fn set_desired(&mut self, bps: u64) {
        self.desired = bps as f64;
    }

    /// A packet of `bytes`, transport-wide number `sequence`, leaves at `now`. Numbers are given one after another.
    pub fn sent(&mut self, now: Duration, sequence: u16, bytes: usize) {
        let now = micros(now);
        if self.source == Source::Silent {
            self.source = Source::Numbered { since: now };
        }
        let cluster = self.prober.note_sent(bytes);
        let wait = self.backlog.push(now, bytes, self.control.capacity());
        self.bursts.sent(now, bytes, self.pace());
        let packet = History::packet(now, bytes, wait, cluster);
        self.history.record(sequence, packet);
        if cluster == 0 {
            self.sending.record(now as i64, bytes as u32);
        }
    }

    /// The receiver tells when packets arrived.
    pub fn feedback(&mut self, now: Duration, feedback: &TransportFeedback<'_>) {
        let now = micros(now);
        self.source = Source::TransportWide;
        self.next_outage = None;
        let settled = self.history.cover(feedback, self.loss.counts_since());
        let mut newest_sent = None;
        for arrival in feedback.arrivals() {
            if let Some(packet) = self.history.arrive(arrival.sequence as u16) {
                let time = self.clock.unwrap(arrival.ticks);
                newest_sent = newest_sent.max(Some(packet.sent));
                self.arriving.record(time, u32::from(packet.bytes));
                self.prober
                    .arrived(packet.cluster, packet.sent, time, u64::from(packet.bytes));
                if let Some(passage) = self.groups.push(&packet, time) {
                    self.bursts.arrived(passage.train);
                    let waited = self.queue.push(passage);
                    self.trend.push(passage.arrival, waited);
                }
            }
        }
        if let Some(sent) = newest_sent {
            self.newest_sent = self.newest_sent.max(sent);
            let sample = now.saturating_sub(sent);
            self.response = (self.response * 7 + sample) / 8;
            self.least_response = self.least_response.min(sample);
            self.judge_delay(now);
        }
        let queue = self.queue.longest_of_late();
        let harmless = self.loss.inherent() * f64::from(settled.expected);
        if f64::from(settled.lost) > harmless {
            self.control.lost(now, self.response);
        }
        if let Some(verdict) = self.loss.settle(now, settled, queue) {
            self.judge_loss(now, verdict);
        }
        self.judge_probe(now);
    }

    /// The receiver believes that it can take `bps`. Believed only while it tells nothing better.
    pub fn remb(&mut self, bps: u64) {
        if self.source != Source::TransportWide {
            self.source = Source::Receiver { bps };
        }
    }

    /// The receiver has reported in the ordinary way: it hears us, and might as well have told of numbers.
    pub fn reported(&mut self, now: Duration) {
        self.source.reported(micros(now));
    }

    /// Does what is due: notices outages, begins and ends probes. To be called some ten times a second, and at
    /// [`Estimator::deadline`].
    pub fn timeout(&mut self, now: Duration) {
        let now = micros(now);
        if self.source != Source::TransportWide {
            return;
        }
        self.notice_outage(now);
        self.prober.finish(now, self.response);
        let wanted = Wanted {
            estimate: self.control.rate(),
            desired: self.desired,
            noise: (self.queue.jitter() * 1000.0) as u64,
            is_calm: self.is_calm(now),
        };
        self.prober.consider(now, &wanted);
    }

    /// When the next part of a probe is due; `None` while none is being sent.
    pub fn deadline(&self, now: Duration) -> Option<Duration> {
        self.prober.deadline(micros(now)).map(Duration::from_micros)
    }

    /// Bytes that may leave now, so that bursts are as fast as the link has been seen to carry; `None` if no limit is
    /// known from feedback.
    pub fn room(&self, now: Duration) -> Option<u64> {
        if self.source != Source::TransportWide {
            return None;
        }
        Some(self.bursts.room(micros(now), self.pace()))
    }

    /// Bytes of padding to be sent now as part of a probe; `None` while none is being sent.
    pub fn probe(&self, now: Duration) -> Option<u64> {
        self.prober.due(micros(now))
    }

    /// What is believed now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            available_bps: self.available(),
            desired_bps: self.desired as u64,
            loss: self.loss.latest(),
            queue: Duration::from_micros((self.queue.standing().max(0.0) * 1000.0) as u64),
        }
    }

    /// The fastest that a burst may leave, in bit/s.
    fn pace(&self) -> f64 {
        self.bursts
            .pace(self.clock.newest(), self.control.capacity())
    }

    fn is_calm(&self, now: u64) -> bool {
        self.trend.usage() != Usage::Over
            && !self.control.is_draining()
            && self.asked_at.is_none()
            && self.next_outage.is_none()
            && self.queue.standing() < self.noise() + 2.0 * LEAST_QUEUE
            && self.backlog.wait(now, self.control.capacity()) < LONG_BACKLOG
    }

    /// What of a delay is noise, in ms.
    fn noise(&self) -> f64 {
        NOISE_FACTOR * self.queue.noise()
    }

    fn observe(&self, now: u64, window: i64) -> Observation {
        let sending = self.sending.rate(now as i64, SENDING_WINDOW);
        let passed = 1.0 - self.loss.inherent();
        let arriving = self
            .clock
            .newest()
            .and_then(|time| self.arriving.rate(time, window));
        Observation {
            now,
            arriving: arriving.map(|rate| rate / passed.max(0.1)),
            sending,
            is_limited: sending.is_none_or(|rate| rate < LIMITED * self.control.rate()),
            queue: self.queue.standing(),
            pending: self.pending(now, sending, arriving),
            noise: self.noise(),
            response: self.response,
            newest_sent: self.newest_sent,
        }
    }

    /// How long what was sent since the newest arrival will take to arrive, beyond the usual, in ms: what the queue
    /// will have become by the time that we hear of it.
    fn pending(&self, now: u64, sending: Option<f64>, arriving: Option<f64>) -> f64 {
        let unheard = now.saturating_sub(self.newest_sent.saturating_add(self.least_response));
        let (Some(sending), Some(arriving)) = (sending, arriving) else {
            return 0.0;
        };
        unheard as f64 / 1000.0 * sending / arriving.max(FLOOR)
    }

    fn judge_delay(&mut self, now: u64) {
        if self.judge_trickle(now) {
            return;
        }
        let queue = self.queue.unexplained() - self.noise();
        match self.trend.usage() {
            usage if queue > LONG_QUEUE || (usage == Usage::Over && queue > LEAST_QUEUE) => {
                let seen = self.observe(now, BUSY_WINDOW);
                if self.control.overused(&seen) {
                    self.retreat(now);
                }
            }
            Usage::Under => {
                let seen = self.observe(now, ARRIVING_WINDOW);
                self.control.underused(&seen);
            }
            _ => {
                let seen = self.observe(now, ARRIVING_WINDOW);
                if self.asked_at.is_none() {
                    self.control.normal(&seen, self.holds);
                }
                if self.is_cautious() && seen.queue < seen.noise + LEAST_QUEUE {
                    self.control.raise_to(seen.passing());
                }
            }
        }
    }

    /// Sees at once when a fast link has become a slow one: the trend would have to wait for the next groups, and
    /// those wait behind this one. Returns whether it is so.
    fn judge_trickle(&mut self, now: u64) -> bool {
        let mut seen = self.observe(now, BUSY_WINDOW);
        let trickle = self.groups.trickle(TRICKLE_SPAN);
        let Some(rate) = trickle.filter(|rate| *rate < TRICKLE * self.control.rate()) else {
            return false;
        };
        seen.arriving = Some(rate / (1.0 - self.loss.inherent()).max(0.1));
        seen.is_limited = false;
        seen.queue = seen.queue.max(TRICKLE_SPAN as f64 / 1000.0);
        if self.control.overused(&seen) {
            self.retreat(now);
        }
        true
    }

    /// The rate was lowered because of a queue.
    fn retreat(&mut self, now: u64) {
        self.asked_at = None;
        self.bursts.doubt();
        self.prober.hurry(now);
    }

    fn judge_loss(&mut self, now: u64, verdict: Verdict) {
        if self.control.is_contested() {
            return; // It has its own way with loss.
        }
        let rate = self.control.rate();
        let asked_at = self.asked_at.take();
        self.holds = false;
        match verdict {
            Verdict::Fine | Verdict::Hold => {}
            Verdict::Congested(share) => {
                self.control.lower_to(now, rate * share);
                self.prober.hurry(now);
            }
            Verdict::Ask(share) => {
                self.asked_at = Some(rate);
                self.control.lower_to(now, rate * share);
            }
            Verdict::Innocent => self.control.raise_to(asked_at.unwrap_or(rate)),
        }
    }

    fn judge_probe(&mut self, now: u64) {
        if let Some(shown) = self.prober.result(now, self.loss.inherent())
            && self.trend.usage() != Usage::Over
        {
            self.control.raise_to(shown);
        }
    }

    /// Nothing is heard of what was sent: less is sent until something is.
    fn notice_outage(&mut self, now: u64) {
        let Some(since) = self.history.unreported_since() else {
            return;
        };
        let due = self
            .next_outage
            .unwrap_or(since + 2 * self.response + OUTAGE);
        if now >= due {
            self.control.lower_to(now, self.control.rate() / 2.0);
            self.next_outage = Some(now + OUTAGE);
            self.prober.hurry(now);
        }
    }
}
