//! Whatever arrives: nothing panics, nothing is answered with more than it brought, memory stays bounded.

mod common;

use common::{Link, Version, World, secs, udp};
use hoichan_transport::{DtlsRole, Effect, Event};
use proptest::prelude::*;

fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    let stun = (
        any::<[u8; 2]>(),
        proptest::collection::vec(any::<u8>(), 0..120),
    )
        .prop_map(|(kind, body)| {
            let body: Vec<u8> = body.chunks_exact(4).flatten().copied().collect();
            let mut data = vec![
                kind[0] & 1,
                kind[1],
                0,
                body.len() as u8,
                0x21,
                0x12,
                0xA4,
                0x42,
            ];
            data.extend_from_slice(&[7; 12]);
            data.extend_from_slice(&body);
            data
        });
    let dtls =
        (20..64_u8, proptest::collection::vec(any::<u8>(), 0..120)).prop_map(|(kind, body)| {
            let mut data = vec![
                kind,
                0xFE,
                0xFD,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                body.len() as u8,
            ];
            data.extend_from_slice(&body);
            data
        });
    prop_oneof![noise, stun, dtls]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_stranger_gets_nothing_for_anything(datagrams in proptest::collection::vec(datagram(), 1..40)) {
        let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
        let stranger = udp(66, 6666);
        for data in &datagrams {
            world.inject(stranger, data);
        }
        prop_assert_eq!(world.traffic[&stranger].sent, 0);
        let only_counted = world.effects.iter().all(|effect| matches!(effect, Effect::Count(_)));
        prop_assert!(only_counted);
        world.run_for(secs(2));
        prop_assert!(world.has(&Effect::Connected), "and the browser connects all the same");
    }

    #[test]
    fn noise_on_the_browsers_own_path_does_not_break_its_call(
        datagrams in proptest::collection::vec(datagram(), 1..40)
    ) {
        let mut world = World::connected();
        let path = world.browser.paths[0];
        for data in &datagrams {
            world.inject(path, data);
        }
        world.open("_reliable");
        world.run_for(secs(2));
        prop_assert!(world.has(&common::opened("_reliable")), "{:?}", world.effects);
    }

    #[test]
    fn mutated_handshakes_never_panic(seed: u64, flips in 1_usize..6) {
        let mut world = World::new(Version::Auto, DtlsRole::Client, Link::new());
        let path = world.browser.paths[0];
        let mut random = seed | 1;
        for _ in 0..200 {
            world.now += std::time::Duration::from_millis(5);
            for (_, mut data) in world.browser.poll(world.now) {
                let untouched = data.clone();
                for _ in 0..flips {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let at = (random >> 33) as usize % data.len();
                    data[at] ^= (random >> 17) as u8;
                }
                world.inject(path, &data);
                world.inject(path, &untouched);
            }
            for (path, data) in world.down.arrived(world.now) {
                world.browser.receive(world.now, path, &data);
            }
            if world.server.deadline().is_some_and(|at| at <= world.now) {
                world.event(Event::Timeout);
            }
        }
    }

    #[test]
    fn hostile_sctp_inside_good_dtls_never_panics(
        packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..120), 1..40),
        kinds in proptest::collection::vec(0_u8..20, 40),
    ) {
        let mut world = World::connected();
        world.browser.open(0, "_reliable", false);
        world.run_for(secs(1));
        for (body, kind) in packets.iter().zip(kinds) {
            let packet = world.browser.sctp_packet(kind, 3, body);
            let now = world.now;
            world.browser.send_raw(now, &packet);
            world.run_for(std::time::Duration::from_millis(30));
        }
        prop_assert_eq!(world.failure(), None, "whatever befalls the data, the call goes on");
    }
}
