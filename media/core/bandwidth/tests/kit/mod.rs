//! A world in virtual time: senders with an estimator, a greedy download, and one bottleneck they share.

mod figures;
pub mod link;
pub mod random;
pub mod source;
mod tcp;

use hoichan_bandwidth::Estimator;
use hoichan_wire::rtcp::{self, Arrival, TICK, write_transport_feedback};
use link::{Link, Packet, Profile};
use random::Random;
use source::{AUDIO_BYTES, AUDIO_PERIOD, FRAME_PERIOD, Source, Video};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;
use tcp::{SEGMENT, Tcp};

/// How often a receiver tells what arrived; libwebrtc's usual.
const FEEDBACK_PERIOD: u64 = 100_000;

/// How often the router looks after its endpoints.
const TICK_PERIOD: u64 = 50_000;

/// How often what happens is written down.
pub const SAMPLE_PERIOD: u64 = 100_000;

/// Of a probe's padding.
const PADDING: usize = 1200;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Audio(usize),
    Frame(usize),
    Tick(usize),
    Probe(usize),
    Through,
    Arrive(usize, u64),
    Tell(usize),
    Told(usize, Vec<u8>),
    Acknowledged(usize, u64),
    TcpTick(usize),
    Sample,
}

/// One sender with an estimator, and its receiver.
pub struct Caller {
    pub estimator: Estimator,
    source: Source,
    next: u64,
    base: u64,
    arrivals: Vec<Arrival>,
    feedback_count: u8,
    /// Bits that arrived, by sample; estimates at the samples; most delayed voice in each, in ms.
    pub delivered: Vec<f64>,
    pub estimates: Vec<f64>,
    pub voice_delay: Vec<f64>,
    pub probed_bytes: u64,
}

enum Flow {
    Caller(Box<Caller>),
    Tcp {
        window: Tcp,
        delivered: Vec<f64>,
        last_ack: u64,
    },
}

pub struct World {
    pub now: u64,
    happenings: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    count: u64,
    link: Link,
    flows: Vec<Flow>,
    in_transit: Vec<Option<Packet>>,
    random: Random,
}

impl World {
    pub fn new(seed: u64, profile: Profile) -> Self {
        let mut world = World {
            now: 0,
            happenings: BinaryHeap::new(),
            count: 0,
            link: Link::new(profile),
            flows: Vec::new(),
            in_transit: Vec::new(),
            random: Random(seed),
        };
        world.at(SAMPLE_PERIOD, Happening::Sample);
        world
    }

    /// One more sender, from `begins` seconds on.
    pub fn call(&mut self, begins: u64, video: Video) -> usize {
        let flow = self.flows.len();
        let source = Source::new(video);
        let mut estimator = Estimator::default();
        estimator.set_desired(source.desired() as u64);
        self.flows.push(Flow::Caller(Box::new(Caller {
            estimator,
            source,
            next: 0,
            base: 0,
            arrivals: Vec::new(),
            feedback_count: 0,
            delivered: vec![0.0],
            estimates: Vec::new(),
            voice_delay: vec![0.0],
            probed_bytes: 0,
        })));
        let begins = begins * 1_000_000 + 1_000 * flow as u64;
        self.at(begins, Happening::Audio(flow));
        self.at(begins + 3_000, Happening::Frame(flow));
        self.at(begins + TICK_PERIOD, Happening::Tick(flow));
        self.at(begins + FEEDBACK_PERIOD, Happening::Tell(flow));
        flow
    }

    /// A greedy download, from `begins` seconds on.
    pub fn download(&mut self, begins: u64) -> usize {
        let flow = self.flows.len();
        self.flows.push(Flow::Tcp {
            window: Tcp::new(),
            delivered: vec![0.0],
            last_ack: 0,
        });
        self.at(begins * 1_000_000, Happening::TcpTick(flow));
        flow
    }

    /// A download ends.
    pub fn stop(&mut self, flow: usize) {
        if let Flow::Tcp { window, .. } = &mut self.flows[flow] {
            window.stop();
        }
    }

    pub fn caller(&mut self, flow: usize) -> &mut Caller {
        match &mut self.flows[flow] {
            Flow::Caller(caller) => caller,
            Flow::Tcp { .. } => panic!("flow {flow} is a download"),
        }
    }

    /// Share of all bits delivered to all flows from `from` to `to` seconds that `flow` got.
    pub fn share(&self, flow: usize, from: usize, to: usize) -> f64 {
        let sum = |flow: &Flow| -> f64 {
            let delivered = match flow {
                Flow::Caller(caller) => &caller.delivered,
                Flow::Tcp { delivered, .. } => delivered,
            };
            delivered[from * 10..to * 10].iter().sum()
        };
        sum(&self.flows[flow]) / self.flows.iter().map(sum).sum::<f64>()
    }

    /// Lets time pass up to `seconds` from the beginning.
    pub fn run_until(&mut self, seconds: u64) {
        let end = seconds * 1_000_000;
        while self
            .happenings
            .peek()
            .is_some_and(|Reverse((at, ..))| *at <= end)
        {
            let Some(Reverse((at, _, happening))) = self.happenings.pop() else {
                break;
            };
            self.now = at;
            self.happen(happening);
        }
        self.now = end;
    }

    fn at(&mut self, time: u64, happening: Happening) {
        self.count += 1;
        self.happenings.push(Reverse((time, self.count, happening)));
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Audio(flow) => {
                self.send(flow, AUDIO_BYTES, true);
                self.at(self.now + AUDIO_PERIOD, Happening::Audio(flow));
            }
            Happening::Frame(flow) => self.frame(flow),
            Happening::Tick(flow) => {
                let now = Duration::from_micros(self.now);
                self.caller(flow).estimator.timeout(now);
                self.pad(flow);
                self.at(self.now + TICK_PERIOD, Happening::Tick(flow));
            }
            Happening::Probe(flow) => {
                let now = Duration::from_micros(self.now);
                self.caller(flow).estimator.timeout(now);
                self.pad(flow);
            }
            Happening::Through => self.through(),
            Happening::Arrive(flow, place) => self.arrive(flow, place as usize),
            Happening::Tell(flow) => self.tell(flow),
            Happening::Told(flow, compound) => self.told(flow, &compound),
            Happening::Acknowledged(flow, number) => self.acknowledged(flow, number),
            Happening::TcpTick(flow) => self.tcp_tick(flow),
            Happening::Sample => self.sample(),
        }
    }

    fn frame(&mut self, flow: usize) {
        let Flow::Caller(caller) = &mut self.flows[flow] else {
            return;
        };
        let available = caller.estimator.available().unwrap_or(u64::MAX) as f64;
        let sizes = caller.source.frame(available, &mut self.random);
        for bytes in sizes {
            self.send(flow, bytes, false);
        }
        self.at(self.now + FRAME_PERIOD, Happening::Frame(flow));
    }

    /// Sends what a probe is behind, in whole packets, and comes back when more is due.
    fn pad(&mut self, flow: usize) {
        let now = Duration::from_micros(self.now);
        while self
            .caller(flow)
            .estimator
            .probe(now)
            .is_some_and(|bytes| bytes >= PADDING as u64 / 2)
        {
            self.caller(flow).probed_bytes += PADDING as u64;
            self.send(flow, PADDING, false);
        }
        if let Some(deadline) = self.caller(flow).estimator.deadline(now) {
            self.at(deadline.as_micros() as u64, Happening::Probe(flow));
        }
    }

    fn send(&mut self, flow: usize, bytes: usize, is_audio: bool) {
        let now = Duration::from_micros(self.now);
        let caller = self.caller(flow);
        let number = caller.next;
        caller.next += 1;
        caller.estimator.sent(now, number as u16, bytes);
        self.enqueue(Packet {
            flow,
            number,
            bytes,
            sent: self.now,
            is_audio,
        });
    }

    fn enqueue(&mut self, packet: Packet) {
        if let Some(through) = self.link.enqueue(self.now, packet) {
            self.at(through, Happening::Through);
        }
    }

    fn through(&mut self) {
        let (packet, arrival, next) = self.link.forward(self.now, &mut self.random);
        if let Some(arrival) = arrival {
            let place = self.in_transit.len() as u64;
            self.in_transit.push(Some(packet));
            self.at(arrival, Happening::Arrive(packet.flow, place));
        }
        if let Some(next) = next {
            self.at(next, Happening::Through);
        }
    }

    fn arrive(&mut self, flow: usize, place: usize) {
        let packet = self.in_transit[place].take().expect("arrives once");
        let (now, delay) = (self.now, self.link.profile.delay);
        let bits = packet.bytes as f64 * 8.0;
        match &mut self.flows[flow] {
            Flow::Caller(caller) => {
                *caller.delivered.last_mut().expect("a sample") += bits;
                if packet.is_audio {
                    let wait = (now - packet.sent).saturating_sub(delay) as f64 / 1e3;
                    let worst = caller.voice_delay.last_mut().expect("a sample");
                    *worst = worst.max(wait);
                }
                let ticks = ((now + 77_777_777) / TICK.as_micros() as u64) as i64;
                caller.arrivals.push(Arrival {
                    sequence: packet.number,
                    ticks,
                });
            }
            Flow::Tcp { delivered, .. } => {
                *delivered.last_mut().expect("a sample") += bits;
                self.at(now + delay, Happening::Acknowledged(flow, packet.number));
            }
        }
    }

    fn tell(&mut self, flow: usize) {
        let caller = self.caller(flow);
        caller.arrivals.sort_by_key(|arrival| arrival.sequence);
        let arrivals = std::mem::take(&mut caller.arrivals);
        let mut rest = arrivals.as_slice();
        let mut compounds = Vec::new();
        while !rest.is_empty() {
            let mut compound = Vec::new();
            let base = caller.base.min(rest[0].sequence);
            let told =
                write_transport_feedback(&mut compound, (1, 2), caller.feedback_count, base, rest);
            caller.feedback_count = caller.feedback_count.wrapping_add(1);
            if told == 0 {
                caller.base = rest[0].sequence;
                continue;
            }
            caller.base = rest[told - 1].sequence + 1;
            rest = &rest[told..];
            compounds.push(compound);
        }
        for compound in compounds {
            let back = self.now + self.link.profile.delay;
            self.at(back, Happening::Told(flow, compound));
        }
        self.at(self.now + FEEDBACK_PERIOD, Happening::Tell(flow));
    }

    fn told(&mut self, flow: usize, compound: &[u8]) {
        let now = Duration::from_micros(self.now);
        for packet in rtcp::packets(compound) {
            if let rtcp::Packet::TransportFeedback(feedback) = packet {
                self.caller(flow).estimator.feedback(now, &feedback);
            }
        }
    }

    fn acknowledged(&mut self, flow: usize, number: u64) {
        if let Flow::Tcp {
            window, last_ack, ..
        } = &mut self.flows[flow]
        {
            window.acknowledged(number);
            *last_ack = self.now;
        }
        self.pull(flow);
    }

    fn tcp_tick(&mut self, flow: usize) {
        if let Flow::Tcp {
            window, last_ack, ..
        } = &mut self.flows[flow]
            && self.now - *last_ack > 1_000_000
        {
            window.timed_out();
        }
        self.pull(flow);
        self.at(self.now + 200_000, Happening::TcpTick(flow));
    }

    fn pull(&mut self, flow: usize) {
        let Flow::Tcp { window, .. } = &mut self.flows[flow] else {
            return;
        };
        for number in window.pull() {
            self.enqueue(Packet {
                flow,
                number,
                bytes: SEGMENT,
                sent: self.now,
                is_audio: false,
            });
        }
    }

    fn sample(&mut self) {
        for flow in &mut self.flows {
            match flow {
                Flow::Caller(caller) => {
                    let available = caller.estimator.available().unwrap_or(0);
                    caller.estimates.push(available as f64);
                    caller.delivered.push(0.0);
                    caller.voice_delay.push(0.0);
                }
                Flow::Tcp { delivered, .. } => delivered.push(0.0),
            }
        }
        self.at(self.now + SAMPLE_PERIOD, Happening::Sample);
    }
}
