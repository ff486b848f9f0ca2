//! Who asks for much, or changes much, costs others nothing.

use crate::kit::World;
use crate::kit::camera::Camera;
use hoichan_router::Event;
use hoichan_wire::rtcp::write_nack;

#[test]
fn who_asks_for_everything_again_takes_nobody_elses_turn() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let (mut greedy, mut honest) = (world.peer(2), world.peer(3));
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&greedy, 20, producer);
    world.subscribe(&honest, 30, producer);
    let mut camera = Camera::new(5, "f");
    world.send(&mut publisher, &camera.frame(true, 5, 500));
    let lost = world.heard(&mut honest).rtp[2].fields.sequence;
    world.pass(100);
    let everything: Vec<u16> = (0..2000).collect();
    for _ in 0..10 {
        let mut compound = Vec::new();
        write_nack(&mut compound, 99, 20, &everything);
        let datagram = greedy.seal_rtcp(&compound);
        world.receive(2, &datagram);
    }
    let mut compound = Vec::new();
    write_nack(&mut compound, 99, 30, &[lost]);
    world.send_rtcp(&mut honest, &compound);
    assert_eq!(world.heard(&mut honest).rtp.len(), 1, "in the same batch");
    assert!(world.counter("dropped_nack") >= 19_000);
}

#[test]
fn a_publisher_that_changes_its_ssrc_with_every_packet_is_no_flood_of_events() {
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let subscriber = world.peer(2);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    world.subscribe(&subscriber, 20, producer);
    let mut two = [Camera::new(5, "f"), Camera::new(6, "f")];
    world.take_events();
    for packet in 0..1000 {
        let packets = two[packet % 2].frame(true, 1, 50);
        world.send(&mut publisher, &packets);
        world.pass(1);
    }
    let told = world
        .take_events()
        .iter()
        .filter(|event| matches!(event, Event::ConsumerLayerChanged { .. }))
        .count();
    assert!(told <= 2 * 3, "{told} changes in a second");
}
