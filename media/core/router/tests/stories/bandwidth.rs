//! A subscriber behind a thin link that tells when packets arrive: what is sent follows what the link carries.

use crate::kit::camera::{Camera, Microphone};
use crate::kit::downlink::Downlink;
use crate::kit::{Peer, SENT_OPUS, SENT_VP8, SENT_VP8_RTX, World, numbered_consumer};
use hoichan_router::{Event, Wish};
use hoichan_wire::rtcp::{
    Packet, ReportBlock, write_nack, write_pli, write_receiver_report, write_remb,
};
use std::time::Duration;

const RIDS: [&str; 3] = ["q", "h", "f"];

/// Packets per frame and bytes of each, by layer: some 140, 450 and 1500 kbit/s with all headers, at 30 frames a
/// second.
const FRAMES: [(usize, usize); 3] = [(1, 500), (2, 870), (6, 980)];

/// Under which id the kit's subscribers number packets.
const NUMBER: u8 = 8;

/// A camera, a microphone, and one who sees and hears them over a link.
struct Call {
    world: World,
    publisher: Peer,
    layers: Vec<Camera>,
    key_frames: [bool; 3],
    /// A key frame has so many times the packets of another one.
    key_frame_size: usize,
    microphone: Microphone,
    subscriber: Peer,
    downlink: Downlink,
    millis: u64,
    available: Option<u64>,
}

/// What a subscriber got in some time.
#[derive(Debug, Default)]
struct Got {
    video_bytes: usize,
    padding: usize,
    voices: usize,
    longest_wait: Duration,
}

impl Call {
    fn over(downlink: Downlink) -> Self {
        Self::with_layers(&RIDS, downlink)
    }

    /// With a camera that sends the best layers only.
    fn with_layers(rids: &[&'static str], downlink: Downlink) -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let subscriber = world.peer(2);
        let voice = world.publish_audio(&publisher, 1, 77);
        let picture = world.publish_video(&publisher, 2, rids);
        let wish = Wish::default();
        world.subscribe_with(&subscriber, 10, voice, &numbered_consumer(10), wish);
        world.subscribe_with(&subscriber, 20, picture, &numbered_consumer(20), wish);
        let cameras = (5..).zip(rids).map(|(ssrc, rid)| Camera::new(ssrc, rid));
        Call {
            world,
            publisher,
            layers: cameras.collect(),
            key_frames: [true; 3],
            key_frame_size: 4,
            microphone: Microphone::new(77),
            subscriber,
            downlink,
            millis: 0,
            available: None,
        }
    }

    /// Plays for some seconds.
    fn play(&mut self, seconds: u64) -> Got {
        self.play_without_looking(seconds);
        self.got()
    }

    /// The same, millisecond by millisecond, leaving what arrives where it is.
    fn play_without_looking(&mut self, seconds: u64) {
        for _ in 0..seconds * 1000 {
            self.step();
        }
        self.note_events();
    }

    fn step(&mut self) {
        if self.millis.is_multiple_of(20) {
            let packet = self.microphone.packet(20);
            self.world.send(&mut self.publisher, &[packet]);
        }
        if self.millis.is_multiple_of(33) {
            self.frame();
        }
        self.millis += 1;
        self.world.pass(1);
        self.downlink.carry(&mut self.world, &mut self.subscriber);
    }

    /// Plays for some seconds; returns how long it took at most from the first to the last packet of a picture.
    fn longest_picture(&mut self, seconds: u64) -> Duration {
        let (mut timestamp, mut began, mut longest) = (None, 0, 0);
        for _ in 0..seconds * 1000 {
            self.step();
            for (_, packet) in self.downlink.heard.drain(..) {
                if packet.fields.payload_type != SENT_VP8 {
                    continue;
                }
                if timestamp.replace(packet.fields.timestamp) != Some(packet.fields.timestamp) {
                    began = self.millis;
                }
                longest = longest.max(self.millis - began);
            }
        }
        Duration::from_millis(longest)
    }

    fn ask_for_key_frame(&mut self) {
        let mut compound = Vec::new();
        write_pli(&mut compound, 99, 20);
        self.world.send_rtcp(&mut self.subscriber, &compound);
    }

    fn frame(&mut self) {
        for packet in self.world.heard(&mut self.publisher).rtcp_packets() {
            if let Packet::Pli { media_ssrc, .. } = packet {
                self.key_frames[media_ssrc as usize - 5] = true;
            }
        }
        let frames = &FRAMES[FRAMES.len() - self.layers.len()..];
        for (layer, camera) in self.layers.iter_mut().enumerate() {
            let (count, len) = frames[layer];
            let is_key = std::mem::take(&mut self.key_frames[layer]);
            let packets = camera.frame(
                is_key,
                if is_key {
                    self.key_frame_size * count
                } else {
                    count
                },
                len,
            );
            self.world.send(&mut self.publisher, &packets);
        }
    }

    fn note_events(&mut self) {
        for event in self.world.take_events() {
            if let Event::TransportStats(stats) = event
                && stats.endpoint == self.subscriber.endpoint
            {
                self.available = stats.available_outgoing_bitrate;
            }
        }
    }

    fn got(&mut self) -> Got {
        let mut got = Got::default();
        for (wait, packet) in self.downlink.heard.drain(..) {
            match packet.fields.payload_type {
                SENT_VP8 => got.video_bytes += packet.wire_len,
                SENT_VP8_RTX => got.padding += usize::from(packet.payload.is_empty()),
                SENT_OPUS => {
                    got.voices += 1;
                    got.longest_wait = got.longest_wait.max(wait);
                }
                other => panic!("payload type {other} was not negotiated"),
            }
        }
        got
    }
}

#[test]
fn a_thin_link_gets_the_small_picture_and_voice_does_not_wait_behind_it() {
    let mut call = Call::over(Downlink::new(300e3, 37_500, NUMBER));
    call.play(5);
    let got = call.play(20);
    assert!(got.longest_wait < Duration::from_millis(300), "{got:?}");
    assert!(got.voices > 980, "{got:?}");
    let rate = got.video_bytes as f64 * 8.0 / 20.0;
    assert!(
        (120e3..260e3).contains(&rate),
        "the least layer, all of it: {rate}"
    );
    let available = call.available.expect("the subscriber tells of arrivals");
    assert!((200_000..=360_000).contains(&available), "{available}");
}

#[test]
fn an_only_layer_goes_on_while_nothing_speaks_against_the_link() {
    let mut call = Call::with_layers(&RIDS[2..], Downlink::new(20e6, 200_000, NUMBER));
    for second in 1..=6 {
        let rate = call.play(1).video_bytes as f64 * 8.0;
        assert!(rate > 1.35e6, "all of it, in second {second}: {rate}");
    }
}

#[test]
fn an_only_layer_is_left_out_on_a_link_that_does_not_carry_it() {
    let mut call = Call::with_layers(&RIDS[2..], Downlink::new(300e3, 37_500, NUMBER));
    call.play(2);
    let got = call.play(20);
    assert!(got.longest_wait < Duration::from_millis(300), "{got:?}");
    assert!(got.voices > 980, "{got:?}");
    assert!(got.video_bytes < 100_000, "{got:?}");
}

#[test]
fn voice_passes_between_the_packets_of_a_large_key_frame() {
    let mut call = Call::over(Downlink::new(400e3, 50_000, NUMBER));
    call.play(10);
    call.key_frame_size = 24; // 13 kB: the link takes 270 ms for it.
    call.ask_for_key_frame();
    let got = call.play(1);
    assert!(got.video_bytes > 25_000, "key frame and others: {got:?}");
    assert!(got.longest_wait < Duration::from_millis(180), "{got:?}");
    assert_eq!(got.voices, 50);
}

#[test]
fn a_key_frame_does_not_wait_where_frames_have_passed_quickly() {
    let mut call = Call::over(Downlink::new(50e6, 500_000, NUMBER));
    call.play(8);
    call.key_frame_size = 5; // 29 kB: the link takes 5 ms for it, and would take 80 ms if it were as believed.
    call.ask_for_key_frame();
    call.play(1);
    call.ask_for_key_frame();
    let longest = call.longest_picture(1);
    assert!(longest < Duration::from_millis(12), "{longest:?}");
}

#[test]
fn voice_passes_between_the_repairs_of_a_large_loss() {
    let mut call = Call::over(Downlink::new(400e3, 50_000, NUMBER));
    call.play(10);
    call.play_without_looking(3);
    let heard = call.downlink.heard.iter().map(|(_, packet)| packet.fields);
    let sequences = heard.filter(|fields| fields.payload_type == SENT_VP8);
    let lost: Vec<u16> = sequences.map(|fields| fields.sequence).collect();
    let lost = &lost[lost.len() - 40..]; // 21 kB: the link takes 430 ms for them.
    call.got();
    let before = call.world.counter("retransmitted_packets_sent");
    let mut compound = Vec::new();
    write_nack(&mut compound, 99, 20, lost);
    call.world.send_rtcp(&mut call.subscriber, &compound);
    let got = call.play(2);
    let repaired = call.world.counter("retransmitted_packets_sent") - before;
    assert_eq!(repaired, 40);
    assert!(got.longest_wait < Duration::from_millis(250), "{got:?}");
}

#[test]
fn what_is_sent_follows_a_link_down_in_two_seconds_and_up_in_ten() {
    let mut call = Call::over(Downlink::new(3e6, 37_500, NUMBER));
    call.play(10);
    let wide = call.play(5);
    assert!(
        wide.video_bytes as f64 * 8.0 / 5.0 > 1.3e6,
        "the best layer: {wide:?}"
    );
    call.downlink.bits_per_second = 300e3;
    call.play(2);
    call.play(1);
    let thin = call.play(20);
    assert!(thin.longest_wait < Duration::from_millis(1000), "{thin:?}");
    assert!(thin.voices > 950, "{thin:?}");
    call.downlink.bits_per_second = 3e6;
    call.play(10);
    let again = call.play(5);
    assert!(
        again.video_bytes as f64 * 8.0 / 5.0 > 1.3e6,
        "the best layer: {again:?}"
    );
}

#[test]
fn probes_are_padding_of_one_size_that_ends_when_there_is_room_for_everything() {
    let mut call = Call::over(Downlink::new(20e6, 200_000, NUMBER));
    let begin = call.play(10);
    assert!(begin.padding > 5, "{begin:?}");
    assert!(call.world.counter("padding_packets_sent") >= begin.padding as u64);
    let later = call.play(20);
    assert_eq!(later.padding, 0, "{later:?}");
    assert_eq!(later.voices, 1000);
}

#[test]
fn a_subscriber_that_reports_but_never_tells_of_arrivals_is_not_limited() {
    let mut call = Call::over(Downlink::new(20e6, 200_000, 0));
    for _ in 0..8 {
        call.play(1);
        let mut compound = Vec::new();
        let block = ReportBlock {
            ssrc: 20,
            ..ReportBlock::default()
        };
        write_receiver_report(&mut compound, 99, &[block]);
        call.world.send_rtcp(&mut call.subscriber, &compound);
    }
    let got = call.play(5);
    assert_eq!(call.available, None);
    assert!(got.video_bytes as f64 * 8.0 / 5.0 > 1.3e6, "{got:?}");
}

#[test]
fn an_estimate_of_the_receiver_serves_who_cannot_tell_of_arrivals_and_none_other() {
    let estimate = |call: &mut Call| {
        let mut compound = Vec::new();
        write_remb(&mut compound, 99, 700_000, &[]);
        call.world.send_rtcp(&mut call.subscriber, &compound);
        call.play(6);
        call.available
    };
    let mut cannot = Call::over(Downlink::new(20e6, 200_000, 0));
    cannot.play(1);
    assert_eq!(estimate(&mut cannot), Some(700_000));
    let mut can = Call::over(Downlink::new(20e6, 200_000, NUMBER));
    can.play(3);
    assert!(estimate(&mut can) > Some(1_000_000));
}
