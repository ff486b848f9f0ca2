//! The hub on its own, in made-up time.

use super::*;
use hoichan_transport::IceCredentials;
use hoichan_wire::path::Via;
use std::time::Duration;

fn hub() -> (Hub, Instant) {
    let now = Instant::now();
    let certificate = Arc::new(Certificate::generate().expect("the system gives randomness"));
    (Hub::new(now, NtpTime::default(), 7, certificate), now)
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
