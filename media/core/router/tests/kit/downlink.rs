//! The way from the router to one subscriber, thin and with a buffer, and the subscriber's telling of what arrived.

use super::rtp::Packet;
use super::{Peer, World};
use hoichan_wire::rtcp::{Arrival, TICK, write_transport_feedback};
use hoichan_wire::rtp as wire_rtp;
use std::collections::VecDeque;
use std::time::Duration;

/// Bytes of IPv4 and UDP.
const OVERHEAD: usize = 28;

/// Propagation, each way.
const DELAY: Duration = Duration::from_millis(30);

/// How often the subscriber tells.
const FEEDBACK: Duration = Duration::from_millis(100);

/// One bottleneck.
pub struct Downlink {
    pub bits_per_second: f64,
    /// Bytes that may wait.
    pub buffer: usize,
    /// Under which id the subscriber negotiated transport-wide numbers.
    pub number_id: u8,
    waiting: VecDeque<(Duration, Vec<u8>)>,
    /// Until when the link is busy with what it has taken.
    busy_until: Duration,
    arrivals: Vec<Arrival>,
    highest: u64,
    base: u64,
    told: Duration,
    feedback_count: u8,
    /// On its way back.
    compounds: VecDeque<(Duration, Vec<u8>)>,
    /// What has arrived since the last look, with the time that it waited.
    pub heard: Vec<(Duration, Packet)>,
}

impl Downlink {
    pub fn new(bits_per_second: f64, buffer: usize, number_id: u8) -> Self {
        Downlink {
            bits_per_second,
            buffer,
            number_id,
            waiting: VecDeque::new(),
            busy_until: Duration::ZERO,
            arrivals: Vec::new(),
            highest: 1 << 16,
            base: 1 << 16,
            told: Duration::ZERO,
            feedback_count: 0,
            compounds: VecDeque::new(),
            heard: Vec::new(),
        }
    }

    /// Takes what the router has sent to `peer`, delivers what is through, and lets the peer tell of it.
    pub fn carry(&mut self, world: &mut World, peer: &mut Peer) {
        let now = world.elapsed();
        for datagram in world.datagrams(peer.endpoint) {
            self.waiting.push_back((now, datagram));
        }
        let waiting: usize = self
            .waiting
            .iter()
            .map(|(_, one)| one.len() + OVERHEAD)
            .sum();
        let mut excess = waiting.saturating_sub(self.buffer);
        while excess > 0
            && let Some((_, lost)) = self.waiting.pop_back()
        {
            excess = excess.saturating_sub(lost.len() + OVERHEAD);
        }
        while let Some((sent, datagram)) = self.waiting.front() {
            let bits = (datagram.len() + OVERHEAD) as f64 * 8.0;
            let begun = self.busy_until.max(*sent);
            let through = begun + Duration::from_secs_f64(bits / self.bits_per_second);
            if through > now {
                break;
            }
            self.busy_until = through;
            let (sent, datagram) = self.waiting.pop_front().expect("just seen");
            self.deliver(peer, through, sent, &datagram);
        }
        self.tell(world, peer, now);
    }

    fn deliver(&mut self, peer: &mut Peer, through: Duration, sent: Duration, datagram: &[u8]) {
        if wire_rtp::classify(datagram) != wire_rtp::Kind::Rtp {
            return;
        }
        let packet = peer.open(datagram);
        if let Some(number) = packet.extension(self.number_id) {
            let number = u16::from_be_bytes([number[0], number[1]]);
            let sequence = hoichan_wire::seq::extend(number, self.highest).expect("far from 0");
            self.highest = self.highest.max(sequence);
            let ticks = ((through + DELAY).as_nanos() / TICK.as_nanos()) as i64;
            self.arrivals.push(Arrival { sequence, ticks });
        }
        self.heard.push((through - sent, packet));
    }

    fn tell(&mut self, world: &mut World, peer: &mut Peer, now: Duration) {
        if now >= self.told + FEEDBACK && !self.arrivals.is_empty() {
            self.told = now;
            let mut compound = Vec::new();
            let base = self.base.min(self.arrivals[0].sequence);
            let count = self.feedback_count;
            let told =
                write_transport_feedback(&mut compound, (99, 1), count, base, &self.arrivals);
            self.feedback_count = count.wrapping_add(1);
            self.base = self.arrivals[told - 1].sequence + 1;
            self.arrivals.drain(..told);
            self.compounds.push_back((now + 2 * DELAY, compound));
        }
        while self.compounds.front().is_some_and(|(due, _)| *due <= now) {
            let (_, compound) = self.compounds.pop_front().expect("just seen");
            world.send_rtcp(peer, &compound);
        }
    }
}
