//! Data channels: both sides open them, and everything that fits gets through.

mod common;

use common::{Link, Version, World, closed, opened, secs};
use hoichan_transport::{Counter, DtlsRole, Effect, Event};

const BINARY: u32 = 53;
const TEXT: u32 = 51;
const TEXT_EMPTY: u32 = 56;
const BINARY_EMPTY: u32 = 57;
/// A chunk type and a flag (RFC 9260 §3.3.1).
const DATA: u8 = 0;
const FIRST_FRAGMENT: u8 = 2;

fn big(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 % 251) as u8).collect()
}

#[test]
fn channels_asked_for_before_there_is_a_call_are_opened_when_there_is() {
    for role in [DtlsRole::Client, DtlsRole::Server] {
        let mut world = World::new(Version::Auto, role, Link::new());
        world.open("_reliable");
        world.event(Event::OpenChannel {
            label: "_lossy",
            ordered: false,
            max_retransmits: Some(0),
        });
        world.run_for(secs(3));
        assert!(
            world.has(&opened("_reliable")) && world.has(&opened("_lossy")),
            "{:?}",
            world.effects
        );
        let parity = u16::from(role == DtlsRole::Client);
        assert_eq!(
            world.browser.stream_of("_reliable"),
            Some(parity),
            "odd streams are the DTLS server's"
        );
        assert_eq!(world.browser.stream_of("_lossy"), Some(parity + 2));
        world.send("_reliable", b"to you");
        world.send("_lossy", b"and perhaps");
        world.browser.send(parity, BINARY, b"to me".to_vec());
        world.run_for(secs(1));
        assert_eq!(
            world.browser.application_messages(),
            [&b"to you"[..], b"and perhaps"]
        );
        assert_eq!(world.data("_reliable"), [b"to me"]);
    }
}

#[test]
fn a_browsers_channels_serve_both_directions() {
    let mut world = World::connected();
    world.browser.open(0, "_reliable", false);
    world.browser.open(2, "_lossy", true);
    world.run_for(secs(1));
    assert_eq!(world.effects, [opened("_reliable"), opened("_lossy")]);
    for (stream, label) in [(0, "_reliable"), (2, "_lossy")] {
        world.browser.send(stream, BINARY, b"up".to_vec());
        world.send(label, b"down");
        world.run_for(secs(1));
        assert_eq!(world.data(label), [b"up"]);
    }
    assert_eq!(world.browser.application_messages(), [b"down", b"down"]);
}

#[test]
fn text_and_empty_messages_arrive_as_what_they_are() {
    let mut world = World::connected();
    world.browser.open(0, "chat", false);
    world.browser.send(0, TEXT, "xin chào".into());
    world.browser.send(0, TEXT_EMPTY, vec![0]);
    world.browser.send(0, BINARY_EMPTY, vec![0]);
    world.run_for(secs(1));
    assert_eq!(world.data("chat"), ["xin chào".as_bytes(), b"", b""]);
    world.send("chat", b"");
    world.run_for(secs(1));
    assert!(world.browser.messages.contains(&(0, BINARY_EMPTY, vec![0])));
}

#[test]
fn large_messages_arrive_whole_and_in_order_over_a_bad_link() {
    let link = Link::new().latency_ms(60).jitter_ms(15).loss(0.05);
    let mut world = World::new(Version::Auto, DtlsRole::Client, link);
    world.open("_reliable");
    world.run_for(secs(10));
    assert!(world.has(&opened("_reliable")));
    let stream = world.browser.stream_of("_reliable").expect("it is open");
    let sizes = [1, 1_120, 64_000, 5, 262_144];
    for size in sizes {
        world.send("_reliable", &big(size));
        world.browser.send(stream, BINARY, big(size));
    }
    world.run_for(secs(60));
    let expected: Vec<_> = sizes.into_iter().map(big).collect();
    assert_eq!(world.data("_reliable"), expected);
    assert_eq!(world.browser.application_messages(), expected);
}

#[test]
fn a_message_over_256_kib_is_not_sent() {
    let mut world = World::connected();
    world.open("_reliable");
    world.run_for(secs(1));
    world.send("_reliable", &big(262_145));
    world.send("_reliable", b"small");
    world.run_for(secs(1));
    assert_eq!(world.count(Counter::DataDropped), 1);
    assert_eq!(world.browser.application_messages(), [b"small"]);
}

#[test]
fn a_message_over_256_kib_ends_the_peers_data_and_not_its_call() {
    let mut world = World::connected();
    world.browser.open(0, "_reliable", false);
    world.run_for(secs(1));
    world.browser.sctp.set_max_message_size(4_000_000);
    world.browser.send(0, BINARY, big(1_500_000));
    world.run_for(secs(20));
    assert_eq!(world.count(Counter::SctpFailed), 1, "{:?}", world.effects);
    assert!(world.has(&closed("_reliable")));
    assert_eq!(world.failure(), None);
}

#[test]
fn the_same_label_is_one_channel_to_the_application() {
    let mut world = World::connected();
    world.open("_reliable");
    world.open("_reliable");
    world.browser.open(0, "_reliable", false);
    world.run_for(secs(1));
    assert_eq!(world.effects, [opened("_reliable")]);
    world.open("_reliable");
    world.browser.send(0, BINARY, b"on mine".to_vec());
    world.run_for(secs(1));
    assert_eq!(world.data("_reliable"), [b"on mine"]);
}

#[test]
fn sixteen_channels_are_enough() {
    let mut world = World::connected();
    for index in 0..20 {
        world
            .browser
            .open(index * 2, &format!("channel {index}"), false);
    }
    world.run_for(secs(2));
    let open = world
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::ChannelOpened { .. }))
        .count();
    assert_eq!((open, world.count(Counter::ChannelRefused)), (16, 4));
    world.open("one more");
    assert_eq!(world.count(Counter::ChannelRefused), 5);
}

#[test]
fn a_label_of_more_than_128_bytes_is_refused() {
    let mut world = World::connected();
    world.browser.open(0, &"x".repeat(129), false);
    world.browser.open(2, &"x".repeat(128), false);
    world.open(&"y".repeat(129));
    world.run_for(secs(1));
    assert_eq!(world.count(Counter::ChannelRefused), 2);
    assert!(world.has(&opened(&"x".repeat(128))));
}

#[test]
fn a_message_to_nobody_is_counted() {
    let mut world = World::connected();
    world.send("_reliable", b"too soon");
    assert_eq!(world.effects, [Effect::Count(Counter::DataWithoutChannel)]);
}

#[test]
fn data_on_a_stream_that_was_never_opened_is_refused() {
    let mut world = World::connected();
    world.browser.send(8, BINARY, b"hello".to_vec());
    world.browser.send(10, 50, b"\x03not an open".to_vec());
    world.run_for(secs(1));
    assert_eq!(
        world.effects,
        [const { Effect::Count(Counter::ChannelRefused) }; 2]
    );
}

#[test]
fn a_flood_of_streams_ends_the_peers_data_and_not_its_call() {
    let mut world = World::connected();
    for stream in 0..200_u16 {
        // The first fragment of a message that never ends: the stream would stay for ever.
        let tsn = world.browser.initial_tsn().wrapping_add(u32::from(stream));
        let mut chunk = tsn.to_be_bytes().to_vec();
        chunk.extend_from_slice(&stream.to_be_bytes());
        chunk.extend_from_slice(&[0, 0, 0, 0, 0, 53]);
        chunk.extend_from_slice(b"the beginning");
        let packet = world.browser.sctp_packet(DATA, FIRST_FRAGMENT, &chunk);
        world.browser.send_raw(world.now, &packet);
    }
    world.run_for(secs(2));
    assert_eq!(world.effects, [Effect::Count(Counter::SctpFailed)]);
    world.open("_reliable");
    world.run_for(secs(6));
    assert_eq!(
        world.effects.len(),
        1,
        "no data any more, and nothing else is missing"
    );
}

#[test]
fn an_init_that_comes_late_or_twice_disturbs_nothing() {
    let mut world = World::connected();
    world.browser.open(0, "_reliable", false);
    world.run_for(secs(1));
    let late = world.browser.init.clone();
    let other_tag = world.browser.sctp_packet(1, 0, &[9; 16]);
    for packet in [late, other_tag] {
        world.browser.send_raw(world.now, &packet);
        world.run_for(secs(1));
    }
    world.browser.send(0, BINARY, b"still here".to_vec());
    world.run_for(secs(1));
    assert_eq!(world.effects.len(), 2, "{:?}", world.effects);
    assert_eq!(world.data("_reliable"), [b"still here"]);
}

#[test]
fn a_channel_closed_by_the_browser_is_closed() {
    use dcsctp::api::StreamId;
    let mut world = World::connected();
    world.browser.open(0, "_reliable", false);
    world.run_for(secs(1));
    world
        .browser
        .sctp
        .reset_streams(&[StreamId(0)])
        .expect("connected");
    world.run_for(secs(1));
    assert_eq!(world.effects, [opened("_reliable"), closed("_reliable")]);
    world.browser.open(4, "_reliable", false);
    world.run_for(secs(1));
    assert_eq!(
        world.effects.last(),
        Some(&opened("_reliable")),
        "and may be opened again"
    );
}

#[test]
fn a_channel_the_browser_refuses_was_never_open() {
    use dcsctp::api::StreamId;
    let mut world = World::connected();
    world.browser.acknowledging = false;
    world.open("_reliable");
    world.run_for(secs(1));
    world
        .browser
        .sctp
        .reset_streams(&[StreamId(1)])
        .expect("connected");
    world.run_for(secs(1));
    assert_eq!(world.effects, []);
    world.browser.acknowledging = true;
    world.open("_reliable");
    world.run_for(secs(1));
    assert_eq!(
        world.effects,
        [opened("_reliable")],
        "it may be asked again"
    );
}

#[test]
fn a_peer_that_stops_reading_loses_its_channel_and_not_its_call() {
    let mut world = World::connected();
    world.open("_reliable");
    world.run_for(secs(1));
    world.effects.clear();
    world.browser.reading = false;
    for _ in 0..200 {
        world.send("_reliable", &big(64_000));
        world.run_for(std::time::Duration::from_millis(50));
    }
    assert_eq!(world.count(Counter::DataOverflow), 1);
    assert!(world.has(&closed("_reliable")));
    assert_eq!(world.failure(), None);
}

#[test]
fn an_unreliable_channel_drops_what_would_come_too_late() {
    let mut world = World::connected();
    world.event(Event::OpenChannel {
        label: "_lossy",
        ordered: false,
        max_retransmits: Some(0),
    });
    world.run_for(secs(1));
    world.down = Link::new().latency_ms(400);
    for _ in 0..1_000 {
        world.send("_lossy", &big(8_000));
    }
    let dropped = world.count(Counter::DataDropped);
    assert!((900..1_000).contains(&dropped), "{dropped} dropped");
    world.run_for(secs(30));
    // The sudden delay looks like a loss to SCTP, which then gives up on what was in flight.
    let arrived = world.browser.application_messages().len();
    assert!(
        arrived > 0 && arrived + dropped <= 1_000,
        "{arrived} arrived"
    );
    assert!(!world.has(&closed("_lossy")));
}

#[test]
fn an_unreliable_channel_does_not_wait_for_what_was_lost() {
    let mut world = World::connected();
    world.event(Event::OpenChannel {
        label: "_lossy",
        ordered: false,
        max_retransmits: Some(0),
    });
    world.run_for(secs(1));
    world.down = Link::new().loss(0.3).seed(5);
    for number in 0..200_u8 {
        world.send("_lossy", &[number]);
        world.run_for(std::time::Duration::from_millis(20));
    }
    world.run_for(secs(5));
    let arrived = world.browser.application_messages().len();
    assert!((100..200).contains(&arrived), "{arrived} of 200 arrived");
}
