//! What a large audio room costs: many open microphones, a few voices, everybody listens to everybody.
//!
//! `cargo run --release -p hoichan-router --example speakers [people] [speakers] [loudest, 0 for no limit] [seconds]`
//!
//! Opus packets of 80 bytes every 20 ms from each microphone, AES-128-GCM. Datagrams are sealed beforehand; only
//! `receive`, `flush` and `handle_timeout` are measured, by the CPU time of this thread.

#[path = "../tests/kit/mod.rs"]
mod kit;

use hoichan_router::{Outbox, SpeakerGroup, SpeakerGroupId};
use kit::camera::Microphone;
use kit::{Peer, World};
use std::time::Duration;

const PAYLOAD_LEN: usize = 80;
const PACKET_TIME: Duration = Duration::from_millis(20);

/// Datagrams that one wake-up of the worker takes.
const BATCH: usize = 64;

/// Levels in −dBov.
const VOICE: u8 = 25;
const SILENCE: u8 = 100;

/// Warm-up, in packets of each microphone.
const WARM_UP: u32 = 25;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: u32| {
        let given = arguments.next().map(|text| text.parse());
        given.map_or(default, |number| number.expect("a number"))
    };
    let (people, speakers, loudest, seconds) =
        (argument(500), argument(10), argument(10), argument(4));
    let mut hall = Hall::new(people, loudest);
    for _ in 0..WARM_UP {
        hall.pass(speakers);
    }
    hall.forwarded = 0;
    let rounds = seconds * 50;
    let spent: Duration = (0..rounds).map(|_| hall.pass(speakers)).sum();
    println!(
        "{people} microphones, {speakers} voices, loudest {loudest}: {:.1} % of one CPU; {} packets/s in, {} out",
        100.0 * spent.as_secs_f64() / f64::from(seconds),
        people * 50,
        hall.forwarded / u64::from(seconds),
    );
}

/// People with open microphones, each of whom listens to all the others.
struct Hall {
    world: World,
    people: Vec<(Peer, Microphone)>,
    outbox: Outbox,
    forwarded: u64,
}

impl Hall {
    fn new(people: u32, loudest: u32) -> Self {
        let mut world = World::new();
        let people: Vec<_> = (0..people)
            .map(|id| (world.peer(id), Microphone::new(1_000_000 + id)))
            .collect();
        let group = (loudest > 0).then_some(SpeakerGroup {
            id: SpeakerGroupId(1),
            loudest: loudest as u16,
        });
        for (speaker, (peer, microphone)) in (0_u64..).zip(&people) {
            let producer = world.publish_audio(peer, speaker, microphone.ssrc);
            let ranked = world.router.rank_producer(producer, group);
            ranked.expect("known");
            for (listener, (peer, _)) in (0_u64..).zip(&people) {
                if listener != speaker {
                    world.subscribe(peer, 1 + listener * 1000 + speaker, producer);
                }
            }
        }
        Hall {
            world,
            people,
            outbox: Outbox::new(),
            forwarded: 0,
        }
    }

    /// 20 ms in which so many speak and the others are silent. Returns the CPU time that took.
    fn pass(&mut self, speakers: u32) -> Duration {
        let mut datagrams = Vec::new();
        for (id, (peer, microphone)) in (0..).zip(&mut self.people) {
            let mut packet = microphone.packet(if id < speakers { VOICE } else { SILENCE });
            packet.payload.resize(PAYLOAD_LEN, 7);
            datagrams.push((peer.endpoint, peer.seal(&packet)));
        }
        let World { router, now, .. } = &mut self.world;
        let begun = thread_time();
        for batch in datagrams.chunks(BATCH) {
            for (endpoint, datagram) in batch {
                router.receive(*now, *endpoint, datagram);
            }
            router.flush(*now, &mut self.outbox);
            let counts = self.outbox.messages().iter();
            self.forwarded += counts.map(|one| u64::from(one.count)).sum::<u64>();
            self.outbox.clear();
        }
        router.handle_timeout(*now, &mut self.outbox);
        self.outbox.clear();
        router.drain_events().for_each(drop);
        let spent = thread_time() - begun;
        *now += PACKET_TIME;
        spent
    }
}

/// CPU time of this thread, as the scheduler counts it: the first number of schedstat, in nanoseconds.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.expect("a count of nanoseconds"))
}
