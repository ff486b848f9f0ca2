//! Links that do not carry all that is wished for: who gets what, and when it changes.

use crate::kit::camera::{Camera, Microphone};
use crate::kit::{self, Peer, World};
use hoichan_router::{ConsumerId, Event, ProducerId, Wish};
use hoichan_wire::rtcp::{Packet, write_remb};

const RIDS: [&str; 3] = ["q", "h", "f"];

/// Packets per frame and bytes of each, by layer: some 115, 390 and 1480 kbit/s with all headers.
const FRAMES: [(usize, usize); 3] = [(1, 500), (2, 900), (6, 1160)];

/// A camera of three layers, which makes key frames when asked.
struct Publisher {
    peer: Peer,
    layers: [Camera; 3],
    key_frames: [bool; 3],
    /// How many of its layers it sends.
    sends: usize,
}

impl Publisher {
    fn frame(&mut self, world: &mut World) {
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
struct Call {
    world: World,
    cameras: Vec<Publisher>,
    speaker: Peer,
    microphone: Microphone,
    subscriber: Peer,
    /// Bytes of video heard since the last look, by camera and layer.
    seen: Vec<[usize; 3]>,
    voices: usize,
    states: Vec<(u64, bool)>,
    /// Bit/s desired and allocated, as told last.
    share: (u64, u64),
}

impl Call {
    /// One camera for each priority; camera `n` is sent as consumer `20 + n`.
    fn begun(priorities: &[u8]) -> Self {
        let mut world = World::new();
        let speaker = world.peer(1);
        let subscriber = world.peer(2);
        let voice = world.publish_audio(&speaker, 1, 77);
        world.subscribe(&subscriber, 10, voice);
        let mut call = Call {
            cameras: Vec::new(),
            microphone: Microphone::new(77),
            world,
            speaker,
            subscriber,
            seen: Vec::new(),
            voices: 0,
            states: Vec::new(),
            share: (0, 0),
        };
        priorities.iter().for_each(|one| call.join(*one));
        call
    }

    /// Somebody comes with a camera, which is subscribed to.
    fn join(&mut self, priority: u8) {
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
            &kit::consumer(id),
            Wish {
                priority,
                ..Wish::default()
            },
        );
    }

    /// The subscriber says what its link carries.
    fn carries(&mut self, bps: u64) {
        let mut compound = Vec::new();
        write_remb(&mut compound, 99, bps, &[]);
        self.world.send_rtcp(&mut self.subscriber, &compound);
    }

    fn wish(&mut self, camera: u64, wish: Wish) {
        let router = &mut self.world.router;
        router
            .set_consumer(ConsumerId(20 + camera), wish)
            .expect("known");
        self.world.flush();
    }

    /// Lets everybody send for so long.
    fn passes(&mut self, millis: u64) {
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

    fn look(&mut self) {
        for packet in self.world.heard(&mut self.subscriber).rtp {
            if packet.fields.payload_type == kit::SENT_OPUS {
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
                Event::TransportStats(stats) if stats.endpoint == self.subscriber.endpoint => {
                    let desired = stats.desired_outgoing_bitrate;
                    self.share = (desired, stats.allocated_outgoing_bitrate);
                }
                _ => {}
            }
        }
    }

    /// The layers of each camera that came in `millis` from now.
    fn layers(&mut self, millis: u64) -> Vec<Vec<usize>> {
        self.look();
        self.seen.iter_mut().for_each(|seen| *seen = [0; 3]);
        self.passes(millis);
        let layers = |seen: &[usize; 3]| (0..3).filter(|layer| seen[*layer] > 0).collect();
        self.seen.iter().map(layers).collect()
    }

    /// Which consumer was paused or resumed, in order, since the last look.
    fn states(&mut self) -> Vec<(u64, bool)> {
        self.look();
        std::mem::take(&mut self.states)
    }
}

#[test]
fn a_link_that_becomes_thin_gets_less_at_once_and_more_when_it_has_been_good_for_a_while() {
    let mut call = Call::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[2]]);
    call.carries(800_000);
    call.passes(200);
    assert_eq!(call.layers(1000), [[1]]);
    call.carries(5_000_000);
    assert_eq!(call.layers(800), [[1]], "not yet");
    call.passes(1500);
    assert_eq!(call.layers(1000), [[2]]);
    assert_eq!(call.states(), [], "nothing was paused");
}

#[test]
fn what_is_desired_and_what_is_given_of_it_are_told() {
    let mut call = Call::begun(&[50]);
    call.carries(5_000_000);
    call.passes(12_000);
    let (desired, allocated) = call.share;
    assert!(desired > 1_400_000, "all three layers' worth of {desired}");
    assert_eq!(allocated, desired, "there is room for all");
    call.carries(800_000);
    call.passes(12_000);
    let (desired, allocated) = call.share;
    assert!(desired > 1_400_000, "the wish is the same: {desired}");
    assert!((300_000..800_000).contains(&allocated), "{allocated}");
}

#[test]
fn what_would_fill_the_links_queue_is_cut_without_waiting_for_a_key_frame() {
    let mut call = Call::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    call.carries(300_000);
    call.cameras[0].key_frames = [false; 3];
    assert_eq!(
        call.world
            .heard(&mut call.cameras[0].peer)
            .keyframe_requests(),
        1
    );
    assert_eq!(
        call.layers(400),
        [Vec::<usize>::new()],
        "that request is lost"
    );
    call.passes(400);
    assert_eq!(call.layers(1000), [[0]], "the next one is not");
}

#[test]
fn the_least_important_is_paused_and_told_and_comes_back_with_a_key_frame() {
    let mut call = Call::begun(&[100, 50]);
    call.carries(5_000_000);
    call.passes(4000);
    call.carries(250_000);
    call.passes(400);
    assert_eq!(call.states(), [(1, true)]);
    assert_eq!(call.layers(2000), [vec![0], vec![]]);
    call.carries(2_000_000);
    call.passes(3000);
    assert_eq!(call.states(), [(1, false)]);
    assert_eq!(call.layers(1000), [[2], [0]]);
}

#[test]
fn nobody_is_told_of_a_weak_link_while_it_is_still_being_found_out() {
    let mut call = Call::begun(&[100, 50]);
    for kilobits in [200, 250, 300, 600, 1200] {
        call.carries(kilobits * 1000);
        call.passes(700);
    }
    call.passes(2000);
    assert_eq!(call.layers(1000), [[1], [1]]);
    assert_eq!(call.states(), []);
}

#[test]
fn audio_goes_on_when_the_link_carries_nothing_else() {
    let mut call = Call::begun(&[100, 50]);
    call.carries(5_000_000);
    call.passes(2000);
    call.carries(40_000);
    call.passes(400);
    call.voices = 0;
    assert_eq!(call.layers(10_000), [Vec::<usize>::new(), vec![]]);
    assert_eq!(call.voices, 500, "50 a second");
    assert_eq!(call.states(), [(0, true), (1, true)]);
}

#[test]
fn a_shared_screen_comes_whole_before_any_face() {
    let mut call = Call::begun(&[50, 200]);
    call.carries(550_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [vec![], vec![1]]);
    assert_eq!(call.states(), [(0, true)]);
}

#[test]
fn when_another_begins_to_speak_he_is_raised_and_the_other_lowered() {
    let mut call = Call::begun(&[100, 50]);
    call.carries(720_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[1], [0]]);
    let priority = |priority| Wish {
        priority,
        ..Wish::default()
    };
    call.wish(0, priority(50));
    call.wish(1, priority(100));
    call.passes(500);
    assert_eq!(call.layers(1000), [[0], [1]]);
}

#[test]
fn who_hides_one_picture_gets_more_of_another() {
    let mut call = Call::begun(&[50, 50, 50]);
    call.carries(2_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[1], [1], [1]]);
    let hidden = Wish {
        paused: true,
        ..Wish::default()
    };
    call.wish(1, hidden);
    call.wish(2, hidden);
    call.passes(1000);
    assert_eq!(call.layers(1000), [vec![2], vec![], vec![]]);
    assert_eq!(call.states(), [], "what one hides oneself is not told");
}

#[test]
fn who_hides_what_was_held_back_is_told_anew_when_it_is_shown_again() {
    let mut call = Call::begun(&[100, 50]);
    call.carries(250_000);
    call.passes(5000);
    assert_eq!(call.states(), [(1, true)]);
    let hidden = Wish {
        paused: true,
        ..Wish::default()
    };
    call.wish(1, hidden);
    assert_eq!(call.states(), [(1, false)]);
    call.wish(1, Wish::default());
    call.passes(200);
    assert_eq!(call.states(), [(1, true)]);
}

#[test]
fn who_begins_to_send_is_seen_from_the_first_key_frame_on() {
    let mut call = Call::begun(&[100]);
    call.carries(5_000_000);
    call.passes(3000);
    call.join(50);
    call.passes(20);
    assert!(call.seen[1][0] > 0);
}

#[test]
fn a_publisher_that_left_off_all_sizes_and_resumes_the_least_is_seen_soon() {
    let mut call = Call::begun(&[50]);
    call.carries(5_000_000);
    call.passes(4000);
    assert_eq!(call.layers(1000), [[2]]);
    call.cameras[0].sends = 0;
    call.passes(20_000);
    call.cameras[0].sends = 1;
    call.passes(2500);
    assert_eq!(call.layers(1000), [[0]]);
}

#[test]
fn who_comes_when_the_link_is_full_is_told_that_there_is_no_room() {
    let mut call = Call::begun(&[100]);
    call.carries(220_000);
    call.passes(5000);
    call.join(50);
    call.passes(1000);
    assert_eq!(call.states(), [(1, true)]);
    assert_eq!(call.layers(1000), [vec![0], vec![]]);
    let router = &mut call.world.router;
    router.remove_consumer(ConsumerId(20)).expect("known");
    call.passes(500);
    assert_eq!(call.states(), [(1, false)]);
}

#[test]
fn an_estimate_that_strays_a_little_changes_nothing() {
    let mut call = Call::begun(&[100, 50, 50]);
    for permille in [1000, 950, 1050].repeat(5) {
        call.carries(1_300 * permille);
        call.passes(400);
    }
    let switches = call.world.counter("layer_switches");
    call.states();
    for permille in [1040, 960, 1000, 1050, 990, 950, 1020].repeat(10) {
        call.carries(1_300 * permille);
        call.passes(300);
    }
    assert_eq!(call.world.counter("layer_switches"), switches);
    assert_eq!(call.states(), []);
}

#[test]
fn somebody_is_seen_at_once_though_nobody_knows_yet_what_the_link_carries() {
    let mut world = World::new();
    let subscriber = world.peer(2);
    let mut peers = [world.peer(3), world.peer(4)];
    let mut cameras = [Camera::new(5, "f"), Camera::new(6, "f")];
    let mut subscriber = subscriber;
    for (id, peer) in (20..).zip(&peers) {
        let producer = world.publish_video(peer, id, &["f"]);
        assert_eq!(producer, ProducerId(id));
        world.subscribe_with(
            &subscriber,
            id,
            producer,
            &kit::numbered_consumer(id),
            kit::WISH_BEST,
        );
    }
    for (peer, camera) in peers.iter_mut().zip(&mut cameras) {
        world.send(peer, &camera.frame(true, 2, 1000));
    }
    world.pass(200);
    assert!(!world.heard(&mut subscriber).rtp.is_empty());
    let is_told = |event: &Event| matches!(event, Event::ConsumerStreamState { .. });
    assert!(
        !world.take_events().iter().any(is_told),
        "what is not known is not told"
    );
}
