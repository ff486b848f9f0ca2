//! Real connections on loopback, at made-up times.

use super::*;
use std::io::Write;

struct Pair {
    tcp: Tcp,
    poll: Poll,
    theirs: TcpStream,
    start: Instant,
}

/// Our end with one connection, number 0, and its peer.
fn pair() -> Pair {
    let listener = bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound");
    let mut tcp = Tcp::new(listener);
    let poll = Poll::new().expect("an epoll can be had");
    let address = tcp.listener().local_addr().expect("it is bound");
    let theirs = TcpStream::connect(address).expect("it listens");
    let start = Instant::now();
    while tcp.is_empty() {
        tcp.accept(start, &poll);
    }
    Pair {
        tcp,
        poll,
        theirs,
        start,
    }
}

fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 16]), Ok(0))
}

#[test]
fn a_stranger_is_shown_the_door_after_fifteen_seconds_and_a_verified_peer_is_not() {
    let Pair {
        mut tcp,
        poll,
        theirs: mut stranger,
        start,
    } = pair();
    let address = tcp.listener().local_addr().expect("it is bound");
    let _peer = TcpStream::connect(address).expect("it listens");
    while tcp.len() < 2 {
        tcp.accept(start, &poll);
    }
    tcp.verified(1);
    assert_eq!(tcp.deadline(), Some(start + UNVERIFIED_LIFE));
    tcp.expire(start + UNVERIFIED_LIFE - Duration::from_millis(1), &poll);
    assert_eq!(tcp.len(), 2);
    tcp.expire(start + UNVERIFIED_LIFE, &poll);
    assert_eq!((tcp.len(), tcp.deadline()), (1, None));
    assert!(is_closed(&mut stranger));
}

#[test]
fn a_slow_reader_loses_media_first_then_its_connection_and_never_half_a_frame() {
    let Pair {
        mut tcp,
        poll,
        mut theirs,
        ..
    } = pair();
    let mut queued = 0;
    let mut send_until = |tcp: &mut Tcp, class, end| {
        loop {
            let datagram = vec![(queued % 251) as u8; 300 + queued % 900];
            let sent = tcp.send(0, &datagram, class);
            if sent == end {
                return;
            }
            assert_eq!(sent, Sent::Queued);
            queued += 1;
            assert!(tcp.flush(&poll).is_empty());
        }
    };
    send_until(&mut tcp, Class::Media, Sent::Dropped);
    assert_eq!(
        tcp.send(0, b"a check", Class::Control),
        Sent::Queued,
        "control may wait longer"
    );
    send_until(&mut tcp, Class::Control, Sent::Stuck);
    theirs.set_nonblocking(true).expect("a socket has modes");
    let mut frames = 0;
    let mut decoder = framing::Decoder::new();
    let mut buffer = vec![0; 65_536];
    while frames < queued + 1 {
        if let Ok(length) = theirs.read(&mut buffer) {
            let cut = decoder.feed(&buffer[..length], |frame| {
                assert!(frame == b"a check" || frame.iter().all(|byte| *byte == frame[0]));
                frames += 1;
            });
            cut.expect("the stream consists of frames");
        }
        tcp.write(0, &poll).expect("the peer is there");
    }
    assert_eq!(tcp.send(0, b"media again", Class::Media), Sent::Queued);
}

#[test]
fn what_the_peer_sends_in_pieces_is_taken_in_frames() {
    let Pair {
        mut tcp,
        mut theirs,
        ..
    } = pair();
    let mut stream = Vec::new();
    assert!(framing::encode(b"first", &mut stream) && framing::encode(b"second", &mut stream));
    let mut frames = Vec::new();
    for piece in stream.chunks(3) {
        theirs.write_all(piece).expect("we listen");
        tcp.read(0, |_, frame| frames.push(frame.to_vec()))
            .expect("the stream is well");
    }
    while frames.len() < 2 {
        tcp.read(0, |_, frame| frames.push(frame.to_vec()))
            .expect("the stream is well");
    }
    assert_eq!(frames, [&b"first"[..], b"second"]);
    drop(theirs);
    while tcp.read(0, |_, _| unreachable!("nothing was sent")).is_ok() {}
}
