//! A room on two workers: who is subscribed elsewhere sees and hears what those at home do, and the way there carries
//! each layer once.

use crate::kit::crew::{Crew, HOME, OUTPOST, Publisher};
use crate::kit::rtp::Packet;
use crate::kit::{Peer, WALLCLOCK, consumer, wish};
use hoichan_router::{ConsumerId, Error, ProducerId};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::{self, SenderInfo, write_nack, write_pli, write_sender_report};

/// A camera at home, with somebody who watches it there, and somebody who does elsewhere.
struct Split {
    crew: Crew,
    publisher: Publisher,
    near: Peer,
    far: Peer,
}

impl Split {
    fn begun(layer: u8) -> Self {
        let mut crew = Crew::new();
        let publisher = Publisher::joins(&mut crew);
        let near = crew.worlds[HOME].peer(2);
        let far = crew.worlds[OUTPOST].peer(3);
        let at_home = &mut crew.worlds[HOME];
        at_home.subscribe_with(&near, 20, publisher.producer, &consumer(20), wish(layer));
        crew.subscribe(OUTPOST, &far, 30, publisher.track(), wish(layer));
        let mut split = Split {
            crew,
            publisher,
            near,
            far,
        };
        split.frames(20);
        split.heard();
        split
    }

    fn frames(&mut self, count: usize) {
        self.publisher.frames(&mut self.crew, count);
    }

    /// What both got since the last call.
    fn heard(&mut self) -> [Vec<Packet>; 2] {
        let [home, outpost] = &mut self.crew.worlds;
        [
            home.heard(&mut self.near).rtp,
            outpost.heard(&mut self.far).rtp,
        ]
    }

    fn counter(&self, at: usize, name: &str) -> u64 {
        self.crew.worlds[at].counter(name)
    }
}

/// What the camera put in: the SSRC of its layer and a running number.
fn pictures(packets: &[Packet]) -> Vec<Vec<u8>> {
    let payloads = packets.iter();
    payloads.map(|one| one.payload[6..14].to_vec()).collect()
}

fn assert_gapless(packets: &[Packet]) {
    for pair in packets.windows(2) {
        let step = pair[1]
            .fields
            .sequence
            .wrapping_sub(pair[0].fields.sequence);
        assert_eq!(step, 1);
    }
}

#[test]
fn who_is_subscribed_elsewhere_gets_what_those_at_home_do() {
    let mut split = Split::begun(2);
    split.frames(30);
    let [near, far] = split.heard();
    assert_eq!(near.len(), 60);
    assert_eq!(pictures(&near), pictures(&far));
    assert_gapless(&far);
}

#[test]
fn a_layer_crosses_once_for_all_who_want_it_and_not_at_all_if_nobody_does() {
    let mut split = Split::begun(0);
    for id in 31..35 {
        let peer = split.crew.worlds[OUTPOST].peer(id);
        let track = split.publisher.track();
        split
            .crew
            .subscribe(OUTPOST, &peer, id.into(), track, wish(0));
    }
    split.frames(3);
    let before = split.counter(HOME, "packets_relayed");
    split.frames(30);
    assert_eq!(split.counter(HOME, "packets_relayed") - before, 60);
    let sent = split.counter(OUTPOST, "packets_sent");
    assert!(sent > 5 * 60, "{sent}");
}

#[test]
fn a_change_of_layer_takes_effect_with_a_key_frame_that_is_asked_for_across_workers() {
    let mut split = Split::begun(0);
    let asked = split.publisher.asked[2];
    let outpost = &mut split.crew.worlds[OUTPOST];
    outpost
        .router
        .set_consumer(ConsumerId(30), wish(2))
        .expect("known");
    split.crew.deliver();
    split.frames(20);
    assert_eq!(split.publisher.asked[2] - asked, 1);
    let [_, far] = split.heard();
    assert_gapless(&far);
    assert_eq!(pictures(&far[38..])[0][3], 7, "the SSRC of the best layer");
}

#[test]
fn what_is_lost_on_the_last_hop_is_sent_again_without_asking_home() {
    let mut split = Split::begun(2);
    split.frames(5);
    let [_, far] = split.heard();
    let lost: Vec<u16> = far[2..6].iter().map(|one| one.fields.sequence).collect();
    let mut compound = Vec::new();
    write_nack(&mut compound, 99, 30, &lost);
    split.crew.send_rtcp(OUTPOST, &mut split.far, &compound);
    let [_, again] = split.heard();
    let again: Vec<&[u8]> = again.iter().map(|one| one.unwrap_rtx().1).collect();
    let missed: Vec<&[u8]> = far[2..6].iter().map(Packet::media).collect();
    assert_eq!(again.len(), 4);
    assert!(
        again
            .iter()
            .zip(missed)
            .all(|(again, missed)| again.ends_with(&missed[6..]))
    );
    assert_eq!(split.counter(HOME, "nack_count"), 0);
}

#[test]
fn what_is_repaired_at_home_is_passed_on_late() {
    let mut split = Split::begun(2);
    let mut frame = split.publisher.layers[2].frame(false, 4, 300);
    let lost = frame.remove(1);
    let peer = &mut split.publisher.peer;
    split.crew.send(HOME, peer, &frame);
    let repair = split.publisher.layers[2].repair(&lost);
    split.crew.send(HOME, peer, &[repair]);
    let [near, far] = split.heard();
    assert_eq!(far.len(), 4);
    assert_eq!(pictures(&near), pictures(&far));
}

#[test]
fn a_decoder_that_cannot_go_on_is_helped_from_home() {
    let mut split = Split::begun(2);
    let asked = split.publisher.asked[2];
    for _ in 0..20 {
        let mut compound = Vec::new();
        write_pli(&mut compound, 99, 30);
        split.crew.send_rtcp(OUTPOST, &mut split.far, &compound);
        split.frames(1);
    }
    let asked = split.publisher.asked[2] - asked;
    assert!(
        (1..=2).contains(&asked),
        "but not more often than is decent: {asked}"
    );
}

#[test]
fn a_pause_holds_everywhere_and_ends_with_a_key_frame() {
    let mut split = Split::begun(2);
    let pause = |split: &mut Split, paused| {
        let home = &mut split.crew.worlds[HOME];
        let known = home.router.pause_producer(ProducerId(1), paused);
        known.expect("known");
        split.crew.deliver();
    };
    pause(&mut split, true);
    split.frames(10);
    assert_eq!(split.heard().map(|heard| heard.len()), [0, 0]);
    pause(&mut split, false);
    split.frames(20);
    let [near, far] = split.heard();
    assert!(far.len() > 30, "{}", far.len());
    assert_eq!(pictures(&near), pictures(&far));
    assert_gapless(&far);
}

#[test]
fn a_track_that_ends_at_home_ends_everywhere() {
    let mut split = Split::begun(2);
    let home = &mut split.crew.worlds[HOME];
    home.router.remove_producer(ProducerId(1)).expect("known");
    split.crew.deliver();
    let outpost = &mut split.crew.worlds[OUTPOST].router;
    let gone = outpost.set_consumer(ConsumerId(30), wish(0));
    assert_eq!(gone, Err(Error::UnknownConsumer));
    assert_eq!(outpost.tracks(), (0, 0));
}

#[test]
fn when_the_last_subscriber_leaves_nothing_is_relayed_and_another_may_come() {
    let mut split = Split::begun(2);
    let outpost = &mut split.crew.worlds[OUTPOST].router;
    outpost.remove_endpoint(3);
    split.crew.deliver();
    let before = split.counter(HOME, "packets_relayed");
    split.frames(10);
    assert_eq!(split.counter(HOME, "packets_relayed"), before);
    split.heard();
    split.far = split.crew.worlds[OUTPOST].peer(4);
    let track = split.publisher.track();
    split
        .crew
        .subscribe(OUTPOST, &split.far, 40, track, wish(2));
    split.frames(20);
    assert!(split.heard()[1].len() > 30);
}

#[test]
fn a_publisher_that_begins_a_new_stream_is_followed() {
    let mut split = Split::begun(2);
    let camera = &mut split.publisher.layers[2];
    (camera.ssrc, camera.sequence, camera.timestamp) = (9, 60_000, 77);
    split.crew.pass(600);
    split.publisher.layers[2].sequence = (9 * 7919) as u16;
    split.frames(20);
    let [near, far] = split.heard();
    assert_eq!(pictures(&near), pictures(&far));
    assert!(pictures(&far).iter().any(|picture| picture[3] == 9));
    assert_gapless(&far);
}

#[test]
fn a_publisher_that_negotiates_anew_is_followed() {
    let mut split = Split::begun(2);
    let parameters = &mut split.publisher.parameters;
    parameters.header_extensions.reverse();
    parameters.codecs[0].rtx_payload_type = None;
    let home = &mut split.crew.worlds[HOME];
    home.publish(&split.publisher.peer, 1, parameters);
    split.crew.deliver();
    split.frames(30);
    let [near, far] = split.heard();
    assert!(far.len() > 40, "{}", far.len());
    assert_eq!(pictures(&near), pictures(&far));
    assert_gapless(&far);
}

#[test]
fn a_worker_that_is_slow_for_too_long_loses_packets_and_then_goes_on_with_a_key_frame() {
    let mut split = Split::begun(2);
    split.crew.is_prompt = false;
    split.frames(2000); // More than a mebibyte.
    let dropped = split.counter(HOME, "dropped_relay_slow");
    assert!(dropped > 500, "{dropped}");
    let asked = split.publisher.asked[2];
    assert!(asked > 1, "home knows best what it has dropped");
    split.crew.deliver();
    split.crew.is_prompt = true;
    split.heard();
    split.frames(30);
    let [near, far] = split.heard();
    assert_eq!(pictures(&near), pictures(&far));
}

#[test]
fn lips_and_voice_are_told_of_alike_on_all_workers() {
    let mut split = Split::begun(2);
    let theirs = NtpTime(WALLCLOCK.0 / 2 + (1 << 32));
    let camera = &split.publisher.layers[2];
    let info = SenderInfo {
        ssrc: camera.ssrc,
        ntp: theirs,
        rtp_timestamp: camera.timestamp,
        ..SenderInfo::default()
    };
    let mut compound = Vec::new();
    write_sender_report(&mut compound, &info, &[]);
    let peer = &mut split.publisher.peer;
    split.crew.send_rtcp(HOME, peer, &compound);
    split.frames(1);
    let [_, far] = split.heard();
    split.frames(60);
    let outpost = &mut split.crew.worlds[OUTPOST];
    let heard = outpost.heard(&mut split.far);
    let report = heard.rtcp_packets().find_map(|packet| match packet {
        rtcp::Packet::SenderReport(report) => Some(report.info),
        _ => None,
    });
    let report = report.expect("a report a second");
    let elapsed = (report.ntp.0 - WALLCLOCK.0) as f64 / f64::from(1_u32 << 16).powi(2) - 0.693;
    let ticks = report.rtp_timestamp.wrapping_sub(far[0].fields.timestamp);
    let expected = elapsed * 90_000.0;
    assert!(
        (f64::from(ticks) - expected).abs() < 9_000.0,
        "{ticks} {expected}"
    );
}

#[test]
fn a_worker_that_begins_anew_costs_the_other_nothing_but_what_was_its() {
    let mut split = Split::begun(2);
    split.crew.replace(OUTPOST);
    split.crew.deliver();
    let before = split.counter(HOME, "packets_relayed");
    split.frames(10);
    assert_eq!(split.counter(HOME, "packets_relayed"), before);
    assert_eq!(split.heard()[0].len(), 20, "at home all is well");
    split.far = split.crew.worlds[OUTPOST].peer(4);
    let track = split.publisher.track();
    split
        .crew
        .subscribe(OUTPOST, &split.far, 40, track, wish(2));
    split.frames(20);
    assert!(split.heard()[1].len() > 30, "and who comes back sees it");
    split.crew.replace(HOME);
    assert_eq!(split.crew.worlds[OUTPOST].router.tracks(), (0, 0));
}

#[test]
fn who_says_goodbye_out_of_order_does_no_harm() {
    let mut split = Split::begun(2);
    split.crew.is_prompt = false;
    split.frames(2);
    let outpost = &mut split.crew.worlds[OUTPOST].router;
    outpost.remove_consumer(ConsumerId(30)).expect("known");
    split
        .crew
        .subscribe(OUTPOST, &split.far, 31, split.publisher.track(), wish(2));
    split.frames(2);
    split.crew.deliver();
    split.crew.is_prompt = true;
    split.frames(20);
    let [near, far] = split.heard();
    let (near, far) = (pictures(&near), pictures(&far));
    assert!(far.len() > 30 && near.ends_with(&far), "{}", far.len());
}
