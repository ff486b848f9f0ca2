//! Simulcast: the layer one wishes for, without a visible seam.

use crate::kit::camera::Camera;
use crate::kit::rtp::Packet;
use crate::kit::{self, Peer, WALLCLOCK, World, wish};
use hoichan_router::{ConsumerId, Event, ProducerId};
use hoichan_srtp::Profile;
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::{SenderInfo, write_sender_report};

/// A camera of three layers and one subscriber.
struct Simulcast {
    world: World,
    publisher: Peer,
    subscriber: Peer,
    layers: [Camera; 3],
}

impl Simulcast {
    fn begun(layer: u8) -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let subscriber = world.peer(2);
        let producer = world.publish_video(&publisher, 1, &["q", "h", "f"]);
        world.subscribe_with(&subscriber, 20, producer, &kit::consumer(20), wish(layer));
        let layers = [
            Camera::new(5, "q"),
            Camera::new(6, "h"),
            Camera::new(7, "f"),
        ];
        Simulcast {
            world,
            publisher,
            subscriber,
            layers,
        }
    }

    /// One captured frame on these layers, each a key frame or not, then 33 ms.
    fn frame(&mut self, layers: &[(usize, bool)]) {
        for camera in &mut self.layers {
            let skipped = camera.clone();
            camera.frame(false, 0, 0); // All encoders see each captured frame, sent or not.
            (camera.picture, camera.tl0) = (skipped.picture, skipped.tl0);
        }
        for (layer, is_key) in layers {
            let camera = &mut self.layers[*layer];
            camera.timestamp = camera.timestamp.wrapping_sub(3000);
            let packets = camera.frame(*is_key, 2 + layer, 200 * (layer + 1));
            self.world.send(&mut self.publisher, &packets);
        }
        self.world.pass(33);
    }

    fn frames(&mut self, count: usize, layers: &[(usize, bool)]) {
        (0..count).for_each(|_| self.frame(layers));
    }

    fn wish(&mut self, layer: u8) {
        let wished = self.world.router.set_consumer(ConsumerId(20), wish(layer));
        wished.expect("known");
        self.world.flush();
    }

    /// The layer changes that were told, in order.
    fn changes(&mut self) -> Vec<Option<u8>> {
        let events = self.world.take_events().into_iter();
        let changes = events.filter_map(|event| match event {
            Event::ConsumerLayerChanged { spatial_layer, .. } => Some(spatial_layer),
            _ => None,
        });
        changes.collect()
    }

    /// The publisher tells where all three media clocks stand at the frame just sent.
    fn report(&mut self) {
        let ntp =
            NtpTime(WALLCLOCK.0 / 2 + (self.world.elapsed().as_millis() as u64) * (1 << 32) / 1000);
        let mut compound = Vec::new();
        for camera in &self.layers {
            let info = SenderInfo {
                ssrc: camera.ssrc,
                ntp,
                rtp_timestamp: camera.timestamp,
                ..SenderInfo::default()
            };
            write_sender_report(&mut compound, &info, &[]);
        }
        self.world.send_rtcp(&mut self.publisher, &compound);
    }

    fn heard(&mut self) -> Vec<Packet> {
        self.world.heard(&mut self.subscriber).rtp
    }
}

const ALL: [(usize, bool); 3] = [(0, false), (1, false), (2, false)];
const ALL_KEYS: [(usize, bool); 3] = [(0, true), (1, true), (2, true)];

/// Numbers, times and pictures go on over every seam.
fn assert_no_seam(packets: &[Packet]) {
    for pair in packets.windows(2) {
        let [before, after] = pair else { continue };
        assert_eq!(
            after.fields.sequence,
            before.fields.sequence.wrapping_add(1)
        );
        let picture_step = after.picture().0.wrapping_sub(before.picture().0) & 0x7fff;
        let tl0_step = after.picture().1.wrapping_sub(before.picture().1);
        let ticks = after.fields.timestamp.wrapping_sub(before.fields.timestamp) as i32;
        if before.fields.marker {
            assert_eq!((picture_step, tl0_step), (1, 1));
            assert!(ticks > 0, "time goes forward");
        } else {
            assert_eq!((picture_step, tl0_step, ticks), (0, 0, 0), "within a frame");
        }
    }
}

/// The SSRC of the layer a packet came from, which the camera writes into it.
fn source(packet: &Packet) -> u8 {
    packet.media()[4]
}

#[test]
fn a_wish_for_more_takes_effect_at_a_key_frame_and_not_before() {
    let mut call = Simulcast::begun(0);
    call.frame(&ALL_KEYS);
    call.frames(20, &ALL);
    call.report();
    call.world.heard(&mut call.publisher);
    call.wish(2);
    assert_eq!(call.world.heard(&mut call.publisher).keyframe_requests(), 1);
    call.frames(3, &ALL);
    call.frame(&[(0, false), (1, false), (2, true)]);
    call.frames(5, &ALL);
    let heard = call.heard();
    assert_no_seam(&heard);
    let sources: Vec<u8> = heard.iter().map(source).collect();
    let low = sources.iter().take_while(|source| **source == 5).count();
    assert_eq!(
        low,
        2 * 24 + 2,
        "the old layer until the very key frame, then never again"
    );
    assert!(sources[low..].iter().all(|source| *source == 7));
    assert_eq!(call.changes(), [Some(0), Some(2)]);
}

#[test]
fn after_sender_reports_a_switch_is_exact_to_the_tick() {
    let mut call = Simulcast::begun(0);
    call.frame(&ALL_KEYS);
    call.frames(10, &ALL);
    call.report();
    call.frames(10, &ALL);
    call.wish(1);
    call.frame(&[(1, true)]);
    call.frames(10, &[(1, false)]);
    let heard = call.heard();
    assert_no_seam(&heard);
    let frames: Vec<u32> = heard
        .iter()
        .filter(|packet| packet.fields.marker)
        .map(|packet| packet.fields.timestamp)
        .collect();
    let steps: Vec<u32> = frames
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]))
        .collect();
    assert!(
        steps.iter().all(|step| step.abs_diff(3000) <= 90),
        "to the millisecond of the report: {steps:?}"
    );
}

#[test]
fn a_wish_for_less_is_granted_the_same_way() {
    let mut call = Simulcast::begun(2);
    call.frame(&ALL_KEYS);
    call.frames(20, &ALL);
    call.wish(0);
    call.frames(2, &ALL);
    call.frame(&[(0, true), (1, false), (2, false)]);
    call.frames(5, &ALL);
    let heard = call.heard();
    assert_no_seam(&heard);
    assert_eq!(heard.last().map(source), Some(5));
    assert_eq!(call.changes().last(), Some(&Some(0)));
}

#[test]
fn the_first_key_frame_is_shown_and_the_wanted_layer_follows() {
    let mut call = Simulcast::begun(2);
    call.frame(&[(0, true)]);
    call.frames(5, &[(0, false)]);
    assert!(!call.heard().is_empty(), "something at once");
    call.frame(&[(0, false), (1, true), (2, true)]);
    call.frames(2, &ALL);
    let heard = call.heard();
    assert_no_seam(&heard);
    assert_eq!(heard.last().map(source), Some(7));
}

#[test]
fn when_a_layer_stops_the_next_lower_one_takes_over_and_gives_back() {
    let mut call = Simulcast::begun(2);
    call.frame(&ALL_KEYS);
    call.frames(10, &ALL);
    call.world.heard(&mut call.publisher);
    call.frames(75, &ALL[..2]); // The publisher's link is too thin for the top layer.
    assert!(call.world.heard(&mut call.publisher).keyframe_requests() > 0);
    call.frame(&[(0, false), (1, true)]);
    call.frames(10, &ALL[..2]);
    call.frames(30, &ALL); // It is back, …
    call.frame(&ALL_KEYS); // … with a key frame when asked.
    call.frames(5, &ALL);
    let heard = call.heard();
    assert_no_seam(&heard);
    assert_eq!(
        call.changes(),
        [Some(0), Some(1), Some(2), Some(1), Some(2)]
    );
}

#[test]
fn a_camera_that_is_muted_has_lost_no_layer_and_is_hardly_asked() {
    let mut call = Simulcast::begun(2);
    call.frame(&ALL_KEYS);
    call.frames(10, &ALL);
    call.changes();
    call.world.pass(1000);
    call.world.heard(&mut call.publisher);
    call.world.pass(60_000);
    assert_eq!(call.world.heard(&mut call.publisher).keyframe_requests(), 0);
    assert_eq!(call.changes(), []);
    call.frame(&ALL);
    assert_eq!(
        call.heard().last().map(source),
        Some(7),
        "and goes on where it was"
    );
}

#[test]
fn a_layer_that_changes_its_ssrc_goes_on_with_the_new_ones_key_frame() {
    let mut call = Simulcast::begun(2);
    call.frame(&ALL_KEYS);
    call.frames(20, &ALL); // Long enough that no straggler is meant.
    call.layers[2] = Camera::new(1007, "f");
    call.frame(&[(2, false)]);
    call.frame(&[(2, true)]);
    call.frames(3, &[(2, false)]);
    let heard = call.heard();
    assert_no_seam(&heard);
    assert_eq!(
        heard.last().map(|packet| packet.media()[3..5].to_vec()),
        Some(1007_u16.to_be_bytes().to_vec())
    );
}

#[test]
fn a_key_frame_whose_first_packet_comes_last_is_shown_whole() {
    let mut call = Simulcast::begun(1);
    call.frame(&[(0, true), (1, false)]);
    call.frames(5, &[(0, false), (1, false)]);
    let mut key_frame = call.layers[1].frame(true, 4, 300);
    key_frame.rotate_left(1);
    for packet in &key_frame {
        call.world
            .send(&mut call.publisher, std::slice::from_ref(packet));
    }
    let heard = call.heard();
    assert_no_seam(&heard);
    assert_eq!(heard.iter().filter(|packet| source(packet) == 6).count(), 4);
}

#[test]
fn who_stops_waiting_stops_the_asking() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    let consumer = world.subscribe(&subscriber, 20, producer);
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 1);
    world.pass(7000); // The camera is muted: it is asked again now and then, in case a request was lost.
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 2);
    world.router.remove_consumer(consumer).expect("known");
    world.pass(60_000);
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 0);
}

#[test]
fn fifty_who_join_at_once_cost_the_publisher_one_key_frame() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    for id in 10..60 {
        let peer = world.peer(id);
        world.subscribe(&peer, u64::from(id), producer);
        world.send(&mut publisher, &camera.frame(false, 1, 100));
        world.pass(5);
    }
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 1);
}

#[test]
fn whoever_is_still_connecting_is_asked_for_when_connected() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    let (mut peer, session) = world.connecting_peer(2, Profile::Aes128Gcm);
    world.subscribe(&peer, 20, producer);
    world.send(&mut publisher, &camera.frame(false, 1, 100));
    world.router.set_path(2, Some(kit::path(2)));
    world.send(&mut publisher, &camera.frame(false, 1, 100));
    assert_eq!(
        world.heard(&mut publisher).keyframe_requests(),
        0,
        "nobody could take it without keys, and the next request would have to wait"
    );
    world.pass(40);
    world.router.set_keys(2, session);
    world.send(&mut publisher, &camera.frame(false, 1, 100));
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 1);
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    assert_eq!(world.heard(&mut peer).rtp.len(), 1);
}

#[test]
fn each_layer_announces_itself_once() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    world.publish_video(&publisher, 9, &["q", "h"]);
    let mut cameras = [Camera::new(5, "q"), Camera::new(6, "h")];
    for _ in 0..3 {
        for camera in &mut cameras {
            world.send(&mut publisher, &camera.frame(true, 1, 100));
        }
    }
    let started = |layer| Event::ProducerStarted {
        producer: ProducerId(9),
        spatial_layer: layer,
    };
    assert_eq!(world.take_events(), [started(0), started(1)]);
}
