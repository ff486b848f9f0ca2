//! Layers within one stream: as much of it as one wishes for, and what is left out leaves no trace.

use crate::kit::rtp::Packet;
use crate::kit::scalable::{
    Coding, Mark, SENT_DESCRIPTOR, ScalableCamera, consumer, highest, marks, producer, simulcast,
};
use crate::kit::{Peer, World};
use hoichan_router::{ConsumerId, Event, Wish};
use hoichan_wire::dependency_descriptor::{Descriptor, Structure};
use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::rtcp::write_nack;
use hoichan_wire::vp9;

/// A camera that sends one stream of several layers, and one subscriber.
struct Call {
    world: World,
    publisher: Peer,
    subscriber: Peer,
    camera: ScalableCamera,
}

impl Call {
    fn begun(coding: Coding, spatial_layers: u8) -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let subscriber = world.peer(2);
        let producer = world.publish(&publisher, 1, &producer(coding));
        let wish = Wish::default();
        world.subscribe_with(&subscriber, 20, producer, &consumer(20), wish);
        let mut call = Call {
            world,
            publisher,
            subscriber,
            camera: ScalableCamera::new(coding, spatial_layers),
        };
        call.picture(true);
        call.pictures(7);
        call
    }

    fn picture(&mut self, is_key: bool) {
        let packets = self.camera.picture(is_key);
        self.world.send(&mut self.publisher, &packets);
        self.world.pass(33);
    }

    fn pictures(&mut self, count: usize) {
        (0..count).for_each(|_| self.picture(false));
    }

    fn wish(&mut self, spatial_layer: u8, temporal_layer: u8) {
        let wish = Wish {
            spatial_layer,
            temporal_layer,
            ..Wish::default()
        };
        let wished = self.world.router.set_consumer(ConsumerId(20), wish);
        wished.expect("known");
        self.world.flush();
    }

    fn heard(&mut self) -> Vec<Packet> {
        self.world.heard(&mut self.subscriber).rtp
    }

    fn keyframe_requests(&mut self) -> usize {
        self.world.heard(&mut self.publisher).keyframe_requests()
    }
}

/// Numbers go on by one, and the marker is where a picture ends, and only there.
fn assert_whole(packets: &[Packet]) {
    for pair in packets.windows(2) {
        let [before, after] = pair else { continue };
        let step = after.fields.sequence.wrapping_sub(before.fields.sequence);
        assert_eq!(step, 1, "no hole");
        let is_next_picture = before.fields.timestamp != after.fields.timestamp;
        assert_eq!(
            before.fields.marker,
            is_next_picture,
            "{:?}",
            Mark::of(before)
        );
    }
}

#[test]
fn everything_is_sent_to_who_wishes_for_everything() {
    for coding in [Coding::Vp9, Coding::Av1] {
        let mut call = Call::begun(coding, 3);
        let heard = call.heard();
        assert_eq!(heard.len(), 8 * 6);
        assert_eq!(highest(&heard), (2, 2));
        assert_whole(&heard);
    }
}

#[test]
fn a_wish_for_less_is_granted_with_the_next_picture_and_costs_nobody_a_key_frame() {
    for coding in [Coding::Vp9, Coding::Av1] {
        let mut call = Call::begun(coding, 3);
        let mut heard = call.heard();
        call.keyframe_requests();
        call.wish(1, 1);
        call.pictures(8);
        let fewer = call.heard();
        assert_eq!(highest(&fewer), (1, 1));
        assert_eq!(fewer.len(), 4 * 4, "half the pictures, two of three frames");
        assert_eq!(call.keyframe_requests(), 0);
        heard.extend(fewer);
        assert_whole(&heard);
    }
}

#[test]
fn a_higher_spatial_layer_waits_for_the_key_picture_that_is_asked_for() {
    for coding in [Coding::Vp9, Coding::Av1] {
        let mut call = Call::begun(coding, 3);
        call.wish(0, 9);
        call.pictures(4);
        call.heard();
        call.keyframe_requests();
        call.wish(2, 9);
        assert_eq!(call.keyframe_requests(), 1);
        call.pictures(4);
        let before = call.heard();
        assert_eq!(highest(&before), (0, 2));
        call.picture(true);
        call.pictures(3);
        let after = call.heard();
        assert_eq!(after.len(), 4 * 6, "from its very first packet on");
        assert_whole(&[before, after].concat());
        call.world.pass(3000);
        assert_eq!(
            call.keyframe_requests(),
            0,
            "there is nothing more to wish for"
        );
    }
}

#[test]
fn the_room_hears_which_layer_of_the_stream_is_sent() {
    let mut call = Call::begun(Coding::Vp9, 3);
    let told = |call: &mut Call| {
        call.world.pass(1000);
        let events = call.world.take_events().into_iter();
        let layers = events.filter_map(|event| match event {
            Event::ConsumerLayerChanged { spatial_layer, .. } => Some(spatial_layer),
            _ => None,
        });
        layers.collect::<Vec<_>>()
    };
    assert_eq!(told(&mut call), [Some(0), Some(2)]);
    call.wish(1, 9);
    call.pictures(3);
    assert_eq!(told(&mut call), [Some(1)]);
    call.pictures(30);
    assert_eq!(told(&mut call), []);
}

#[test]
fn a_key_picture_that_got_lost_is_asked_for_again() {
    let mut call = Call::begun(Coding::Vp9, 2);
    call.wish(0, 9);
    call.pictures(4);
    call.keyframe_requests();
    call.wish(1, 9);
    assert_eq!(call.keyframe_requests(), 1);
    call.camera.picture(true);
    call.pictures(60);
    assert!(call.keyframe_requests() >= 2);
    call.picture(true);
    call.pictures(2);
    assert_eq!(highest(&call.heard()), (1, 2));
}

#[test]
fn a_wish_for_layers_that_there_are_not_asks_for_nothing() {
    let mut call = Call::begun(Coding::Vp8, 1);
    call.wish(0, 9);
    call.keyframe_requests();
    call.wish(2, 9);
    call.world.pass(3000);
    assert_eq!(call.keyframe_requests(), 0);
}

#[test]
fn more_pictures_come_without_a_key_frame_and_only_from_where_they_can_be_decoded() {
    for coding in [Coding::Vp8, Coding::Vp9, Coding::Av1] {
        let mut call = Call::begun(coding, 1);
        call.wish(9, 0);
        call.heard();
        call.pictures(6);
        assert_eq!(highest(&call.heard()).1, 0, "{coding:?}");
        call.keyframe_requests();
        call.wish(9, 9);
        call.pictures(12);
        let heard = call.heard();
        assert_eq!(call.keyframe_requests(), 0);
        assert_eq!(highest(&heard).1, 2, "{coding:?}");
        let first = marks(&heard).into_iter().find(|mark| mark.temporal > 0);
        assert!(first.is_some_and(|mark| coding != Coding::Vp8 || mark.temporal == 1));
        assert_whole(&heard);
    }
}

#[test]
fn pictures_of_vp8_that_are_left_out_leave_no_hole_in_its_numbers() {
    let mut call = Call::begun(Coding::Vp8, 1);
    call.heard();
    call.wish(9, 1);
    call.pictures(4);
    call.wish(9, 9);
    call.pictures(8);
    let heard = call.heard();
    assert_whole(&heard);
    let pictures: Vec<_> = heard.iter().map(Packet::picture).collect();
    for pair in pictures.windows(2) {
        let step = pair[1].0.wrapping_sub(pair[0].0) & 0x7fff;
        assert!(step <= 1, "{pictures:?}");
        assert!(pair[1].1.wrapping_sub(pair[0].1) <= 1);
    }
}

#[test]
fn pictures_of_vp9_keep_their_numbers_for_others_refer_to_them() {
    let mut call = Call::begun(Coding::Vp9, 1);
    call.wish(9, 0);
    call.pictures(8);
    for packet in call.heard() {
        let descriptor = vp9::Descriptor::parse(&packet.payload).expect("VP9");
        let id = Mark::of(&packet).expect("a payload").picture;
        assert_eq!(descriptor.picture_id, Some(PictureId::Bits15(id)));
    }
}

#[test]
fn what_is_lost_again_downstream_is_found_under_the_number_it_was_sent_under() {
    for coding in [Coding::Vp8, Coding::Vp9, Coding::Av1] {
        let spatial_layers = if coding == Coding::Vp8 { 1 } else { 3 };
        let mut call = Call::begun(coding, spatial_layers);
        call.wish(1, 1);
        call.pictures(60);
        let heard = call.heard();
        for packet in heard.iter().rev().take(40) {
            let mut compound = Vec::new();
            write_nack(&mut compound, 99, 20, &[packet.fields.sequence]);
            call.world.send_rtcp(&mut call.subscriber, &compound);
            let again = call.heard();
            let (original, payload) = again[0].unwrap_rtx();
            assert_eq!(original, packet.fields.sequence);
            assert_eq!(payload, packet.payload, "{coding:?}");
            assert_eq!(again[0].fields.marker, packet.fields.marker);
            assert_eq!(
                again[0].extension(SENT_DESCRIPTOR),
                packet.extension(SENT_DESCRIPTOR)
            );
        }
    }
}

#[test]
fn what_comes_late_and_is_not_to_be_sent_fills_the_number_that_was_left_for_it() {
    let mut call = Call::begun(Coding::Vp9, 2);
    call.wish(0, 9);
    call.pictures(2);
    call.heard();
    let (first, second) = (call.camera.picture(false), call.camera.picture(false));
    call.world.send(&mut call.publisher, &first[..3]);
    call.world.send(&mut call.publisher, &second);
    call.world.send(&mut call.publisher, &first[3..]);
    let mut heard = call.heard();
    heard.sort_by_key(|packet| packet.fields.sequence);
    let blank: Vec<_> = heard
        .iter()
        .filter(|packet| packet.payload.is_empty())
        .collect();
    assert_eq!(blank.len(), 1);
    assert!(!blank[0].fields.marker);
    assert!(marks(&heard).iter().all(|mark| mark.spatial == 0));
    let numbers = heard
        .windows(2)
        .map(|pair| pair[1].fields.sequence - pair[0].fields.sequence);
    assert!(numbers.into_iter().all(|step| step == 1));
}

#[test]
fn the_receiver_is_told_which_decode_targets_it_gets() {
    let mut call = Call::begun(Coding::Av1, 2);
    let mut known = Structure::NONE;
    let mut masks = |call: &mut Call| {
        let heard = call.heard();
        let data = heard
            .iter()
            .filter_map(|packet| packet.extension(SENT_DESCRIPTOR));
        let read = data.map(|data| Descriptor::parse(data, &mut known).expect("readable"));
        let told = read.filter_map(|descriptor| descriptor.active_targets);
        let mut masks: Vec<u32> = told.collect();
        masks.dedup();
        masks
    };
    assert_eq!(masks(&mut call), [], "it gets them all");
    call.wish(0, 1);
    call.pictures(8);
    assert_eq!(
        masks(&mut call),
        [0b00_0011],
        "of S0T0, S0T1, S0T2, S1T0, …"
    );
    call.wish(0, 9);
    call.pictures(8);
    assert_eq!(masks(&mut call), [0b00_0111]);
    call.wish(1, 9);
    call.picture(true);
    call.pictures(8);
    assert_eq!(
        masks(&mut call),
        [0b11_1111],
        "and once more that it gets all"
    );
}

/// Receivers of VP9 take a picture whose number went back for an old one, and wait.
#[test]
fn two_encodings_of_vp9_become_one_stream_of_pictures() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let track = world.publish(&publisher, 1, &simulcast(Coding::Vp9, &["q", "h"]));
    let least = Wish {
        spatial_layer: 0,
        ..Wish::default()
    };
    world.subscribe_with(&subscriber, 20, track, &consumer(20), least);
    let mut low = ScalableCamera::with_rid(Coding::Vp9, 5, "q");
    let mut high = ScalableCamera::with_rid(Coding::Vp9, 6, "h");
    (high.picture, high.tl0) = (100, 3);
    let mut frame = |world: &mut World, is_key| {
        let packets = [low.picture(is_key), high.picture(is_key)].concat();
        world.send(&mut publisher, &packets);
        world.pass(33);
    };
    frame(&mut world, true);
    (0..9).for_each(|_| frame(&mut world, false));
    let wished = world.router.set_consumer(ConsumerId(20), Wish::default());
    wished.expect("known");
    (0..2).for_each(|_| frame(&mut world, false));
    frame(&mut world, true);
    (0..9).for_each(|_| frame(&mut world, false));
    let heard = world.heard(&mut subscriber).rtp;
    assert_whole(&heard);
    let descriptors = heard
        .iter()
        .map(|packet| vp9::Descriptor::parse(&packet.payload));
    let numbers: Vec<_> = descriptors
        .flatten()
        .map(|one| match one.picture_id {
            Some(PictureId::Bits15(id)) => (id, one.tl0_picture_index.expect("not flexible")),
            id => panic!("{id:?}"),
        })
        .collect();
    for pair in numbers.windows(2) {
        assert!(
            pair[1].0.wrapping_sub(pair[0].0) & 0x7fff <= 1,
            "{numbers:?}"
        );
        assert!(pair[1].1.wrapping_sub(pair[0].1) <= 1, "{numbers:?}");
    }
    let last = heard
        .last()
        .map(|packet| packet.payload[packet.payload.len() - 1]);
    assert_eq!(last, Some(6), "of the higher encoding");
}

#[test]
fn a_key_frame_of_av1_is_known_by_its_descriptor_when_the_payload_is_encrypted() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let track = world.publish(&publisher, 1, &producer(Coding::Av1));
    world.subscribe_with(&subscriber, 20, track, &consumer(20), Wish::default());
    let mut camera = ScalableCamera::new(Coding::Av1, 1);
    world.send(&mut publisher, &camera.picture(false));
    assert!(world.heard(&mut subscriber).rtp.is_empty());
    let mut key = camera.picture(true);
    key.iter_mut()
        .for_each(|packet| packet.payload[..2].fill(0x55));
    world.send(&mut publisher, &key);
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 2);
}
