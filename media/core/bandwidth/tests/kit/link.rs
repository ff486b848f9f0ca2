//! One bottleneck: a rate, a buffer, then delay, jitter and loss. All times in µs, all rates in bit/s.

use super::random::Random;
use std::collections::VecDeque;

/// What takes packets after the bottleneck, whatever is sent.
#[derive(Clone, Copy)]
pub enum Loss {
    None,
    Random(f64),
    /// Gilbert and Elliott's two states: chances to become bad and good again, and the loss while bad.
    Bursty {
        worse: f64,
        better: f64,
        share: f64,
    },
    /// `share` is lost in the first `length` µs of every `period`.
    Fades {
        period: u64,
        length: u64,
        share: f64,
    },
}

#[derive(Clone)]
pub struct Profile {
    /// From when on which rate.
    pub rates: Vec<(u64, f64)>,
    /// Bytes that may wait.
    pub buffer: usize,
    /// One way, after the bottleneck; feedback takes as long back.
    pub delay: u64,
    /// Standard deviation of the delay. Order is kept.
    pub jitter: u64,
    pub loss: Loss,
}

impl Profile {
    /// No loss, no jitter, and a buffer of so many ms at the first rate.
    pub fn new(rate: f64, buffer_ms: u64, round_trip_ms: u64) -> Self {
        Profile {
            rates: vec![(0, rate)],
            buffer: (rate * buffer_ms as f64 / 8e3) as usize,
            delay: round_trip_ms * 500,
            jitter: 0,
            loss: Loss::None,
        }
    }

    pub fn then(mut self, at_seconds: u64, rate: f64) -> Self {
        self.rates.push((at_seconds * 1_000_000, rate));
        self
    }

    pub fn jitter_ms(mut self, jitter: u64) -> Self {
        self.jitter = jitter * 1000;
        self
    }

    pub fn losing(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    pub fn rate_at(&self, now: u64) -> f64 {
        let mut begun = self.rates.iter().filter(|(from, _)| *from <= now);
        begun.next_back().expect("a rate from the beginning").1
    }
}

/// A packet on its way.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub flow: usize,
    pub number: u64,
    pub bytes: usize,
    pub sent: u64,
    pub is_audio: bool,
}

pub struct Link {
    pub profile: Profile,
    waiting: VecDeque<Packet>,
    waiting_bytes: usize,
    is_bad: bool,
    last_arrival: u64,
}

impl Link {
    pub fn new(profile: Profile) -> Self {
        Link {
            profile,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            is_bad: false,
            last_arrival: 0,
        }
    }

    /// Puts a packet behind the others, if there is room. Returns when the first one is through, if it was idle.
    pub fn enqueue(&mut self, now: u64, packet: Packet) -> Option<u64> {
        if self.waiting_bytes + packet.bytes > self.profile.buffer.max(3_000) {
            return None;
        }
        self.waiting.push_back(packet);
        self.waiting_bytes += packet.bytes;
        (self.waiting.len() == 1).then(|| now + self.transmission(now, packet.bytes))
    }

    /// The first packet is through. Returns it, with its time of arrival unless it is lost, and when the next one is.
    pub fn forward(&mut self, now: u64, random: &mut Random) -> (Packet, Option<u64>, Option<u64>) {
        let packet = self.waiting.pop_front().expect("one was being sent");
        self.waiting_bytes -= packet.bytes;
        let next = self.waiting.front().map(|next| next.bytes);
        let next = next.map(|bytes| now + self.transmission(now, bytes));
        let stray = random.normal() * self.profile.jitter as f64;
        let arrival = (now + self.profile.delay).saturating_add_signed(stray as i64);
        let arrival = arrival.max(self.last_arrival).max(now);
        if self.loses(now, random) {
            return (packet, None, next);
        }
        self.last_arrival = arrival;
        (packet, Some(arrival), next)
    }

    fn transmission(&self, now: u64, bytes: usize) -> u64 {
        (bytes as f64 * 8e6 / self.profile.rate_at(now)) as u64
    }

    fn loses(&mut self, now: u64, random: &mut Random) -> bool {
        match self.profile.loss {
            Loss::None => false,
            Loss::Random(share) => random.chance(share),
            Loss::Bursty {
                worse,
                better,
                share,
            } => {
                let turns = random.chance(if self.is_bad { better } else { worse });
                self.is_bad ^= turns;
                self.is_bad && random.chance(share)
            }
            Loss::Fades {
                period,
                length,
                share,
            } => now > length && now % period < length && random.chance(share),
        }
    }
}
