//! Real sockets on loopback.

use super::*;
use hoichan_wire::path::Path;
use std::time::Duration;

const RUN: usize = 12;

/// A flush to several receivers: runs whose last datagram is shorter, single datagrams between them.
fn flush_to(receivers: &[UdpSocket]) -> Outbox {
    let mut outbox = Outbox::new();
    for (who, receiver) in receivers.iter().enumerate() {
        for number in 0..RUN {
            let length = if number == RUN - 1 { 700 } else { 1100 + who };
            write(&mut outbox, receiver, length, number as u8);
        }
        write(&mut outbox, receiver, 1300, 99);
    }
    outbox
}

fn write(outbox: &mut Outbox, receiver: &UdpSocket, length: usize, content: u8) {
    let path = Path {
        remote: receiver.local_addr().expect("it is bound"),
        via: Via::Udp,
    };
    outbox.write(path, length, |slot| {
        slot.fill(content);
        length
    });
}

fn receivers() -> Vec<UdpSocket> {
    (0..3)
        .map(|_| bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound"))
        .collect()
}

fn sender() -> Udp {
    Udp::new(bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound"))
}

/// Reads with `recv`, so that what is compared has not been through our own receiving.
fn read_all(receiver: &UdpSocket) -> Vec<Vec<u8>> {
    let plain = receiver.try_clone().expect("there are descriptors left");
    sys::disable_gro(&plain);
    plain.set_nonblocking(false).expect("a socket has modes");
    plain
        .set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a socket has a time-out");
    let mut datagrams = Vec::new();
    let mut buffer = [0; 65_536];
    while let Ok(length) = plain.recv(&mut buffer) {
        datagrams.push(buffer[..length].to_vec());
    }
    datagrams
}

fn expected(outbox: &Outbox, receiver: &UdpSocket) -> Vec<Vec<u8>> {
    let address = receiver.local_addr().expect("it is bound");
    let theirs = outbox
        .datagrams()
        .filter(|(path, _)| path.remote == address);
    theirs.map(|(_, datagram)| datagram.to_vec()).collect()
}

#[test]
fn a_flush_of_runs_arrives_as_the_datagrams_it_was_made_of() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let outbox = flush_to(&receivers);
    assert_eq!(outbox.messages().len(), 6, "one run and one single each");
    let sent = sender().send(&outbox, 0);
    assert_eq!((sent.messages, sent.fallbacks), (6, 0));
    assert_eq!(sent.refused, Refusals::default());
    for receiver in &receivers {
        assert_eq!(read_all(receiver), expected(&outbox, receiver));
    }
}

#[test]
fn where_segmentation_is_refused_the_same_datagrams_arrive_one_by_one() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let outbox = flush_to(&receivers);
    let mut sender = sender();
    sys::refuse_segmentation(&sender.socket);
    let first = sender.send(&outbox, 0);
    assert_eq!(first.messages, 6);
    assert_eq!(first.refused, Refusals::default());
    assert_eq!(
        first.fallbacks, 1,
        "one refusal speaks for all of an address"
    );
    assert_eq!(sender.send(&outbox, 0).fallbacks, 0, "and is remembered");
    for receiver in &receivers {
        let once = expected(&outbox, receiver);
        assert_eq!(read_all(receiver), [once.clone(), once].concat());
    }
}

#[test]
fn runs_that_the_kernel_joined_are_received_as_datagrams() {
    let receivers = receivers();
    let outbox = flush_to(&receivers);
    sender().send(&outbox, 0);
    for receiver in receivers {
        let wanted = expected(&outbox, &receiver);
        let mut receiver = Udp::new(receiver);
        let mut datagrams = Vec::new();
        while datagrams.len() < wanted.len() {
            receiver.receive();
            receiver.open(|_, datagram| datagrams.push(datagram.to_vec()));
        }
        assert_eq!(datagrams, wanted);
    }
}

#[test]
fn a_destination_that_cannot_be_reached_costs_its_own_datagrams_only() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let mut outbox = Outbox::new();
    write(&mut outbox, &receivers[0], 100, 1);
    let nowhere = Path {
        remote: "[2001:db8::1]:9"
            .parse()
            .expect("an address of the other family"),
        via: Via::Udp,
    };
    outbox.write(nowhere, 50, |slot| slot.len());
    write(&mut outbox, &receivers[1], 100, 2);
    let sent = sender().send(&outbox, 0);
    assert_eq!((sent.messages, sent.is_blocked), (3, false));
    let unreachable = Refusals {
        unreachable: 1,
        ..Refusals::default()
    };
    assert_eq!(sent.refused, unreachable);
    assert_eq!(read_all(&receivers[0]), [vec![1; 100]]);
    assert_eq!(read_all(&receivers[1]), [vec![2; 100]]);
}

#[test]
fn what_the_kernel_will_not_send_costs_nobody_else_and_is_counted_by_reason() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let outbox = flush_to(&receivers);
    let mut sender = sender();
    // A full device queue for the first message, a run; a firewall for the second.
    sender.send.fail_with([libc::ENOBUFS, libc::EPERM]);
    let sent = sender.send(&outbox, 0);
    assert_eq!((sent.messages, sent.is_blocked), (6, false));
    let refused = Refusals {
        no_buffers: RUN as u64,
        not_permitted: 1,
        ..Refusals::default()
    };
    assert_eq!(sent.refused, refused);
    assert!(read_all(&receivers[0]).is_empty());
    for receiver in &receivers[1..] {
        assert_eq!(read_all(receiver), expected(&outbox, receiver));
    }
}

#[test]
fn a_datagram_beyond_the_mtu_is_dropped_alone() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let mut outbox = Outbox::new();
    write(&mut outbox, &receivers[0], 65_520, 1);
    write(&mut outbox, &receivers[0], 100, 2);
    let sent = sender().send(&outbox, 0);
    assert_eq!(sent.messages, 2);
    assert_eq!(sent.refused.too_large, 1, "{sent:?}");
    assert_eq!(read_all(&receivers[0]), [vec![2; 100]]);
}

#[test]
fn a_full_socket_is_left_where_it_was_and_gone_on_with() {
    let receivers = receivers();
    receivers.iter().for_each(sys::disable_gro);
    let outbox = flush_to(&receivers);
    let mut sender = sender();
    sender.send.fail_with([libc::EAGAIN]);
    let blocked = sender.send(&outbox, 0);
    assert_eq!((blocked.messages, blocked.is_blocked), (0, true));
    let rest = sender.send(&outbox, blocked.messages);
    assert_eq!((rest.messages, rest.is_blocked), (6, false));
    for receiver in &receivers {
        assert_eq!(read_all(receiver), expected(&outbox, receiver));
    }
}

#[test]
fn a_crew_has_one_port_of_its_own_and_a_sender_always_meets_the_same_of_them() {
    let crew = bind_crew(([127, 0, 0, 1], 0).into(), 4).expect("loopback can be bound");
    let address = crew[0].local_addr().expect("it is bound");
    for socket in &crew {
        assert_eq!(socket.local_addr().expect("it is bound"), address);
        sys::disable_gro(socket);
    }
    let taken = bind_crew(address, 4).expect_err("it is in use");
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    let mut met = std::collections::HashSet::new();
    for _ in 0..40 {
        let sender = UdpSocket::bind("127.0.0.1:0").expect("loopback can be bound");
        (0..5).for_each(|_| assert_eq!(sender.send_to(b"hello", address).ok(), Some(5)));
        let counts = crew
            .iter()
            .map(|socket| std::iter::from_fn(|| socket.recv(&mut [0; 16]).ok()).count());
        let counts: Vec<_> = counts.collect();
        met.insert(
            counts
                .iter()
                .position(|count| *count == 5)
                .expect("all to one"),
        );
    }
    assert!(met.len() > 1, "and not always the same for all");
}
