//! Several cameras and a microphone, and one who sees and hears them all over a link of which it tells the rate.

use super::camera::{Camera, Microphone};
use super::{Peer, World};
use hoichan_router::{ConsumerId, Event, TransportStats, Wish};
use hoichan_wire::rtcp::{Packet, write_remb};

const RIDS: [&str; 3] = ["q", "h", "f"];

/// Packets per frame and bytes of each, by layer: some 115, 390 and 1480 kbit/s with all headers.
const FRAMES: [(usize, usize); 3] = [(1, 500), (2, 900), (6, 1160)];

/// A camera of three layers, which makes key frames when asked.
pub struct Publisher {
    pub peer: Peer,
    pub layers: [Camera; 3],
    pub key_frames: [bool; 3],
    /// How many of its layers it sends.
    pub sends: usize,
}

impl Publisher {
    pub fn frame(&mut self, world: &mut World) {
        for packet in world.heard(&mut self.peer).rtcp_packets() {
            if let Packet::Pli { media_ssrc, .. } = packet {
                let asked = self.layers.iter().position(|one| one.ssrc == media_ssrc);
                self.key_frames[asked.expect("a layer of this camera")] = true;
            }
        }
        for (layer, camera) in self.layers.iter_mut().enumerate().take(self.sends) {
            let (count, len) = FRAMES[layer];
            let is_key = std::mem::take(&mut self.key_frames[layer]);
            let packets = camera.frame(is_key, count, len);
            world.send(&mut self.peer, &packets);
        }
    }
}

/// Cameras and a microphone, and one who sees and hears them all.
pub struct Gathering {
    pub world: World,
    pub cameras: Vec<Publisher>,
    pub speaker: Peer,
    pub microphone: Microphone,
    pub subscriber: Peer,
    /// Bytes of video heard since the last look, by camera and layer.
    pub seen: Vec<[usize; 3]>,
    pub voices: usize,
    pub states: Vec<(u64, bool)>,
    pub told: Vec<TransportStats>,
}

impl Gathering {
    /// One camera for each priority; camera `n` is sent as consumer `20 + n`.
    pub fn begun(priorities: &[u8]) -> Self {
        let mut world = World::new();
        let speaker = world.peer(1);
        let subscriber = world.peer(2);
        let voice = world.publish_audio(&speaker, 1, 77);
        world.subscribe(&subscriber, 10, voice);
        let mut call = Gathering {
            cameras: Vec::new(),
            microphone: Microphone::new(77),
            world,
            speaker,
            subscriber,
            seen: Vec::new(),
            voices: 0,
            states: Vec::new(),
            told: Vec::new(),
        };
        priorities.iter().for_each(|one| call.join(*one));
        call
    }

    /// Somebody comes with a camera, which is subscribed to.
    pub fn join(&mut self, priority: u8) {
        let number = self.cameras.len() as u32;
        let peer = self.world.peer(3 + number);
        let id = u64::from(number) + 20;
        let producer = self.world.publish_video(&peer, id, &RIDS);
        let ssrc = |layer| 100 * (number + 1) + layer;
        self.cameras.push(Publisher {
            peer,
            layers: [0, 1, 2].map(|layer| Camera::new(ssrc(layer), RIDS[layer as usize])),
            key_frames: [true; 3],
            sends: 3,
        });
        self.seen.push([0; 3]);
        self.world.subscribe_with(
            &self.subscriber,
            id,
            producer,
            &super::consumer(id),
            Wish {
                priority,
                ..Wish::default()
            },
        );
    }

    /// The subscriber says what its link carries.
    pub fn carries(&mut self, bps: u64) {
        let mut compound = Vec::new();
        write_remb(&mut compound, 99, bps, &[]);
        self.world.send_rtcp(&mut self.subscriber, &compound);
    }

    pub fn wish(&mut self, camera: u64, wish: Wish) {
        let router = &mut self.world.router;
        router
            .set_consumer(ConsumerId(20 + camera), wish)
            .expect("known");
        self.world.flush();
    }

    /// Lets everybody send for so long.
    pub fn passes(&mut self, millis: u64) {
        for step in 0..millis / 20 {
            if step % 2 == 0 {
                for camera in &mut self.cameras {
                    camera.frame(&mut self.world);
                }
            }
            let voice = self.microphone.packet(30);
            self.world.send(&mut self.speaker, &[voice]);
            self.world.pass(20);
        }
        self.look();
    }

    pub fn look(&mut self) {
        for packet in self.world.heard(&mut self.subscriber).rtp {
            if packet.fields.payload_type == super::SENT_OPUS {
                self.voices += 1;
            } else {
                let source = &packet.media()[1..5];
                let ssrc = u32::from_be_bytes(source.try_into().expect("four bytes"));
                self.seen[ssrc as usize / 100 - 1][ssrc as usize % 100] += packet.payload.len();
            }
        }
        for event in self.world.take_events() {
            match event {
                Event::ConsumerStreamState {
                    consumer, paused, ..
                } => self.states.push((consumer.0 - 20, paused)),
                Event::TransportStats(stats) => self.told.push(stats),
                _ => {}
            }
        }
    }

    /// The layers of each camera that came in `millis` from now.
    pub fn layers(&mut self, millis: u64) -> Vec<Vec<usize>> {
        self.look();
        self.seen.iter_mut().for_each(|seen| *seen = [0; 3]);
        self.passes(millis);
        let layers = |seen: &[usize; 3]| (0..3).filter(|layer| seen[*layer] > 0).collect();
        self.seen.iter().map(layers).collect()
    }

    /// Which consumer was paused or resumed, in order, since the last look.
    pub fn states(&mut self) -> Vec<(u64, bool)> {
        self.look();
        std::mem::take(&mut self.states)
    }
}
