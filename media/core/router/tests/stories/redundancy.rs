//! Audio that survives loss by repeating itself. (RFC 2198)

use crate::kit::camera::Camera;
use crate::kit::microphone::{RedMicrophone, blocks, rest};
use crate::kit::rtp::Packet;
use crate::kit::{self, OPUS, Peer, SENT_OPUS, SENT_RED, WISH_BEST, World};
use hoichan_router::{ConsumerParameters, Event, ProducerId};
use hoichan_wire::rtcp::{write_nack, write_remb};
use std::collections::HashMap;

/// A speaker, and one listener of these parameters.
struct Call {
    world: World,
    speaker: Peer,
    listener: Peer,
    microphone: RedMicrophone,
}

const SPEAKER: ProducerId = ProducerId(1);

impl Call {
    fn new(distance: usize, listening: &ConsumerParameters) -> Self {
        let mut world = World::new();
        let (speaker, listener) = (world.peer(1), world.peer(2));
        world.publish(&speaker, SPEAKER.0, &kit::red_microphone(77));
        world.subscribe_with(&listener, 20, SPEAKER, listening, WISH_BEST);
        Call {
            world,
            speaker,
            listener,
            microphone: RedMicrophone::new(77, distance),
        }
    }

    /// 20 ms of speech. Returns the packet as it would be without redundancy.
    fn say(&mut self, arrives: bool) -> Packet {
        let (sent, plain) = self.microphone.packet(20);
        if arrives {
            self.world.send(&mut self.speaker, &[sent]);
        }
        self.world.pass(20);
        plain
    }

    fn heard(&mut self) -> Vec<Packet> {
        self.world.heard(&mut self.listener).rtp
    }

    fn asked_again(&mut self) -> Vec<u16> {
        self.world.heard(&mut self.speaker).nacked()
    }
}

/// A link that loses one packet in five, the same ones each time.
fn one_in_five() -> impl FnMut() -> bool {
    let mut state = 0x5eed_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        !(state >> 33).is_multiple_of(5)
    }
}

/// Share of 5000 packets that a listener without redundancy gets when a fifth is lost on the way up.
fn heard_after_loss(distance: usize) -> f64 {
    let mut call = Call::new(distance, &kit::consumer(20));
    let mut arrives = one_in_five();
    let first = call.say(true).fields.timestamp;
    call.heard();
    let mut said = HashMap::new();
    for _ in 0..5000 {
        let plain = call.say(arrives());
        said.insert(plain.fields.timestamp, plain.payload);
    }
    let heard = call.heard();
    let shift = heard[0].fields.sequence;
    for (before, after) in heard.iter().zip(&heard[1..]) {
        let step = after.fields.sequence.wrapping_sub(before.fields.sequence);
        let time = after.fields.timestamp.wrapping_sub(before.fields.timestamp);
        assert_eq!(
            time,
            u32::from(step) * 960,
            "in order, and each at its time"
        );
    }
    for packet in &heard {
        assert_eq!(packet.fields.payload_type, SENT_OPUS);
        assert_eq!(said.get(&packet.fields.timestamp), Some(&packet.payload));
        let index = packet.fields.timestamp.wrapping_sub(first) / 960;
        let since_first = packet.fields.sequence.wrapping_sub(shift);
        assert!(u32::from(since_first) <= index);
    }
    heard.len() as f64 / 5000.0
}

#[test]
fn of_a_fifth_that_is_lost_at_random_one_repetition_brings_back_four_fifths() {
    let heard = heard_after_loss(1);
    assert!((0.95..0.97).contains(&heard), "1 − 0.2²: {heard}");
}

#[test]
fn two_repetitions_bring_back_all_but_one_in_a_hundred() {
    let heard = heard_after_loss(2);
    assert!((0.985..0.997).contains(&heard), "1 − 0.2³: {heard}");
}

#[test]
fn a_listener_who_takes_redundancy_survives_loss_on_both_links() {
    for (distance, least) in [(Some(1), 0.91), (Some(2), 0.94)] {
        let mut call = Call::new(1, &kit::red_consumer(20, distance));
        let (mut arrives, mut said, mut heard) = (one_in_five(), 0, HashMap::new());
        for _ in 0..5000 {
            let plain = call.say(arrives());
            said += 1;
            for packet in call.heard().iter().filter(|_| arrives()) {
                match packet.fields.payload_type {
                    SENT_RED => heard.extend(blocks(packet)),
                    _ => drop(heard.insert(packet.fields.timestamp, packet.payload.clone())),
                }
            }
            let back = heard.get(&plain.fields.timestamp);
            assert!(back.is_none_or(|payload| *payload == plain.payload));
        }
        let share = heard.len() as f64 / f64::from(said);
        assert!(share > least, "distance {distance:?}: {share}");
    }
}

#[test]
fn redundancy_is_taken_off_for_those_who_do_not_know_it_and_goes_on_to_those_who_do() {
    let mut call = Call::new(1, &kit::consumer(20));
    let mut knowing = call.world.peer(3);
    let parameters = kit::red_consumer(30, None);
    call.world
        .subscribe_with(&knowing, 30, SPEAKER, &parameters, WISH_BEST);
    let said: Vec<Packet> = (0..3).map(|_| call.say(true)).collect();
    let plain = call.heard();
    let with = call.world.heard(&mut knowing).rtp;
    assert_eq!((plain.len(), with.len()), (3, 3));
    for ((said, plain), with) in said.iter().zip(&plain).zip(&with) {
        assert_eq!(plain.fields.payload_type, SENT_OPUS);
        assert_eq!(plain.payload, said.payload);
        assert_eq!(plain.fields.timestamp, with.fields.timestamp);
        assert_eq!(plain.extensions.last(), with.extensions.last(), "the level");
    }
    let types: Vec<u8> = with.iter().map(|one| one.fields.payload_type).collect();
    assert_eq!(
        types,
        [SENT_OPUS, SENT_RED, SENT_RED],
        "the first has none before it"
    );
    assert_eq!(with[2].payload[..4], [0x80 | SENT_OPUS, 0x0f, 0x00, 6]);
    let repeated = |index: usize| (said[index].fields.timestamp, said[index].payload.clone());
    assert_eq!(blocks(&with[1]), [repeated(0), repeated(1)]);
    assert_eq!(blocks(&with[2]), [repeated(1), repeated(2)]);
}

#[test]
fn a_listener_on_a_bad_link_is_protected_although_the_publisher_repeats_nothing() {
    let mut call = Call::new(0, &kit::red_consumer(20, Some(2)));
    let said: Vec<Packet> = (0..4).map(|_| call.say(true)).collect();
    let heard = call.heard();
    let counts: Vec<usize> = heard[1..].iter().map(|one| blocks(one).len()).collect();
    assert_eq!(counts, [2, 3, 3]);
    let expected = said[1..].iter();
    let expected = expected.map(|one| (one.fields.timestamp, one.payload.clone()));
    assert_eq!(blocks(&heard[3]), expected.collect::<Vec<_>>());
}

#[test]
fn a_listener_on_a_good_link_may_be_spared_what_the_publisher_repeats() {
    let mut call = Call::new(2, &kit::red_consumer(20, Some(0)));
    (0..3).for_each(|_| drop(call.say(true)));
    let heard = call.heard();
    assert!(heard.iter().all(|one| one.fields.payload_type == SENT_OPUS));
}

#[test]
fn one_lost_packet_is_not_asked_for_and_a_longer_gap_is() {
    let mut call = Call::new(1, &kit::consumer(20));
    call.say(true);
    let lost = call.say(false);
    call.say(true);
    call.world.pass(1000);
    assert_eq!(call.asked_again(), Vec::<u16>::new());
    let heard = call.heard();
    assert_eq!(heard[1].payload, lost.payload);
    assert_eq!(call.world.counter("recovered_packets"), 1);
    let gap = [call.say(false), call.say(false), call.say(false)];
    call.say(true);
    call.world.pass(12);
    let mut asked = call.asked_again();
    asked.dedup();
    let expected = gap[..2].iter().map(|one| one.fields.sequence);
    assert_eq!(asked, expected.collect::<Vec<_>>(), "the third came back");
}

#[test]
fn what_was_merely_late_is_not_sent_a_second_time() {
    let mut call = Call::new(1, &kit::consumer(20));
    call.say(true);
    let (late, _) = call.microphone.packet(20);
    call.say(true);
    call.world.send(&mut call.speaker, &[late]);
    let heard = call.heard();
    let numbers: Vec<u16> = heard.iter().map(|one| one.fields.sequence).collect();
    let first = numbers[0];
    assert_eq!(
        numbers,
        [first, first.wrapping_add(1), first.wrapping_add(2)]
    );
}

#[test]
fn silence_that_is_not_sent_is_no_loss() {
    let mut call = Call::new(1, &kit::red_consumer(20, None));
    for _ in 0..50 {
        call.say(true);
    }
    call.world.take_events();
    for _ in 0..20 {
        rest(&mut call.microphone.plain, 380);
        call.world.pass(380);
        call.microphone.payload_len = 1; // Comfort noise, once in 400 ms.
        call.say(true);
    }
    assert_eq!(call.asked_again(), Vec::<u16>::new());
    let heard = call.heard();
    assert_eq!(heard.len(), 70);
    for (before, after) in heard.iter().zip(&heard[1..]) {
        let step = after.fields.sequence.wrapping_sub(before.fields.sequence);
        assert_eq!(step, 1, "no hole where nothing was");
    }
    let after_pause = &heard[60].fields.payload_type;
    assert_eq!(
        *after_pause, SENT_OPUS,
        "what is 400 ms old is not repeated"
    );
    let events = call.world.take_events();
    let silent = events
        .iter()
        .any(|event| *event == Event::AudioLevels(Vec::new()));
    assert!(silent, "who sends comfort noise does not speak");
}

#[test]
fn what_would_not_fit_into_a_packet_is_not_repeated() {
    let mut call = Call::new(0, &kit::red_consumer(20, Some(2)));
    for (len, repeated) in [(300, 2), (500, 1), (700, 0)] {
        call.microphone.payload_len = len;
        (0..3).for_each(|_| drop(call.say(true)));
        let heard = call.heard();
        let last = heard.last().expect("three");
        let count = match last.fields.payload_type {
            SENT_RED => blocks(last).len() - 1,
            _ => 0,
        };
        assert_eq!(count, repeated, "{len} bytes");
        assert!(last.wire_len <= 1200);
    }
}

#[test]
fn nothing_is_repeated_from_before_a_listener_came() {
    let mut call = Call::new(2, &kit::red_consumer(20, Some(2)));
    (0..3).for_each(|_| drop(call.say(true)));
    let mut latecomer = call.world.peer(3);
    let parameters = kit::red_consumer(30, Some(2));
    call.world
        .subscribe_with(&latecomer, 30, SPEAKER, &parameters, WISH_BEST);
    (0..2).for_each(|_| drop(call.say(true)));
    let heard = call.world.heard(&mut latecomer).rtp;
    assert_eq!(heard[0].fields.payload_type, SENT_OPUS);
    assert_eq!(blocks(&heard[1]).len(), 2);
}

#[test]
fn redundancy_that_makes_no_sense_is_counted_and_harms_nobody() {
    let mut call = Call::new(1, &kit::consumer(20));
    call.say(true);
    call.heard();
    let forged: [&[u8]; 5] = [
        &[0xef, 0x0f],                             // cut short
        &[0x80 | OPUS, 0xff, 0xff, 0xff, OPUS, 1], // a block longer than the packet
        &[0x80 | OPUS; 40],                        // headers without an end
        &[63, 1, 2, 3],                            // redundancy within redundancy
        &[],
    ];
    for payload in forged {
        let (mut packet, _) = call.microphone.packet(20);
        packet.payload = payload.to_vec();
        call.world.send(&mut call.speaker, &[packet]);
    }
    assert_eq!(call.heard(), []);
    let mut compound = Vec::new();
    write_nack(&mut compound, 9, 20, &[1, 2, 3]);
    call.world.send_rtcp(&mut call.listener, &compound);
    call.say(true);
    assert!(!call.heard().is_empty(), "the call goes on");
}

#[test]
fn on_a_thin_link_that_loses_nothing_voices_leave_room_for_a_picture() {
    let mut call = Call::new(2, &kit::red_consumer(20, None));
    let last_type = |call: &mut Call, bps: u64, mut camera: Option<&mut Camera>| {
        let mut compound = Vec::new();
        write_remb(&mut compound, 99, bps, &[]);
        call.world.send_rtcp(&mut call.listener, &compound);
        for step in 0..100 {
            if let Some(camera) = camera.as_deref_mut() {
                let frame = camera.frame(step == 0, 1, 500);
                call.world.send(&mut call.speaker, &frame);
            }
            call.say(true);
        }
        let heard = call.heard().into_iter().map(|one| one.fields.payload_type);
        heard.rev().find(|one| [SENT_RED, SENT_OPUS].contains(one))
    };
    let alone = last_type(&mut call, 250_000, None);
    assert_eq!(alone, Some(SENT_RED), "there is no picture that needs it");

    let picture = call.world.publish_video(&call.speaker, 2, &["q"]);
    call.world.subscribe(&call.listener, 30, picture);
    let mut camera = Camera::new(100, "q");
    let types =
        [2_000_000, 250_000, 2_000_000].map(|bps| last_type(&mut call, bps, Some(&mut camera)));
    assert_eq!(types, [Some(SENT_RED), Some(SENT_OPUS), Some(SENT_RED)]);
}
