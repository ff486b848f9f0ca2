//! One direction of a network in virtual time.

use std::time::{Duration, Instant};

use hoichan_transport::Path;

/// xorshift64*: reproducible, and nothing else.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Delays, jitters, loses: independently for each datagram.
#[derive(Clone, Debug)]
pub struct Link {
    latency: Duration,
    jitter: Duration,
    loss: f64,
    random: Random,
    flying: Vec<(Instant, Path, Vec<u8>)>,
    pub broken: bool,
}

impl Link {
    /// 20 ms, nothing lost.
    pub fn new() -> Self {
        let latency = Duration::from_millis(20);
        let random = Random::new(7);
        Self {
            latency,
            jitter: Duration::ZERO,
            loss: 0.0,
            random,
            flying: Vec::new(),
            broken: false,
        }
    }

    pub fn latency_ms(mut self, latency: u64) -> Self {
        self.latency = Duration::from_millis(latency);
        self
    }

    /// Up to so much more for some: datagrams overtake each other.
    pub fn jitter_ms(mut self, jitter: u64) -> Self {
        self.jitter = Duration::from_millis(jitter);
        self
    }

    pub fn loss(mut self, loss: f64) -> Self {
        self.loss = loss;
        self
    }

    pub fn seed(mut self, seed: u64) -> Self {
        self.random = Random::new(seed);
        self
    }

    pub fn send(&mut self, now: Instant, path: Path, data: Vec<u8>) {
        if self.broken || self.random.fraction() < self.loss {
            return;
        }
        let delay = self.latency + self.jitter.mul_f64(self.random.fraction());
        self.flying.push((now + delay, path, data));
    }

    pub fn arrived(&mut self, now: Instant) -> Vec<(Path, Vec<u8>)> {
        let (mut arrived, flying) = std::mem::take(&mut self.flying)
            .into_iter()
            .partition::<Vec<_>, _>(|(at, ..)| *at <= now);
        self.flying = flying;
        arrived.sort_by_key(|(at, ..)| *at);
        arrived
            .into_iter()
            .map(|(_, path, data)| (path, data))
            .collect()
    }
}
