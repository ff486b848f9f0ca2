//! The delay-based rate: up while the way is free, down to what arrives when a queue grows, and by loss alone where
//! somebody else keeps the queue full. (draft-ietf-rmcat-gcc-02 §5.5, but for the last)

/// Below what arrives while the queue grows, so that it drains. (§5.5: 0.85)
const BACK_OFF: f64 = 0.85;

/// The deepest back-off, for a queue so long that the usual one would take seconds to drain it.
const DEEPEST_BACK_OFF: f64 = 0.5;

/// A queue should be gone after this, in ms.
const DRAIN_TIME: f64 = 1_000.0;

/// A queue of less is gone, in ms.
const DRAINED: f64 = 20.0;

/// A queue that has drained to less than this share is draining: it is ours.
const DRAINING: f64 = 0.6;

/// A queue that has grown by so much although less is sent is being filled by somebody else.
const RISEN: f64 = 1.1;

/// Time allowed for draining: as much as it should take, and half as much, and this, in µs.
const DRAIN_SLACK: f64 = 1.5;
const DRAIN_GRACE: u64 = 300_000;

/// A queue of so much, in ms, is given way to, whoever made it.
const LONG_QUEUE: f64 = 120.0;

/// If so much of what is sent arrives while a queue does not drain, it is another's.
const PASSES: f64 = 0.8;

/// Growth per second far from what the link is known to carry. (§5.5: 1.08)
const GROWTH: f64 = 1.08;

/// Bits of a packet: one more of them per response time, near what the link is known to carry. (§5.5)
const PACKET_BITS: f64 = 9_600.0;

/// Added to the round trip, in µs: what feedback and detection take. (§5.5: 100 ms)
const DETECTION: u64 = 100_000;

/// What was arriving at the last overuse counts as known for so long, in µs.
const CEILING_LIFE: u64 = 30_000_000;

/// The estimate stays below this many times what arrives, and this many bit/s above. (§5.5: 1.5; libwebrtc: 10 kb/s)
const MAX_LEAD: f64 = 1.5;
const LEAD_SLACK: f64 = 10_000.0;

/// What is left after a loss where a greedy flow shares the link. Half would be TCP's, but we send no bursts and
/// see fewer of its losses than it does.
const CONTESTED_BACK_OFF: f64 = 0.7;

/// A contested link that has had no queue for so long is ours again, in µs: longer than a download pauses after
/// it has halved its window.
const CONTEST_OVER: u64 = 1_000_000;

/// Least and greatest estimate. Voice alone needs the one; no call needs the other.
pub(crate) const FLOOR: f64 = 30_000.0;
pub(crate) const CEILING: f64 = 100_000_000.0;

/// What the rate is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Growing,
    /// The queue shrinks by itself; wait. (§5.5: Hold)
    Holding,
    /// A queue is being drained.
    Draining(Drain),
    /// Another flow fills the queue whatever we do: delay tells nothing, loss does.
    Contested {
        /// Losses before this are of the last back-off.
        recovery: u64,
        /// Since when there is no queue.
        free_since: Option<u64>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Drain {
    /// What arrived while the queue grew.
    capacity: f64,
    /// When the rate was cut: what was sent before tells nothing about the cut.
    cut: u64,
    /// Share of the capacity that is sent now.
    share: f64,
    met: Option<Met>,
}

/// What the first packet after the cut has met.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Met {
    /// In ms.
    queue: f64,
    /// When that was heard of, and until when the queue may drain.
    since: u64,
    until: u64,
}

/// What the link is found to do, for one step of the control. Times in µs, rates in bit/s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observation {
    pub(crate) now: u64,
    /// What arrives, as much as a link without random loss would deliver.
    pub(crate) arriving: Option<f64>,
    pub(crate) sending: Option<f64>,
    /// Too little is sent to tell whether more would pass.
    pub(crate) is_limited: bool,
    /// In ms.
    pub(crate) queue: f64,
    /// What it will have become by the time that we hear of it, in ms.
    pub(crate) pending: f64,
    /// What of it is noise, in ms.
    pub(crate) noise: f64,
    /// Round trip with the wait for feedback.
    pub(crate) response: u64,
    /// When the newest packet left that has arrived.
    pub(crate) newest_sent: u64,
}

impl Observation {
    /// What is sent, and arrives.
    pub(crate) fn passing(&self) -> f64 {
        let both = self.arriving.zip(self.sending);
        both.map_or(0.0, |(arriving, sending)| arriving.min(sending))
    }

    /// Whether what is sent arrives.
    fn passes(&self) -> bool {
        let both = self.arriving.zip(self.sending);
        both.is_some_and(|(arriving, sending)| arriving > PASSES * sending)
    }
}

/// The delay-based rate.
#[derive(Debug)]
pub(crate) struct Control {
    rate: f64,
    phase: Phase,
    /// What arrived at the last overuse, and when that was.
    ceiling: Option<(f64, u64)>,
    last_step: Option<u64>,
    last_decrease: Option<u64>,
}

impl Control {
    pub(crate) fn new(rate: f64) -> Self {
        Control {
            rate,
            phase: Phase::Growing,
            ceiling: None,
            last_step: None,
            last_decrease: None,
        }
    }

    /// In bit/s.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// What the link is believed to carry, which is more than the rate while a queue drains. In bit/s.
    pub(crate) fn capacity(&self) -> f64 {
        match self.phase {
            Phase::Draining(drain) => drain.capacity.max(self.rate),
            _ => self.rate,
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        matches!(self.phase, Phase::Draining(_))
    }

    pub(crate) fn is_contested(&self) -> bool {
        matches!(self.phase, Phase::Contested { .. })
    }

    /// Something has shown that the way carries `rate`: a probe, or a bound that was lifted.
    pub(crate) fn raise_to(&mut self, rate: f64) {
        if rate > self.rate {
            self.rate = rate.min(CEILING);
            self.ceiling = None;
        }
    }

    /// Something has shown that the way carries no more than `rate`.
    pub(crate) fn lower_to(&mut self, now: u64, rate: f64) {
        if rate < self.rate {
            self.rate = rate.max(FLOOR);
            self.ceiling = Some((self.rate, now));
        }
    }

    /// The queue grows, or is long. Returns whether the rate was lowered.
    pub(crate) fn overused(&mut self, seen: &Observation) -> bool {
        self.settle(seen);
        if self.is_contested() {
            self.grow(seen);
            return false;
        }
        self.last_step = Some(seen.now);
        let Some(arriving) = seen.arriving else {
            return false;
        };
        if let Phase::Draining(drain) = &mut self.phase {
            if seen.passes() && seen.newest_sent > drain.cut {
                return false; // What arrives is what is sent: no news of what would pass.
            }
            // The link is busy, so what arrives is what it carries: perhaps less than was thought at first.
            drain.capacity = drain.capacity.min(arriving);
            let rate = (drain.share * drain.capacity).max(FLOOR);
            let lowered = rate < self.rate;
            self.rate = self.rate.min(rate);
            return lowered;
        }
        let too_soon = self
            .last_decrease
            .is_some_and(|last| seen.now - last < seen.response);
        if too_soon && arriving > 0.5 * self.rate {
            return false;
        }
        self.last_decrease = Some(seen.now);
        if seen.is_limited && seen.passes() {
            // All that is sent arrives, and it is little: the queue is another's, or none. It tells nothing about more.
            if seen.queue < LONG_QUEUE {
                return false;
            }
            let rate = (BACK_OFF * self.rate).max(arriving / BACK_OFF);
            self.lower_to(seen.now, rate);
            return true;
        }
        let share = back_off(seen.queue.max(seen.pending));
        // What arrives is the receiver's word; that the link carries what was believed is enough.
        self.drain(seen.now, arriving.min(self.rate), share)
    }

    /// The queue shrinks.
    pub(crate) fn underused(&mut self, seen: &Observation) {
        if self.phase == Phase::Growing {
            self.phase = Phase::Holding;
        }
        self.settle(seen);
        self.grow(seen);
    }

    /// The queue does not change; `holds` where something else speaks against growing.
    pub(crate) fn normal(&mut self, seen: &Observation, holds: bool) {
        if self.phase == Phase::Holding {
            self.phase = Phase::Growing;
        }
        self.settle(seen);
        if holds && !self.is_contested() {
            self.last_step = Some(seen.now);
        } else {
            self.grow(seen);
        }
    }

    /// Packets were lost that would not have been on an idle link.
    pub(crate) fn lost(&mut self, now: u64, response: u64) {
        if let Phase::Contested { recovery, .. } = &mut self.phase
            && now >= *recovery
        {
            *recovery = now + response;
            self.rate = (CONTESTED_BACK_OFF * self.rate).max(FLOOR);
        }
    }

    fn drain(&mut self, now: u64, capacity: f64, share: f64) -> bool {
        self.ceiling = Some((capacity, now));
        self.phase = Phase::Draining(Drain {
            capacity,
            cut: now,
            share,
            met: None,
        });
        let rate = (share * capacity).max(FLOOR);
        let lowered = rate < self.rate;
        self.rate = self.rate.min(rate);
        lowered
    }

    fn settle(&mut self, seen: &Observation) {
        match self.phase {
            Phase::Draining(drain) => self.settle_drain(seen, drain),
            Phase::Contested {
                recovery,
                free_since,
            } => {
                let is_free = seen.queue < DRAINED + seen.noise;
                let free_since = is_free.then(|| free_since.unwrap_or(seen.now));
                self.phase = match free_since {
                    Some(since) if seen.now - since > CONTEST_OVER => Phase::Growing,
                    _ => Phase::Contested {
                        recovery,
                        free_since,
                    },
                };
            }
            Phase::Growing | Phase::Holding => {}
        }
    }

    /// Ends draining when the queue is gone; looks whose it is if it will not go.
    fn settle_drain(&mut self, seen: &Observation, drain: Drain) {
        if seen.newest_sent < drain.cut {
            return;
        }
        if seen.queue < DRAINED + seen.noise {
            self.rate = self.rate.max(BACK_OFF * drain.capacity);
            self.phase = Phase::Growing;
            return;
        }
        let Some(met) = drain.met else {
            let share = drain.share.min(back_off(seen.queue));
            let time = DRAIN_SLACK * seen.queue * 1000.0 / (1.0 - share);
            let met = Some(Met {
                queue: seen.queue,
                since: seen.now,
                until: seen.now + time as u64 + DRAIN_GRACE,
            });
            self.phase = Phase::Draining(Drain {
                met,
                share,
                ..drain
            });
            self.rate = self.rate.min(share * drain.capacity).max(FLOOR);
            return;
        };
        let has_risen = seen.now > met.since + DRAIN_GRACE && seen.queue > RISEN * met.queue;
        if seen.now >= met.until || (has_risen && seen.passes()) {
            self.judge_drain(seen, drain, met);
        }
    }

    /// The queue has not gone in time, or has grown: is it ours?
    fn judge_drain(&mut self, seen: &Observation, drain: Drain, met: Met) {
        if !seen.passes() {
            let capacity = seen.arriving.unwrap_or(drain.capacity).min(drain.capacity);
            self.drain(seen.now, capacity, drain.share);
        } else if seen.queue < DRAINING * met.queue {
            self.drain(seen.now, drain.capacity, drain.share);
        } else if drain.share > DEEPEST_BACK_OFF {
            self.drain(seen.now, drain.capacity, DEEPEST_BACK_OFF);
        } else {
            self.rate = self.rate.max(BACK_OFF * drain.capacity);
            self.phase = Phase::Contested {
                recovery: 0,
                free_since: None,
            };
        }
    }

    fn grow(&mut self, seen: &Observation) {
        let elapsed = self
            .last_step
            .map_or(0, |last| seen.now.saturating_sub(last));
        self.last_step = Some(seen.now);
        let is_growing = self.phase == Phase::Growing || self.is_contested();
        if !is_growing || seen.is_limited {
            return;
        }
        let seconds = elapsed.min(1_000_000) as f64 / 1e6;
        let grown = self.rate + self.growth(seen) * seconds;
        let lead = seen
            .arriving
            .map_or(self.rate, |rate| MAX_LEAD * rate + LEAD_SLACK);
        self.rate = grown.min(lead.max(self.rate)).min(CEILING);
    }

    /// In bit/s per second.
    fn growth(&mut self, seen: &Observation) -> f64 {
        if self.is_contested() {
            // As TCP: a packet more per round trip, each round trip.
            let round_trip = seen.response as f64 / 1e6;
            return PACKET_BITS / (round_trip * round_trip);
        }
        let relative = self.rate * (GROWTH - 1.0);
        if let Some((ceiling, since)) = self.ceiling {
            let is_known = seen.now - since < CEILING_LIFE && self.rate < 1.1 * ceiling;
            if is_known {
                let response = seen.response + DETECTION;
                return PACKET_BITS.min(self.rate / 60.0) / (response as f64 / 1e6);
            }
            self.ceiling = None;
        }
        relative
    }
}

/// The share of what arrives that drains a queue of so many ms in good time.
fn back_off(queue: f64) -> f64 {
    (1.0 - queue / DRAIN_TIME).clamp(DEEPEST_BACK_OFF, BACK_OFF)
}
