//! The hub on its own, in made-up time.

use super::*;
use crate::commands::DtlsFingerprint;
use aws_lc_rs::hmac;
use hoichan_transport::{DtlsRole, IceCredentials};
use hoichan_wire::path::Via;
use hoichan_wire::stun::{Builder, Class, Role};
use std::time::Duration;

fn hub() -> (Hub, Instant) {
    let now = Instant::now();
    let certificate = Arc::new(Certificate::generate().expect("the system gives randomness"));
    let place = Place::ALONE;
    (
        Hub::new(now, NtpTime::default(), 7, certificate, place),
        now,
    )
}

fn create(hub: &mut Hub, now: Instant, id: u64) {
    let ice = IceCredentials {
        username_fragment: format!("fragment{id}"),
        password: "p".repeat(22),
    };
    let transport = TransportId(id);
    hub.command(now, Command::CreateTransport { transport, ice });
}

fn path(port: u16) -> Path {
    Path {
        remote: ([192, 0, 2, 1], port).into(),
        via: Via::Udp,
    }
}

/// A nominating check for transport `id`, as its peer would send it.
fn check(id: u64) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &[b'p'; 22]);
    Builder::new(Class::Request, &[7; 12])
        .username(&format!("fragment{id}:peer"))
        .priority(1)
        .role(Role::Controlling(1))
        .use_candidate()
        .finish(|data| {
            let mac = hmac::sign(&key, data);
            *mac.as_ref().first_chunk().expect("SHA-1 has 20 bytes")
        })
}

fn connect(hub: &mut Hub, now: Instant, id: u64) {
    let value = hub.certificate.fingerprint();
    let command = Command::ConnectTransport {
        transport: TransportId(id),
        role: DtlsRole::Client,
        fingerprints: vec![DtlsFingerprint {
            algorithm: "sha-256".to_owned(),
            value,
        }],
    };
    hub.command(now, command);
}

fn counter(hub: &Hub, name: &str) -> u64 {
    let found = hub.counters().find(|(known, _)| *known == name);
    found.map_or(0, |(_, count)| count)
}

/// Any time-out from here on overflows: the one way to make honest code panic from outside.
fn end_of_time(now: Instant) -> Instant {
    (0..63).rev().fold(now, |end, bit| {
        end.checked_add(Duration::from_secs(1 << bit))
            .unwrap_or(end)
    })
}

#[test]
fn a_panic_while_one_transport_is_handled_ends_that_one_and_is_counted_and_told() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    connect(&mut hub, end_of_time(now), 1);
    let events = hub.take_events();
    let one = TransportId(1);
    assert!(
        matches!(&events[..], [
            Event::WorkerFault { transport: Some(blamed), .. },
            Event::TransportFailed { transport, reason: "fault" },
        ] if *blamed == one && *transport == one),
        "{events:?}"
    );
    assert_eq!(counter(&hub, "worker_faults"), 1);
    connect(&mut hub, now, 2);
    hub.receive(now, path(5), &mut check(2));
    assert_eq!(hub.outbox().messages().len(), 1, "the other one answers");
    assert!(hub.take_events().is_empty());
}

#[test]
fn a_closed_transport_leaves_nothing_behind() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    connect(&mut hub, now, 1);
    let over_tcp = Path {
        via: Via::Tcp(3),
        ..path(6)
    };
    hub.receive(now, path(5), &mut check(1));
    hub.receive(now, over_tcp, &mut check(1));
    let second = IceCredentials {
        username_fragment: "second".to_owned(),
        password: "p".repeat(22),
    };
    let transport = TransportId(1);
    hub.command(
        now,
        Command::RestartIce {
            transport,
            ice: second,
        },
    );
    hub.take_connection_changes();
    hub.command(now, Command::CloseTransport { transport });
    assert_eq!(
        hub.take_connection_changes(),
        [ConnectionChange::Close(3)],
        "its TCP connection goes with it"
    );
    assert!(hub.peers.is_empty() && hub.by_id.is_empty());
    for gone in [path(5), over_tcp] {
        assert_eq!(hub.demux.by_path(gone), None);
    }
    for fragment in ["fragment1", "second"] {
        assert_eq!(hub.demux.by_fragment(fragment), None);
    }
    hub.handle_timeout(now + Duration::from_secs(60));
    assert_eq!(hub.deadline(), None, "no timer is left");
    assert!(hub.take_events().is_empty());
}

#[test]
fn after_an_ice_restart_the_former_fragment_is_nobody_s() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    hub.receive(now, path(5), &mut check(1));
    let restart = |fragment: &str| Command::RestartIce {
        transport: TransportId(1),
        ice: IceCredentials {
            username_fragment: fragment.to_owned(),
            password: "p".repeat(22),
        },
    };
    hub.command(now, restart("fragment1"));
    let refused = Event::CommandFailed {
        command: "RestartIce",
        id: 1,
        reason: "duplicate-fragment".to_owned(),
    };
    assert_eq!(hub.take_events(), [refused], "a restart needs a new one");
    hub.command(now, restart("fragment2"));
    assert!(hub.demux.by_fragment("fragment1").is_some(), "until then");
    hub.receive(now, path(5), &mut check(2));
    assert_eq!(hub.demux.by_fragment("fragment1"), None);
    hub.receive(now, path(6), &mut check(1));
    assert_eq!(counter(&hub, "dropped_stun_unknown_user"), 1);
}

#[test]
fn media_over_another_path_than_the_one_in_use_is_no_sign_of_life() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    hub.receive(now, path(6), &mut check(1));
    hub.receive(now, path(5), &mut check(1));
    let peer = &mut hub.peers[hub.by_id[&TransportId(1)] as usize];
    assert!(!peer.shows_life(now, path(6)));
    assert!(peer.shows_life(now, path(5)));
}

#[test]
fn who_was_refused_a_path_gets_it_with_the_first_check_after_it_is_free() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    let (holder, next) = (hub.by_id[&TransportId(1)], hub.by_id[&TransportId(2)]);
    hub.receive(now, path(5), &mut check(1));
    hub.peers[holder as usize].phase = peer::Phase::Connected;
    hub.receive(now, path(5), &mut check(2));
    assert_eq!(counter(&hub, "dropped_path_taken"), 1);
    assert_eq!(
        hub.peers[next as usize].selected, None,
        "nothing is sent where another one's media flows"
    );
    let transport = TransportId(1);
    hub.command(now, Command::CloseTransport { transport });
    hub.receive(now, path(5), &mut check(2));
    assert_eq!(hub.demux.by_path(path(5)), Some(next));
    assert_eq!(hub.peers[next as usize].selected, Some(path(5)));
}

#[test]
fn who_lost_a_path_while_silent_gets_it_back_with_its_next_check() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    let (first, second) = (hub.by_id[&TransportId(1)], hub.by_id[&TransportId(2)]);
    hub.receive(now, path(5), &mut check(1));
    hub.receive(now, path(5), &mut check(2));
    assert_eq!(hub.demux.by_path(path(5)), Some(second));
    assert_eq!(hub.peers[first as usize].selected, None, "it knows");
    hub.receive(now, path(5), &mut check(1));
    assert_eq!(hub.demux.by_path(path(5)), Some(first));
    assert_eq!(hub.peers[first as usize].selected, Some(path(5)));
}

#[test]
fn a_fault_ends_the_transport_it_came_from_and_no_other() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    assert!(hub.take_events().is_empty());
    let blamed = hub.by_id[&TransportId(1)];
    let message = contain(|| panic!("an assertion of ours")).expect_err("it panicked");
    hub.fault(Some(blamed), message);
    let transport = TransportId(1);
    assert_eq!(
        hub.take_events(),
        [
            Event::WorkerFault {
                worker: 0,
                transport: Some(transport),
                message: "an assertion of ours".to_owned()
            },
            Event::TransportFailed {
                transport,
                reason: "fault"
            },
        ]
    );
    assert_eq!(hub.endpoints().len(), 1);
    create(&mut hub, now, 1);
    assert!(
        hub.take_events().is_empty(),
        "its id and its fragment are free again"
    );
}

#[test]
fn a_fault_that_nobody_can_be_blamed_for_ends_all_and_leaves_a_hub_that_works() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    hub.fault(None, "whose?".to_owned());
    let failed = |event: &Event| {
        matches!(
            event,
            Event::TransportFailed {
                reason: "fault",
                ..
            }
        )
    };
    assert_eq!(
        hub.take_events()
            .iter()
            .filter(|event| failed(event))
            .count(),
        2
    );
    create(&mut hub, now, 3);
    hub.handle_timeout(now + Duration::from_secs(1));
    hub.flush(now + Duration::from_secs(1));
    assert!(hub.take_events().is_empty());
}

#[test]
fn datagrams_of_strangers_are_counted_and_answered_with_nothing() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    let strangers: [&[u8]; 5] = [&[0x80; 200], &[22; 60], &[0; 20], &[79; 10], &[]];
    for (port, datagram) in (1..).zip(strangers) {
        hub.receive(now, path(port), &mut datagram.to_vec());
    }
    hub.flush(now);
    assert!(hub.outbox().is_empty());
    let counters: BTreeMap<_, _> = hub.counters().collect();
    assert_eq!(counters["dropped_media_unknown_path"], 1);
    assert_eq!(counters["dropped_dtls_unknown_path"], 1);
    assert_eq!(counters["dropped_stun_unknown_user"], 1);
    assert_eq!(counters["dropped_unknown_protocol"], 2);
}

#[test]
fn a_path_that_carries_someone_s_media_cannot_be_claimed_by_another() {
    let (mut hub, now) = hub();
    create(&mut hub, now, 1);
    create(&mut hub, now, 2);
    let (victim, thief) = (hub.by_id[&TransportId(1)], hub.by_id[&TransportId(2)]);
    hub.perform(victim, Effect::PathVerified(path(5)));
    hub.perform(victim, Effect::PathSelected(path(5)));
    hub.peers[victim as usize].phase = peer::Phase::Connected;
    hub.perform(thief, Effect::PathVerified(path(5)));
    assert_eq!(hub.demux.by_path(path(5)), Some(victim));
    hub.perform(victim, Effect::Disconnected);
    hub.perform(thief, Effect::PathVerified(path(5)));
    assert_eq!(
        hub.demux.by_path(path(5)),
        Some(thief),
        "a silent peer holds nothing"
    );
}
