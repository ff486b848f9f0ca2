//! Once warm, nothing is allocated: not per packet, and not per timer.

mod kit;

use hoichan_router::EndpointId;
use hoichan_wire::rtcp::{write_nack, write_remb};
use kit::camera::{Camera, Microphone};
use kit::{Peer, WISH_BEST, World, numbered_consumer};

/// What happens in one frame's time, sealed beforehand: only the router's own work is measured.
struct Script {
    datagrams: Vec<(EndpointId, Vec<u8>)>,
}

const SUBSCRIBERS: std::ops::Range<EndpointId> = 10..30;

/// A call with three layers, audio, loss, repairs, NACKs and padding, as datagrams.
struct Call {
    world: World,
    publisher: Peer,
    subscribers: Vec<Peer>,
    layers: [Camera; 3],
    microphone: Microphone,
    frames: u64,
}

impl Call {
    fn begin() -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let audio = world.publish_audio(&publisher, 1, 77);
        let video = world.publish_video(&publisher, 2, &["q", "h", "f"]);
        let mut subscribers: Vec<Peer> = SUBSCRIBERS.map(|id| world.peer(id)).collect();
        for peer in &mut subscribers {
            let id = u64::from(peer.endpoint);
            world.subscribe_with(peer, id, video, &numbered_consumer(id), WISH_BEST);
            world.subscribe(peer, id + 100, audio);
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
            microphone: Microphone::new(77),
            frames: 0,
        }
    }

    fn script(&mut self) -> Script {
        let mut packets = vec![self.microphone.packet(127)];
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
        let world = &mut self.world;
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
    assert_eq!(
        allocations.count_total, 0,
        "allocations for {forwarded} packets"
    );
}
