//! Whatever is lost, late, doubled or switched, and whenever: each subscriber's stream stays one stream.

use crate::kit::camera::Camera;
use crate::kit::rtp::Packet;
use crate::kit::{Peer, WISH_BEST, World, wish};
use hoichan_router::{ConsumerId, Wish};
use hoichan_wire::rtcp::{write_nack, write_pli};
use proptest::prelude::*;
use std::collections::HashMap;

#[derive(Clone, Debug)]
enum Step {
    /// One captured frame: on which layers, which of them with a key frame, packets in each.
    Frame {
        layers: u8,
        keys: u8,
        count: usize,
    },
    /// Of what is on its way upstream: lose this one.
    Lose(usize),
    /// … swap these two.
    Reorder(usize, usize),
    /// Everything on its way arrives, in batches of this size.
    Arrive(usize),
    Padding(usize),
    /// A lost packet is sent again as a repair.
    Repair(usize),
    Wish(u8),
    Pause(bool),
    /// The subscriber asks for these, counted back from its newest.
    Nack(Vec<u16>),
    Pli,
    Pass(u64),
    /// A layer begins anew under another SSRC.
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1_u8..8, 0_u8..8, 1_usize..5).prop_map(|(layers, keys, count)| Step::Frame {
            layers,
            keys,
            count
        }),
        3 => (0_usize..20).prop_map(Step::Lose),
        3 => (0_usize..20, 0_usize..20).prop_map(|(a, b)| Step::Reorder(a, b)),
        8 => (1_usize..12).prop_map(Step::Arrive),
        2 => (0_usize..3).prop_map(Step::Padding),
        3 => (0_usize..20).prop_map(Step::Repair),
        3 => (0_u8..4).prop_map(Step::Wish),
        1 => any::<bool>().prop_map(Step::Pause),
        2 => prop::collection::vec(0_u16..200, 1..20).prop_map(Step::Nack),
        1 => Just(Step::Pli),
        4 => (0_u64..400).prop_map(Step::Pass),
        1 => (0_usize..3).prop_map(Step::Restart),
    ]
}

struct Story {
    world: World,
    publisher: Peer,
    subscriber: Peer,
    layers: [Camera; 3],
    under_way: Vec<Packet>,
    lost: Vec<Packet>,
    /// By number: what was sent under it.
    seen: HashMap<u16, (u32, Vec<u8>)>,
    newest: Option<(u16, u32)>,
}

impl Story {
    fn begin() -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let subscriber = world.peer(2);
        let producer = world.publish_video(&publisher, 1, &["q", "h", "f"]);
        world.subscribe(&subscriber, 20, producer);
        Story {
            world,
            publisher,
            subscriber,
            layers: [
                Camera::new(5, "q"),
                Camera::new(6, "h"),
                Camera::new(7, "f"),
            ],
            under_way: Vec::new(),
            lost: Vec::new(),
            seen: HashMap::new(),
            newest: None,
        }
    }

    fn tell(&mut self, step: &Step) {
        match step {
            Step::Frame {
                layers,
                keys,
                count,
            } => {
                for (index, camera) in self.layers.iter_mut().enumerate() {
                    if layers >> index & 1 == 1 {
                        let packets = camera.frame(keys >> index & 1 == 1, *count, 60);
                        self.under_way.extend(packets);
                    }
                }
            }
            Step::Lose(index) if *index < self.under_way.len() => {
                let packet = self.under_way.remove(*index);
                self.lost.push(packet);
            }
            Step::Reorder(a, b) if (*a).max(*b) < self.under_way.len() => {
                self.under_way.swap(*a, *b)
            }
            Step::Arrive(batch) => {
                let packets = std::mem::take(&mut self.under_way);
                for batch in packets.chunks(*batch) {
                    self.world.send(&mut self.publisher, batch);
                    self.check();
                }
            }
            Step::Padding(layer) => self.under_way.push(self.layers[*layer].padding()),
            Step::Repair(index) if *index < self.lost.len() => {
                let packet = self.lost.remove(*index);
                let camera = self
                    .layers
                    .iter_mut()
                    .find(|one| one.ssrc == packet.fields.ssrc);
                if let Some(camera) = camera.filter(|_| !packet.payload.is_empty()) {
                    self.under_way.push(camera.repair(&packet));
                }
            }
            Step::Wish(layer) => self.want(wish(*layer)),
            Step::Pause(paused) => self.want(Wish {
                paused: *paused,
                ..WISH_BEST
            }),
            Step::Nack(back) => self.nack(back),
            Step::Pli => {
                let mut compound = Vec::new();
                write_pli(&mut compound, 99, 20);
                self.world.send_rtcp(&mut self.subscriber, &compound);
            }
            Step::Pass(millis) => self.world.pass(*millis),
            Step::Restart(layer) => {
                let rid = ["q", "h", "f"][*layer];
                let ssrc = self.layers[*layer].ssrc + 100;
                self.layers[*layer] = Camera::new(ssrc, rid);
            }
            Step::Lose(_) | Step::Reorder(..) | Step::Repair(_) => {}
        }
        self.check();
    }

    fn want(&mut self, wish: Wish) {
        let wished = self.world.router.set_consumer(ConsumerId(20), wish);
        wished.expect("known");
        self.world.flush();
    }

    fn nack(&mut self, back: &[u16]) {
        let Some((newest, _)) = self.newest else {
            return;
        };
        let mut asked: Vec<u16> = back.iter().map(|back| newest.wrapping_sub(*back)).collect();
        asked.sort_by_key(|one| one.wrapping_sub(newest.wrapping_sub(1000)));
        let mut compound = Vec::new();
        write_nack(&mut compound, 99, 20, &asked);
        self.world.send_rtcp(&mut self.subscriber, &compound);
    }

    /// No number with two contents, no time that runs backwards, no repair of anything but what was sent.
    fn check(&mut self) {
        for packet in self.world.heard(&mut self.subscriber).rtp {
            let sequence = packet.fields.sequence;
            let content = |payload: &[u8]| (packet.fields.timestamp, payload.to_vec());
            if packet.fields.ssrc == 1020 {
                let (original, payload) = packet.unwrap_rtx();
                let known = self
                    .seen
                    .entry(original)
                    .or_insert_with(|| content(payload));
                assert_eq!(*known, content(payload), "a repair is what was sent");
                continue;
            }
            // Numbers that come first by RTX and then by themselves are the same packet too.
            let known = self
                .seen
                .entry(sequence)
                .or_insert_with(|| content(&packet.payload));
            assert_eq!(*known, content(&packet.payload), "one number, one packet");
            let Some((newest, time)) = self.newest else {
                self.newest = Some((sequence, packet.fields.timestamp));
                continue;
            };
            let ticks = packet.fields.timestamp.wrapping_sub(time) as i32;
            if sequence.wrapping_sub(newest) as i16 > 0 {
                // Publishers here stamp in order, so a higher number is never an earlier frame.
                assert!(
                    ticks >= 0 || packet.payload.is_empty(),
                    "time ran back by {}",
                    -ticks
                );
                if ticks >= 0 {
                    self.newest = Some((sequence, packet.fields.timestamp));
                }
            } else {
                assert!(
                    ticks <= 0,
                    "a late packet is of an earlier frame or of the same"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_stream_stays_one_stream(steps in prop::collection::vec(step(), 1..120)) {
        let mut story = Story::begin();
        for step in &steps {
            story.tell(step);
        }
    }
}
