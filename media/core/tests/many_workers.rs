//! Several workers behind one port, with real sockets: whichever of them the kernel gives a datagram, it gets where it
//! belongs; and what breaks one does not reach the others.

mod kit;

use _core::commands::TransportId;
use _core::events::Event;
use kit::{Clinic, TcpPeer, UdpPeer};

/// So many strangers' addresses come to both of two sockets, but for once in a million times.
const PEERS: usize = 20;

#[test]
fn whoever_gets_a_check_its_transport_answers_it() {
    let clinic = Clinic::with_workers(2);
    let (first, second) = (clinic.transport(0), clinic.transport(1));
    for _ in 0..PEERS {
        let peer = UdpPeer::new(&clinic);
        for transport in [&first, &second] {
            assert!(peer.checks(transport), "{transport:?}");
        }
    }
    // Wherever the kernel sends a peer, one of the two transports lives elsewhere.
    clinic.until("datagrams_passed_on", |count| count == PEERS as u64);
    assert_eq!(clinic.counter("dropped_stun_unknown_user"), 0);
}

#[test]
fn a_stream_is_moved_to_where_its_peer_s_transport_lives() {
    let clinic = Clinic::with_workers(3);
    let mut peers = Vec::new();
    for worker in 0..3 {
        let transport = clinic.transport(worker);
        for _ in 0..4 {
            let mut peer = TcpPeer::new(&clinic);
            assert!(peer.checks(&transport), "once");
            assert!(peer.checks(&transport), "and again, on the same stream");
            peers.push(peer);
        }
    }
    clinic.until("tcp_connections", |open| open == 12);
}

#[test]
fn who_comes_from_another_address_is_still_the_same_peer() {
    let clinic = Clinic::with_workers(4);
    let transport = clinic.transport(2);
    for _ in 0..PEERS {
        assert!(UdpPeer::new(&clinic).checks(&transport));
    }
    assert_eq!(clinic.counter("dropped_path_taken"), 0);
}

#[test]
fn what_breaks_one_worker_ends_its_transports_and_nobody_else_notices() {
    let clinic = Clinic::with_workers(2);
    let (spared, lost) = (clinic.transport(0), clinic.transport(1));
    let peers: Vec<_> = (0..PEERS).map(|_| UdpPeer::new(&clinic)).collect();
    assert!(peers.iter().all(|peer| peer.checks(&spared)));
    assert!(peers[0].checks(&lost));
    for round in 1..=3 {
        clinic.core.break_worker(1);
        let fault = clinic.event();
        assert!(
            matches!(
                &fault,
                Event::WorkerFault {
                    worker: 1,
                    transport: None,
                    ..
                }
            ),
            "{fault:?}"
        );
        if round == 1 {
            let reason = "fault";
            let transport = lost.id;
            assert_eq!(clinic.event(), Event::TransportFailed { transport, reason });
        }
        // Those, too, whose datagrams come to the socket of the worker that broke.
        assert!(
            peers.iter().all(|peer| peer.checks(&spared)),
            "round {round}"
        );
    }
    assert_eq!(clinic.core.statistics()[1].transports, 0);
    let anew = clinic.transport(1);
    assert!(
        peers.iter().all(|peer| peer.checks(&anew)),
        "it works again"
    );
    clinic.until("worker_faults", |faults| faults == 3);
    let figures = clinic.core.statistics();
    assert_eq!([figures[0].restarts, figures[1].restarts], [0, 3]);
    assert!(clinic.core.close(), "and ends when told to");
}

#[test]
fn a_transport_is_asked_for_where_it_lives() {
    let clinic = Clinic::with_workers(2);
    let transport = clinic.transport(1);
    clinic.restart_ice(&transport, "A0123");
    let refused = Event::CommandFailed {
        command: "RestartIce",
        id: transport.id.0,
        reason: "foreign-fragment".to_owned(),
    };
    assert_eq!(clinic.event(), refused, "its worker cannot change");
    let restarted = clinic.restart_ice(&transport, "B0123");
    assert!(UdpPeer::new(&clinic).checks(&restarted));
    clinic.close(TransportId(99)); // Nobody's: all is well.
    clinic.close(restarted.id);
    clinic.until_gone(&restarted);
}
