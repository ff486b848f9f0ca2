//! One publishes, many see the same.

use crate::kit::camera::{Camera, Microphone};
use crate::kit::rtp::Packet;
use crate::kit::{self, Peer, World};
use hoichan_router::{ConsumerId, ProducerId, Wish};
use hoichan_srtp::Profile;

fn assert_seamless(packets: &[Packet]) {
    for pair in packets.windows(2) {
        let step = pair[1]
            .fields
            .sequence
            .wrapping_sub(pair[0].fields.sequence);
        assert_eq!(step, 1, "numbers go on by one");
    }
}

#[test]
fn what_one_publishes_all_subscribers_get_unchanged_but_for_its_labels() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    let mut subscribers: Vec<Peer> = (10..60).map(|id| world.peer(id)).collect();
    for peer in &subscribers {
        world.subscribe(peer, u64::from(peer.endpoint), producer);
    }
    let mut camera = Camera::new(5, "f");
    camera.sequence = 65_530; // So that the publisher's numbers wrap on the way.
    let frames: Vec<Vec<Packet>> = (0..20).map(|n| camera.frame(n == 0, 4, 1100)).collect();
    frames
        .iter()
        .for_each(|frame| world.send(&mut publisher, frame));
    let sent: Vec<&Packet> = frames.iter().flatten().collect();
    for peer in &mut subscribers {
        let heard = world.heard(peer).rtp;
        assert_eq!(heard.len(), sent.len());
        assert_seamless(&heard);
        for (heard, sent) in heard.iter().zip(&sent) {
            assert_eq!(heard.payload, sent.payload);
            assert_eq!(heard.fields.ssrc, peer.endpoint);
            assert_eq!(heard.fields.payload_type, kit::SENT_VP8);
            assert_eq!(heard.fields.marker, sent.fields.marker);
            assert_eq!(heard.fields.timestamp, sent.fields.timestamp);
            assert_eq!(
                heard.extension(10),
                Some(peer.endpoint.to_string().as_bytes())
            );
            assert_eq!(
                heard.extension(kit::RID.0),
                None,
                "RIDs are between publisher and us"
            );
        }
    }
}

#[test]
fn every_profile_carries_media() {
    for profile in [
        Profile::Aes128Gcm,
        Profile::Aes256Gcm,
        Profile::Aes128CmSha1_80,
    ] {
        let mut world = World::new();
        let mut publisher = world.peer_with(1, profile);
        let mut subscriber = world.peer_with(2, profile);
        let producer = world.publish_audio(&publisher, 1, 77);
        world.subscribe(&subscriber, 20, producer);
        let mut microphone = Microphone::new(77);
        let sent: Vec<Packet> = (0..100).map(|_| microphone.packet(30)).collect();
        world.send(&mut publisher, &sent);
        let heard = world.heard(&mut subscriber).rtp;
        assert_seamless(&heard);
        assert!(
            heard
                .iter()
                .zip(&sent)
                .all(|(heard, sent)| heard.payload == sent.payload)
        );
        assert_eq!(heard.len(), sent.len());
        assert_eq!(
            heard[0].extension(12),
            Some(&[0x80 | 30][..]),
            "levels are copied"
        );
    }
}

#[test]
fn a_frame_to_one_subscriber_is_one_message_although_its_packets_differ_by_a_byte() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    let mut frame = camera.frame(true, 6, 1000);
    for packet in frame.iter_mut().step_by(2) {
        packet.payload.extend_from_slice(&[1, 2, 3, 4, 5]);
    }
    frame[5].payload.truncate(700);
    let originals: Vec<Vec<u8>> = frame.iter().map(|packet| packet.payload.clone()).collect();
    for packet in &frame {
        let datagram = publisher.seal(packet);
        world.receive(1, &datagram);
    }
    world.router.flush(world.now, &mut world.outbox);
    assert_eq!(world.outbox.messages().len(), 1);
    assert_eq!(world.outbox.messages()[0].count, 6);
    world.flush();
    let mut subscriber = subscriber;
    let heard = world.heard(&mut subscriber).rtp;
    let payloads: Vec<Vec<u8>> = heard.into_iter().map(|packet| packet.payload).collect();
    assert_eq!(payloads, originals, "padding is not payload");
}

#[test]
fn late_packets_keep_their_place() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    let mut sent = camera.frame(true, 8, 100);
    sent.swap(3, 6);
    sent.chunks(2)
        .for_each(|batch| world.send(&mut publisher, batch));
    let mut heard = world.heard(&mut subscriber).rtp;
    let order: Vec<u16> = heard.iter().map(|one| one.fields.sequence).collect();
    assert_eq!(
        order[6].wrapping_sub(order[0]),
        3,
        "the late one fills its hole"
    );
    heard.sort_by_key(|one| one.fields.sequence.wrapping_sub(order[0]));
    sent.swap(3, 6);
    assert!(
        heard
            .iter()
            .zip(&sent)
            .all(|(heard, sent)| heard.payload == sent.payload)
    );
    assert_seamless(&heard);
}

#[test]
fn padding_is_not_forwarded_and_leaves_no_hole() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    let mut sent = camera.frame(true, 2, 100);
    sent.extend((0..5).map(|_| camera.padding()));
    sent.extend(camera.frame(false, 2, 100));
    world.send(&mut publisher, &sent);
    let heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard.len(), 4);
    assert_seamless(&heard);
}

#[test]
fn padding_that_comes_late_fills_the_hole_it_left() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    let mut sent = camera.frame(true, 1, 100);
    let late = camera.padding();
    sent.extend(camera.frame(false, 1, 100));
    sent.push(late);
    sent.iter()
        .for_each(|packet| world.send(&mut publisher, std::slice::from_ref(packet)));
    let mut heard = world.heard(&mut subscriber).rtp;
    assert!(heard[2].payload.is_empty());
    heard.swap(1, 2);
    assert_seamless(&heard);
}

#[test]
fn pause_stops_packets_at_once_and_resume_starts_with_a_key_frame_that_is_asked_for() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    let consumer = world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 2, 100));
    let before = world.heard(&mut subscriber).rtp;
    let paused = Wish {
        paused: true,
        ..Wish::default()
    };
    world.router.set_consumer(consumer, paused).expect("known");
    world.pass(600);
    world.heard(&mut publisher);
    world.send(&mut publisher, &camera.frame(false, 2, 100));
    assert!(world.heard(&mut subscriber).rtp.is_empty());

    world
        .router
        .set_consumer(consumer, kit::WISH_BEST)
        .expect("known");
    world.flush();
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 1);
    world.send(&mut publisher, &camera.frame(false, 2, 100));
    assert!(
        world.heard(&mut subscriber).rtp.is_empty(),
        "nothing it could decode"
    );
    world.send(&mut publisher, &camera.frame(true, 2, 100));
    let after = world.heard(&mut subscriber).rtp;
    let seam = [before.as_slice(), after.as_slice()].concat();
    assert_seamless(&seam);
    let ticks = after[0]
        .fields
        .timestamp
        .wrapping_sub(before[0].fields.timestamp);
    assert_eq!(ticks, 9000, "three frames later, as the camera has it");
    assert_eq!(after[0].picture().0, (before[1].picture().0 + 1) & 0x7fff);
}

#[test]
fn a_track_that_the_server_mutes_is_counted_and_not_forwarded() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_audio(&publisher, 1, 77);
    world.subscribe(&subscriber, 20, producer);
    let mut microphone = Microphone::new(77);
    world.send(&mut publisher, &[microphone.packet(10)]);
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 1);
    world.router.pause_producer(producer, true).expect("known");
    let received = world.counter("packets_received");
    world.send(
        &mut publisher,
        &[microphone.packet(10), microphone.packet(10)],
    );
    assert_eq!(world.counter("packets_received"), received + 2);
    assert!(world.heard(&mut subscriber).rtp.is_empty());
    world.router.pause_producer(producer, false).expect("known");
    world.send(&mut publisher, &[microphone.packet(10)]);
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 1);
}

#[test]
fn a_producer_replaced_in_place_keeps_its_subscribers_and_their_numbers() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 2, 100));
    world.publish(&publisher, 1, &kit::video("1", &["f"]));
    world.send(&mut publisher, &camera.frame(false, 2, 100));
    let mut heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard.len(), 4, "the same description again changes nothing");

    world.pass(100);
    world.publish(&publisher, 1, &kit::video("2", &["h"]));
    let mut other = Camera::new(6, "h");
    other.mid = "2";
    world.send(&mut publisher, &other.frame(true, 2, 100));
    heard.extend(world.heard(&mut subscriber).rtp);
    assert_eq!(heard.len(), 6);
    assert_seamless(&heard);
    let ticks = heard[4]
        .fields
        .timestamp
        .wrapping_sub(heard[3].fields.timestamp);
    assert_eq!(ticks, 9000, "another clock: time goes on by ours, 100 ms");
}

#[test]
fn who_is_removed_gets_nothing_more_and_their_numbers_are_never_used_twice() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_audio(&publisher, 1, 77);
    let mut microphone = Microphone::new(77);
    for _ in 0..3 {
        world.subscribe(&subscriber, 20, producer);
        world.send(&mut publisher, &[microphone.packet(10)]);
        world.router.remove_consumer(ConsumerId(20)).expect("known");
        world.send(&mut publisher, &[microphone.packet(10)]);
    }
    // The peer's own replay window refuses a number it has seen; opening them is the proof.
    let heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard.len(), 3);
    assert_seamless(&heard);
    world.router.remove_producer(producer).expect("known");
    assert!(world.router.remove_producer(ProducerId(1)).is_err());
}

#[test]
fn an_endpoint_that_goes_takes_its_tracks_along_and_nobody_elses() {
    let mut world = World::new();
    let mut first = world.peer(1);
    let mut second = world.peer(2);
    let mut third = world.peer(3);
    let producers = [
        world.publish_audio(&first, 1, 77),
        world.publish_audio(&second, 2, 77),
    ];
    world.subscribe(&third, 20, producers[0]);
    world.subscribe(&third, 21, producers[1]);
    world.router.remove_endpoint(1);
    let mut microphone = Microphone::new(77);
    let lost = first.seal(&microphone.packet(10));
    world.receive(1, &lost);
    world.send(&mut second, &[microphone.packet(10)]);
    let heard = world.heard(&mut third).rtp;
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].fields.ssrc, 21);
    assert_eq!(world.counter("dropped_no_keys"), 1);
    assert!(
        world.router.remove_consumer(ConsumerId(20)).is_err(),
        "went with its producer"
    );
}

#[test]
fn nothing_is_sent_before_there_is_a_path_and_then_a_key_frame_is_asked_for() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    world.router.set_path(2, None);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 2, 100));
    assert!(world.heard(&mut subscriber).rtp.is_empty());
    world.heard(&mut publisher);
    world.pass(600);
    world.router.set_path(2, Some(kit::path(2)));
    world.flush();
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 1);
    world.send(&mut publisher, &camera.frame(true, 2, 100));
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 2);
}

#[test]
fn a_long_call_wraps_its_numbers_on_every_side_and_goes_on() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_audio(&publisher, 1, 77);
    world.subscribe(&subscriber, 20, producer);
    let mut microphone = Microphone::new(77);
    let mut last: Option<Packet> = None;
    for _ in 0..1400 {
        let batch: Vec<Packet> = (0..100).map(|_| microphone.packet(50)).collect();
        world.send(&mut publisher, &batch);
        let heard = world.heard(&mut subscriber).rtp;
        assert_eq!(heard.len(), 100);
        let first_of_all = last.is_none();
        let stream: Vec<Packet> = last.take().into_iter().chain(heard).collect();
        assert_seamless(&stream);
        let steps = stream.windows(2).map(|pair| {
            pair[1]
                .fields
                .timestamp
                .wrapping_sub(pair[0].fields.timestamp)
        });
        assert!(first_of_all || steps.clone().all(|step| step == 960));
        last = stream.last().cloned();
    }
}

#[test]
fn two_byte_extensions_are_read_and_written_where_an_id_needs_them() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let mut parameters = kit::video("1", &["f"]);
    parameters.header_extensions[4].id = 200;
    let producer = world.publish(&publisher, 1, &parameters);
    let mut wanted = kit::consumer(20);
    wanted.header_extensions[2].id = 100;
    world.subscribe_with(&subscriber, 20, producer, &wanted, kit::WISH_BEST);
    let mut camera = Camera::new(5, "f");
    let frame = camera.frame(true, 1, 100);
    let frame = [frame[0].clone().with_extension(200, &[3])];
    world.send(&mut publisher, &frame);
    let heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard[0].extension(100), Some(&[3][..]));
    assert_eq!(heard[0].extension(10), Some(&b"20"[..]));
    assert_eq!(heard[0].payload, frame[0].payload);
}
