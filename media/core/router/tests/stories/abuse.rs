//! What a peer does wrong is counted, and nobody else notices.

use crate::kit::camera::{Camera, Microphone};
use crate::kit::{self, Peer, World};
use hoichan_router::{DropReason, Error, MediaKind, ProducerId, ProducerParameters, Received};
use hoichan_wire::rtcp::{self, ReportBlock, write_nack, write_pli, write_receiver_report};

fn call() -> (World, Peer, Peer, Microphone) {
    let mut world = World::new();
    let publisher = world.peer(1);
    let subscriber = world.peer(2);
    let producer = world.publish_audio(&publisher, 1, 77);
    world.subscribe(&subscriber, 20, producer);
    (world, publisher, subscriber, Microphone::new(77))
}

/// Appends a FIR. (RFC 5104 §4.3.1)
fn write_fir(out: &mut Vec<u8>, media_ssrc: u32, number: u8) {
    out.extend_from_slice(&[0x84, 206, 0, 4, 0, 0, 0, 99, 0, 0, 0, 0]);
    out.extend_from_slice(&media_ssrc.to_be_bytes());
    out.extend_from_slice(&[number, 0, 0, 0]);
}

/// Appends a BYE. (RFC 3550 §6.6)
fn write_bye(out: &mut Vec<u8>, ssrc: u32) {
    out.extend_from_slice(&[0x81, 203, 0, 1]);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

#[test]
fn a_replayed_packet_is_dropped_and_counted() {
    let (mut world, mut publisher, mut subscriber, mut microphone) = call();
    let datagram = publisher.seal(&microphone.packet(10));
    assert_eq!(world.receive(1, &datagram), Received::Authenticated);
    for _ in 0..10 {
        let again = world.receive(1, &datagram);
        assert_eq!(again, Received::Dropped(DropReason::Replayed));
    }
    world.flush();
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 1);
    assert_eq!(world.counter("dropped_replayed"), 10);
}

#[test]
fn a_flood_of_bad_tags_changes_nothing_not_even_the_history() {
    let (mut world, mut publisher, mut subscriber, _) = call();
    let producer = world.publish_video(&publisher, 2, &["f"]);
    world.subscribe(&subscriber, 30, producer);
    let mut camera = Camera::new(5, "f");
    let sent = camera.frame(true, 10, 1000);
    world.send(&mut publisher, &sent);
    let heard = world.heard(&mut subscriber).rtp;
    let next = camera.frame(false, 1, 1000);
    let template = publisher.seal(&next[0]);
    for number in 0..10_000_u32 {
        let mut forged = template.clone();
        let claimed = next[0].fields.sequence.wrapping_add(number as u16);
        forged[2..4].copy_from_slice(&claimed.to_be_bytes());
        let last = forged.len() - 1;
        forged[last] ^= 0x55;
        let received = world.receive(1, &forged);
        assert_eq!(received, Received::Dropped(DropReason::BadTag));
    }
    world.flush();
    assert!(world.datagrams(2).is_empty(), "nothing was forwarded");
    assert_eq!(world.counter("dropped_bad_tag"), 10_000);
    // The stream itself goes on, and all of its history can still be had.
    assert_eq!(world.receive(1, &template), Received::Authenticated);
    world.flush();
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 1);
    let all: Vec<u16> = heard.iter().map(|packet| packet.fields.sequence).collect();
    let mut compound = Vec::new();
    write_nack(&mut compound, 99, 30, &all);
    world.send_rtcp(&mut subscriber, &compound);
    let again = world.heard(&mut subscriber).rtp;
    let payloads = again.iter().map(|packet| packet.unwrap_rtx().1);
    assert!(payloads.eq(heard.iter().map(|packet| packet.payload.as_slice())));
}

#[test]
fn an_ssrc_that_belongs_to_no_track_goes_nowhere() {
    let (mut world, mut publisher, mut subscriber, _) = call();
    let mut stranger = Microphone::new(666);
    world.send(&mut publisher, &[stranger.packet(0)]);
    assert_eq!(world.counter("dropped_unknown_ssrc"), 1);
    assert!(world.heard(&mut subscriber).rtp.is_empty());
}

#[test]
fn two_peers_with_one_ssrc_and_one_mid_are_not_mixed_up() {
    let mut world = World::new();
    let mut honest = world.peer(1);
    let mut thief = world.peer(2);
    let mut subscriber = world.peer(3);
    let first = world.publish_audio(&honest, 1, 77);
    let second = world.publish_audio(&thief, 2, 77);
    world.subscribe(&subscriber, 20, first);
    world.subscribe(&subscriber, 21, second);
    let (mut one, mut other) = (Microphone::new(77), Microphone::new(77));
    for level in 0..20 {
        world.send(&mut honest, &[one.packet(level)]);
        world.send(&mut thief, &[other.packet(100 + level)]);
    }
    let heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard.len(), 40);
    for packet in heard {
        let is_thiefs = packet.payload[1] >= 100;
        assert_eq!(packet.fields.ssrc, if is_thiefs { 21 } else { 20 });
    }
}

#[test]
fn a_track_cannot_take_over_the_ssrc_of_another_or_grow_new_layers() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let audio = world.publish_audio(&publisher, 1, 77);
    world.publish_video(&publisher, 2, &["q"]);
    world.subscribe(&subscriber, 20, audio);
    let mut microphone = Microphone::new(77);
    world.send(&mut publisher, &[microphone.packet(10)]);
    for ssrc in 1000..3000 {
        let rid: &'static str = "x";
        let mut camera = Camera::new(ssrc, rid);
        world.send(&mut publisher, &camera.frame(true, 1, 50));
    }
    assert_eq!(
        world.counter("dropped_unknown_ssrc"),
        2000,
        "RIDs that were not negotiated"
    );
    world.send(&mut publisher, &[microphone.packet(10)]);
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 2);
}

#[test]
fn probes_before_media_feed_the_estimator_and_nothing_else() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    world.publish_video(&publisher, 1, &["f"]);
    let mut prober = Camera::new(0, "f");
    prober.rid = None;
    prober.mid = "9";
    prober.transport_sequence = Some(0);
    let probes: Vec<_> = (0..20).map(|_| prober.padding()).collect();
    world.send(&mut publisher, &probes);
    world.pass(200);
    let heard = world.heard(&mut publisher);
    let told: usize = heard
        .rtcp_packets()
        .filter_map(|packet| match packet {
            rtcp::Packet::TransportFeedback(feedback) => Some(feedback.arrivals().count()),
            _ => None,
        })
        .sum();
    assert_eq!(told, 20);
    assert_eq!(world.counter("dropped_unknown_ssrc"), 0);
}

#[test]
fn feedback_about_what_one_is_not_sent_is_ignored() {
    let (mut world, mut publisher, mut subscriber, mut microphone) = call();
    let producer = world.publish_video(&publisher, 2, &["f"]);
    world.subscribe(&subscriber, 30, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 5, 500));
    world.heard(&mut subscriber);
    world.pass(1000);
    world.heard(&mut publisher);
    let mut third = world.peer(3);
    let mut compound = Vec::new();
    let all: Vec<u16> = (0..=255).collect();
    write_nack(&mut compound, 99, 30, &all);
    write_pli(&mut compound, 99, 30);
    write_fir(&mut compound, 30, 1);
    write_bye(&mut compound, 77);
    write_bye(&mut compound, 30);
    world.send_rtcp(&mut third, &compound);
    assert_eq!(world.counter("dropped_foreign_feedback"), 3);
    assert_eq!(world.heard(&mut publisher).keyframe_requests(), 0);
    world.send(&mut publisher, &[microphone.packet(10)]);
    assert_eq!(
        world.heard(&mut subscriber).rtp.len(),
        1,
        "nobody was said goodbye to"
    );
}

#[test]
fn a_storm_of_key_frame_requests_reaches_the_publisher_twice_a_second() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 2, &["f"]);
    world.subscribe(&subscriber, 30, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 1, 500));
    world.heard(&mut publisher);
    for number in 0..200_u8 {
        let mut compound = Vec::new();
        write_pli(&mut compound, 99, 30);
        write_fir(&mut compound, 30, number);
        world.send_rtcp(&mut subscriber, &compound);
        world.send(&mut publisher, &camera.frame(false, 1, 500));
        world.pass(10);
    }
    let asked = world.heard(&mut publisher).keyframe_requests();
    assert!((3..=5).contains(&asked), "{asked} in 2 s");
}

#[test]
fn noise_of_every_length_is_dropped() {
    let (mut world, mut publisher, _, mut microphone) = call();
    let genuine = publisher.seal(&microphone.packet(10));
    for len in 0..genuine.len() {
        for first in [0x80, 0x90, 0xbf] {
            let mut datagram = genuine[..len].to_vec();
            if let Some(byte) = datagram.first_mut() {
                *byte = first;
            }
            let received = world.receive(1, &datagram);
            assert_ne!(received, Received::Authenticated, "{len} bytes");
        }
    }
    let rtcp = publisher.seal_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 9]);
    for len in 0..rtcp.len() {
        assert_ne!(world.receive(1, &rtcp[..len]), Received::Authenticated);
    }
    assert_ne!(
        world.receive(1, &vec![0x80; 60_000]),
        Received::Authenticated
    );
    assert_ne!(
        world.receive(500, &genuine),
        Received::Authenticated,
        "no such endpoint"
    );
    assert_eq!(world.receive(1, &genuine), Received::Authenticated);
}

#[test]
fn genuine_packets_of_nonsense_do_no_harm() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    world.heard(&mut subscriber);
    let mut oddities = vec![camera.padding(), camera.frame(false, 1, 100)[0].clone()];
    oddities[0].padding = 255;
    oddities[1].fields.payload_type = 13;
    for len in 0..6 {
        let mut cut = camera.frame(false, 1, 100)[0].clone();
        cut.payload.truncate(len);
        oddities.push(cut.clone());
        let mut repair = camera.repair(&cut);
        repair.payload.truncate(len);
        oddities.push(repair);
    }
    world.send(&mut publisher, &oddities);
    let heard = world.heard(&mut subscriber).rtp;
    assert!(
        heard.len() >= 5,
        "what has a payload and a known type goes on"
    );
    assert_eq!(world.counter("dropped_unknown_payload_type"), 1);
}

#[test]
fn reports_full_of_lies_stay_ratios() {
    let (mut world, _, mut subscriber, _) = call();
    for number in 0..200_u32 {
        let block = ReportBlock {
            ssrc: 20,
            fraction_lost: 255,
            cumulative_lost: if number % 2 == 0 { i32::MIN } else { i32::MAX },
            highest_sequence: number.wrapping_mul(0x9e37_79b9),
            last_sr: number.wrapping_mul(0x0137_79b9),
            ..ReportBlock::default()
        };
        let mut compound = Vec::new();
        write_receiver_report(&mut compound, 99, &[block]);
        world.send_rtcp(&mut subscriber, &compound);
    }
    world.pass(6000);
    for event in world.take_events() {
        if let hoichan_router::Event::TransportStats(stats) = event {
            assert!((0.0..=1.0).contains(&stats.downlink_loss));
            assert!((0.0..=1.0).contains(&stats.uplink_loss));
        }
    }
}

#[test]
fn commands_that_make_no_sense_are_refused_and_change_nothing() {
    let (mut world, publisher, subscriber, _) = call();
    let router = &mut world.router;
    let good = kit::video("1", &["f"]);
    let add = |router: &mut hoichan_router::Router, endpoint, parameters: &ProducerParameters| {
        router.add_producer(ProducerId(9), endpoint, parameters)
    };
    assert_eq!(add(router, 44, &good), Err(Error::UnknownEndpoint));
    let broken = [
        ProducerParameters {
            encodings: vec![],
            ..good.clone()
        },
        ProducerParameters {
            codecs: vec![],
            ..good.clone()
        },
        ProducerParameters {
            mid: "m".repeat(33),
            ..good.clone()
        },
        ProducerParameters {
            encodings: vec![good.encodings[0].clone(); 9],
            ..good.clone()
        },
        ProducerParameters {
            header_extensions: kit::extensions(&[(0, "urn:x")]),
            ..good.clone()
        },
        ProducerParameters {
            kind: MediaKind::Video,
            codecs: vec![kit::codec("video/VP8", 128, 90_000, None)],
            ..good.clone()
        },
    ];
    for parameters in &broken {
        assert_eq!(
            add(router, publisher.endpoint, parameters),
            Err(Error::Malformed)
        );
    }
    let consumer = |id: u64, parameters| {
        (
            hoichan_router::ConsumerId(id),
            subscriber.endpoint,
            ProducerId(1),
            parameters,
        )
    };
    for ((id, endpoint, producer, parameters), error) in [
        (consumer(20, kit::consumer(50)), Error::DuplicateConsumer),
        (consumer(21, kit::consumer(20)), Error::DuplicateSsrc),
        (consumer(21, kit::consumer(1020)), Error::DuplicateSsrc),
        (
            consumer(
                21,
                hoichan_router::ConsumerParameters {
                    rtx_ssrc: Some(21),
                    ..kit::consumer(21)
                },
            ),
            Error::Malformed,
        ),
    ] {
        let added = router.add_consumer(id, endpoint, producer, &parameters, kit::WISH_BEST);
        assert_eq!(added, Err(error));
    }
    let missing = hoichan_router::ConsumerId(400);
    assert_eq!(
        router.set_consumer(missing, kit::WISH_BEST),
        Err(Error::UnknownConsumer)
    );
    assert_eq!(
        router.pause_producer(ProducerId(400), true),
        Err(Error::UnknownProducer)
    );
}
