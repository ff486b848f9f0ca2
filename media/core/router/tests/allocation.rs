//! Once warm, nothing is allocated: not per packet, and not per timer.

mod kit;

use hoichan_router::{EndpointId, SpeakerGroup, SpeakerGroupId, Wish};
use hoichan_wire::rtcp::{write_nack, write_remb};
use kit::camera::Camera;
use kit::microphone::RedMicrophone;
use kit::scalable::{self, Coding, ScalableCamera};
use kit::{Peer, WISH_BEST, World, numbered_consumer, red_consumer, red_microphone};

/// What happens in one frame's time, sealed beforehand: only the router's own work is measured.
struct Script {
    datagrams: Vec<(EndpointId, Vec<u8>)>,
}

const SUBSCRIBERS: std::ops::Range<EndpointId> = 10..30;

/// A call with three layers, loss, repairs, NACKs and padding, and two voices of which one is forwarded, as datagrams.
struct Call {
    world: World,
    publisher: Peer,
    subscribers: Vec<Peer>,
    layers: [Camera; 3],
    microphones: [RedMicrophone; 2],
    frames: u64,
}

impl Call {
    fn begin() -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let voices =
            [1, 3].map(|id| world.publish(&publisher, id, &red_microphone(76 + id as u32)));
        for voice in voices {
            let group = SpeakerGroup {
                id: SpeakerGroupId(1),
                loudest: 1,
            };
            world
                .router
                .rank_producer(voice, Some(group))
                .expect("known");
        }
        let video = world.publish_video(&publisher, 2, &["q", "h", "f"]);
        let mut subscribers: Vec<Peer> = SUBSCRIBERS.map(|id| world.peer(id)).collect();
        for peer in &mut subscribers {
            let id = u64::from(peer.endpoint);
            world.subscribe_with(peer, id, video, &numbered_consumer(id), WISH_BEST);
            for (voice, number) in voices.into_iter().zip([100, 200]) {
                let parameters = red_consumer(id + number, Some((id % 3) as u8));
                world.subscribe_with(peer, id + number, voice, &parameters, WISH_BEST);
            }
            let mut compound = Vec::new();
            write_remb(&mut compound, 99, 20_000_000, &[]);
            world.send_rtcp(peer, &compound);
        }
        let mut layers = [
            Camera::new(5, "q"),
            Camera::new(6, "h"),
            Camera::new(7, "f"),
        ];
        layers[2].transport_sequence = Some(0);
        Call {
            world,
            publisher,
            subscribers,
            layers,
            microphones: [77, 79].map(|ssrc| RedMicrophone::new(ssrc, 2)),
            frames: 0,
        }
    }

    fn script(&mut self) -> Script {
        let first_speaks = (self.frames / 60).is_multiple_of(2);
        // Loud enough for being forwarded, but not for an event, which has its own place in memory.
        let levels = if first_speaks { [45, 127] } else { [127, 45] };
        let mut packets = Vec::new();
        for (microphone, level) in self.microphones.iter_mut().zip(levels) {
            let packet = microphone.packet(level).0;
            packets.extend((self.frames % 4 != 1).then_some(packet));
        }
        for (index, camera) in self.layers.iter_mut().enumerate() {
            let mut frame = camera.frame(self.frames == 0, 4 + index, 1000);
            if self.frames % 5 == 3 {
                let lost = frame.remove(1);
                frame.push(camera.repair(&lost));
            }
            if self.frames % 7 == 3 {
                frame.remove(0);
                frame.push(camera.padding());
            }
            packets.extend(frame);
        }
        self.frames += 1;
        let publisher = &mut self.publisher;
        let mut datagrams: Vec<_> = packets
            .iter()
            .map(|packet| (publisher.endpoint, publisher.seal(packet)))
            .collect();
        for peer in &mut self.subscribers {
            let asked: Vec<u16> = (0..64)
                .map(|step| (self.frames * 900 + step * 7) as u16)
                .collect();
            let mut compound = Vec::new();
            write_nack(&mut compound, 99, peer.endpoint, &asked);
            datagrams.push((peer.endpoint, peer.seal_rtcp(&compound)));
        }
        Script { datagrams }
    }

    fn play(&mut self, script: &Script) {
        play(&mut self.world, script);
    }
}

fn play(world: &mut World, script: &Script) {
    for (endpoint, datagram) in &script.datagrams {
        world.router.receive(world.now, *endpoint, datagram);
    }
    world.router.flush(world.now, &mut world.outbox);
    let until = world.now + std::time::Duration::from_millis(33);
    while let Some(deadline) = world
        .router
        .deadline()
        .filter(|deadline| *deadline <= until)
    {
        world.now = deadline;
        world.router.handle_timeout(world.now, &mut world.outbox);
    }
    world.now = until;
    world.outbox.clear();
    world.router.drain_events().for_each(drop);
}
/// A stream of nine layers, and subscribers who get different parts of it.
struct Scalable {
    world: World,
    publisher: Peer,
    subscribers: Vec<Peer>,
    camera: ScalableCamera,
    frames: u64,
}

impl Scalable {
    fn begin() -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let track = world.publish(&publisher, 1, &scalable::producer(Coding::Av1));
        let subscribers: Vec<Peer> = SUBSCRIBERS.map(|id| world.peer(id)).collect();
        for peer in &subscribers {
            let wish = Wish {
                spatial_layer: (peer.endpoint % 3) as u8,
                temporal_layer: (peer.endpoint % 2 + 1) as u8,
                ..Wish::default()
            };
            let id = u64::from(peer.endpoint);
            world.subscribe_with(peer, id, track, &scalable::consumer(id), wish);
        }
        Scalable {
            world,
            publisher,
            subscribers,
            camera: ScalableCamera::new(Coding::Av1, 3),
            frames: 0,
        }
    }

    fn script(&mut self) -> Script {
        let mut packets = self.camera.picture(self.frames.is_multiple_of(60));
        if self.frames % 5 == 3 {
            packets.remove((self.frames % 6) as usize);
        }
        if self.frames % 7 == 3 {
            packets.rotate_left(1);
        }
        self.frames += 1;
        let publisher = &mut self.publisher;
        let datagrams = packets
            .iter()
            .map(|packet| (publisher.endpoint, publisher.seal(packet)));
        let mut datagrams: Vec<_> = datagrams.collect();
        for peer in &mut self.subscribers {
            let asked: Vec<u16> = (0..32)
                .map(|step| (self.frames * 300 + step * 7) as u16)
                .collect();
            let mut compound = Vec::new();
            write_nack(&mut compound, 99, peer.endpoint, &asked);
            datagrams.push((peer.endpoint, peer.seal_rtcp(&compound)));
        }
        Script { datagrams }
    }
}

#[test]
fn ten_seconds_of_scalable_video_allocate_nothing_after_the_first_five() {
    let mut call = Scalable::begin();
    let warm_up: Vec<Script> = (0..180).map(|_| call.script()).collect();
    warm_up
        .iter()
        .for_each(|script| play(&mut call.world, script));
    let before = call.world.counter("packets_sent");
    let scripts: Vec<Script> = (0..300).map(|_| call.script()).collect();
    let allocations = allocation_counter::measure(|| {
        scripts
            .iter()
            .for_each(|script| play(&mut call.world, script));
    });
    let forwarded = call.world.counter("packets_sent") - before;
    assert!(forwarded > 300 * 2 * 20, "the call went on: {forwarded}");
    assert!(
        call.world.counter("retransmitted_packets_sent") > 100,
        "NACKs were answered"
    );
    assert_eq!(
        allocations.count_total, 0,
        "allocations for {forwarded} packets"
    );
}

#[test]
fn ten_seconds_of_a_lossy_call_allocate_nothing_after_the_first_five() {
    let mut call = Call::begin();
    let warm_up: Vec<Script> = (0..150).map(|_| call.script()).collect();
    warm_up.iter().for_each(|script| call.play(script));
    let before = call.world.counter("packets_sent");
    let scripts: Vec<Script> = (0..300).map(|_| call.script()).collect();
    let allocations = allocation_counter::measure(|| {
        scripts.iter().for_each(|script| call.play(script));
    });
    let forwarded = call.world.counter("packets_sent") - before;
    assert!(forwarded > 300 * 6 * 20, "the call went on: {forwarded}");
    assert!(
        call.world.counter("retransmitted_packets_sent") > 100,
        "NACKs were answered"
    );
    assert!(call.world.counter("nacks_sent") > 10, "and sent");
    let recovered = call.world.counter("recovered_packets");
    assert!(recovered > 100, "voices came back: {recovered}");
    assert_eq!(
        allocations.count_total, 0,
        "allocations for {forwarded} packets"
    );
}
