//! What is lost is asked for, answered, and paid for.

use crate::kit::camera::Camera;
use crate::kit::rtp::Packet;
use crate::kit::{self, Peer, World};
use hoichan_wire::rtcp::write_nack;

/// A publisher of one layer and one subscriber to it.
fn call() -> (World, Peer, Peer, Camera) {
    let mut world = World::new();
    let publisher = world.peer(1);
    let subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    (world, publisher, subscriber, Camera::new(5, "f"))
}

fn nack(world: &mut World, peer: &mut Peer, sequences: &[u16]) {
    let mut compound = Vec::new();
    write_nack(&mut compound, 99, 20, sequences);
    world.send_rtcp(peer, &compound);
}

#[test]
fn a_packet_lost_upstream_is_asked_for_and_its_repair_goes_out_in_its_place() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    let sent = camera.frame(true, 5, 300);
    world.send(&mut publisher, &[&sent[..2], &sent[3..]].concat());
    assert!(
        world.heard(&mut publisher).nacked().is_empty(),
        "it may be merely late"
    );
    world.pass(15);
    assert_eq!(
        world.heard(&mut publisher).nacked(),
        [sent[2].fields.sequence]
    );
    let repair = [camera.repair(&sent[2])];
    world.send(&mut publisher, &repair);
    world.pass(5000);
    assert!(
        world.heard(&mut publisher).nacked().is_empty(),
        "asked once, answered once"
    );

    let heard = world.heard(&mut subscriber).rtp;
    let first = heard[0].fields.sequence;
    assert_eq!(heard.len(), 5);
    assert_eq!(heard[4].fields.sequence, first.wrapping_add(2));
    assert_eq!(heard[4].payload, sent[2].payload);
    assert_eq!(
        heard[4].fields.payload_type,
        kit::SENT_VP8,
        "first sent now, so no RTX"
    );
    world.send(&mut publisher, &[camera.repair(&sent[2])]);
    assert!(world.heard(&mut subscriber).rtp.is_empty(), "and only once");
}

#[test]
fn a_subscriber_gets_again_what_it_asks_for_under_its_rtx_ssrc() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    let sent = camera.frame(true, 6, 300);
    world.send(&mut publisher, &sent);
    let heard = world.heard(&mut subscriber).rtp;
    let lost: Vec<u16> = [1, 2, 4]
        .map(|index: usize| heard[index].fields.sequence)
        .into();
    nack(&mut world, &mut subscriber, &lost);
    let again = world.heard(&mut subscriber).rtp;
    assert_eq!(again.len(), 3);
    for (again, index) in again.iter().zip([1, 2, 4]) {
        assert_eq!(again.fields.ssrc, 1020);
        assert_eq!(again.fields.payload_type, kit::SENT_VP8_RTX);
        assert_eq!(again.fields.timestamp, heard[index].fields.timestamp);
        let (original, payload) = again.unwrap_rtx();
        assert_eq!(original, heard[index].fields.sequence);
        assert_eq!(payload, heard[index].payload);
    }
    assert_eq!(world.counter("retransmitted_packets_sent"), 3);
}

#[test]
fn a_packet_repaired_upstream_after_the_subscriber_asked_is_not_sent_twice() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    let sent = camera.frame(true, 3, 300);
    world.send(&mut publisher, &[sent[0].clone(), sent[2].clone()]);
    let heard = world.heard(&mut subscriber).rtp;
    let hole = heard[0].fields.sequence.wrapping_add(1);
    nack(&mut world, &mut subscriber, &[hole]);
    assert!(
        world.heard(&mut subscriber).rtp.is_empty(),
        "we do not have it either"
    );
    world.send(&mut publisher, &[camera.repair(&sent[1])]);
    let repaired = world.heard(&mut subscriber).rtp;
    assert_eq!(repaired.len(), 1);
    assert_eq!(
        (repaired[0].fields.ssrc, repaired[0].fields.sequence),
        (20, hole)
    );
}

#[test]
fn ten_thousand_requests_are_not_ten_thousand_packets() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    for frame in 0..60 {
        let packets = camera.frame(frame == 0, 5, 1100);
        world.send(&mut publisher, &packets);
        world.pass(33);
    }
    let heard = world.heard(&mut subscriber).rtp;
    // On the wire each has a tag, and what is sent again a number in front of its payload.
    let sent_bytes: usize = heard.iter().map(|packet| packet.wire_len + 16).sum();
    let all: Vec<u16> = heard.iter().map(|packet| packet.fields.sequence).collect();
    let mut again = 0;
    for _ in 0..100 {
        for chunk in all.chunks(100) {
            nack(&mut world, &mut subscriber, chunk);
        }
        world.pass(10);
        let packets = world.heard(&mut subscriber).rtp;
        again += packets
            .iter()
            .map(|packet| packet.wire_len - 2)
            .sum::<usize>();
    }
    assert!(again > 0);
    assert!(
        again <= sent_bytes / 2 + (64 << 10),
        "{again} of {sent_bytes}"
    );
    assert!(world.counter("dropped_nack") > 25_000);
}

#[test]
fn a_hole_too_large_to_fill_is_left_to_a_key_frame() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    world.send(&mut publisher, &camera.frame(true, 1, 100));
    world.pass(1000);
    world.heard(&mut publisher);
    camera.frame(false, 400, 100); // Never arrives.
    world.send(&mut publisher, &camera.frame(false, 1, 100));
    world.pass(100);
    let heard = world.heard(&mut publisher);
    assert_eq!(heard.keyframe_requests(), 1);
    assert!(heard.nacked().is_empty());
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 2);
}

#[test]
fn a_layer_nobody_wants_is_not_asked_for_anything() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    world.publish_video(&publisher, 1, &["f"]);
    let mut camera = Camera::new(5, "f");
    let sent = camera.frame(true, 5, 300);
    world.send(&mut publisher, &[sent[0].clone(), sent[4].clone()]);
    world.pass(900);
    let heard = world.heard(&mut publisher);
    assert!(heard.nacked().is_empty());
    assert_eq!(heard.keyframe_requests(), 0);
}

#[test]
fn a_repair_of_what_was_never_missed_changes_nothing() {
    let (mut world, mut publisher, mut subscriber, mut camera) = call();
    let sent = camera.frame(true, 3, 300);
    world.send(&mut publisher, &sent);
    world.heard(&mut subscriber);
    let mut invented: Packet = sent[2].clone();
    invented.fields.sequence = invented.fields.sequence.wrapping_add(20_000);
    world.send(
        &mut publisher,
        &[camera.repair(&sent[1]), camera.repair(&invented)],
    );
    assert!(world.heard(&mut subscriber).rtp.is_empty());
    world.send(&mut publisher, &camera.frame(false, 2, 300));
    assert_eq!(world.heard(&mut subscriber).rtp.len(), 2);
}

#[test]
fn repairs_across_a_switch_are_what_was_sent_before_it() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let mut subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["q", "f"]);
    world.subscribe(&subscriber, 20, producer);
    let (mut low, mut high) = (Camera::new(5, "q"), Camera::new(6, "f"));
    world.send(&mut publisher, &low.frame(true, 3, 200));
    world.pass(33);
    world.send(&mut publisher, &low.frame(false, 3, 200));
    world.send(&mut publisher, &high.frame(true, 3, 900));
    let heard = world.heard(&mut subscriber).rtp;
    assert_eq!(heard.len(), 9);
    let all: Vec<u16> = heard.iter().map(|packet| packet.fields.sequence).collect();
    nack(&mut world, &mut subscriber, &all);
    let again = world.heard(&mut subscriber).rtp;
    assert_eq!(again.len(), 9);
    for (again, heard) in again.iter().zip(&heard) {
        assert_eq!(
            again.unwrap_rtx(),
            (heard.fields.sequence, heard.payload.as_slice())
        );
        assert_eq!(again.fields.timestamp, heard.fields.timestamp);
    }
}
