//! RTCP both ways, and the statistics made of it.

use crate::kit::camera::Camera;
use crate::kit::{Peer, WALLCLOCK, WISH_BEST, World, numbered_consumer};
use hoichan_router::{Event, TransportStats};
use hoichan_wire::ntp::{NtpTime, compact_duration};
use hoichan_wire::rtcp::{
    Packet, ReportBlock, SenderInfo, write_receiver_report, write_sender_report,
};
use std::time::Duration;

/// A call of one camera to one subscriber, a frame of 2 packets every 33 ms.
struct Call {
    world: World,
    publisher: Peer,
    subscriber: Peer,
    camera: Camera,
}

impl Call {
    fn new() -> Self {
        let mut world = World::new();
        let publisher = world.peer(1);
        let subscriber = world.peer(2);
        let producer = world.publish_video(&publisher, 1, &["f"]);
        let parameters = numbered_consumer(20);
        world.subscribe_with(&subscriber, 20, producer, &parameters, WISH_BEST);
        let mut camera = Camera::new(5, "f");
        camera.transport_sequence = Some(65_500);
        Call {
            world,
            publisher,
            subscriber,
            camera,
        }
    }

    /// Plays for some frames; `lost` says which packets do not arrive, by their running number.
    fn play(&mut self, frames: usize, lost: impl Fn(usize) -> bool) {
        for frame in 0..frames {
            let packets = self.camera.frame(frame == 0, 2, 300);
            let arrived: Vec<_> = (frame * 2..)
                .zip(packets)
                .filter(|(number, _)| !lost(*number))
                .map(|(_, packet)| packet)
                .collect();
            self.world.send(&mut self.publisher, &arrived);
            self.world.pass(33);
        }
    }

    /// The publisher's report: its clock is ten years off ours.
    fn report(&mut self) -> NtpTime {
        let theirs = NtpTime(self.world.wallclock().0 - (315_360_000 << 32));
        let info = SenderInfo {
            ssrc: 5,
            ntp: theirs,
            rtp_timestamp: self.camera.timestamp,
            ..SenderInfo::default()
        };
        let mut compound = Vec::new();
        write_sender_report(&mut compound, &info, &[]);
        self.world.send_rtcp(&mut self.publisher, &compound);
        theirs
    }

    fn statistics(&mut self, endpoint: u32) -> Option<TransportStats> {
        let events = self.world.take_events().into_iter();
        let mut statistics = events.filter_map(|event| match event {
            Event::TransportStats(stats) if stats.endpoint == endpoint => Some(stats),
            _ => None,
        });
        statistics.next_back()
    }
}

#[test]
fn sender_reports_reach_subscribers_in_our_wall_clock_and_their_media_clock() {
    let mut call = Call::new();
    call.play(10, |_| false);
    call.report();
    let anchor = (call.world.elapsed(), call.camera.timestamp);
    call.world.heard(&mut call.subscriber);
    call.play(40, |_| false);
    let heard = call.world.heard(&mut call.subscriber);
    let first = heard.rtp[0].fields;
    let mut reports = 0;
    for packet in heard.rtcp_packets() {
        let Packet::SenderReport(report) = packet else {
            continue;
        };
        reports += 1;
        assert_eq!(report.info.ssrc, 20);
        let since_anchor = Duration::from_millis(
            (((report.info.ntp.0 - WALLCLOCK.0) as u128 * 1000) >> 32) as u64,
        )
        .saturating_sub(anchor.0);
        let expected = anchor
            .1
            .wrapping_add((since_anchor.as_millis() * 90) as u32);
        let off = report.info.rtp_timestamp.wrapping_sub(expected) as i32;
        assert!(
            off.abs() <= 180,
            "the media clock runs on between reports: {off}"
        );
        assert!(report.info.packet_count > 0 && report.info.octet_count > 0);
    }
    assert!((1..=2).contains(&reports), "one each second: {reports}");
    let cnames = heard.rtcp_packets().filter_map(|packet| match packet {
        Packet::Sdes(sdes) => sdes.cnames().find(|(ssrc, _)| *ssrc == 20),
        _ => None,
    });
    assert!(
        cnames
            .map(|(_, cname)| cname.to_vec())
            .all(|cname| cname == b"doctor")
    );
    assert_eq!(first.ssrc, 20);
}

#[test]
fn no_sender_report_is_made_up_before_the_publisher_has_sent_one() {
    let mut call = Call::new();
    call.play(60, |_| false);
    let heard = call.world.heard(&mut call.subscriber);
    assert_eq!(heard.rtcp.len(), 0);
}

#[test]
fn receiver_reports_tell_the_publisher_its_loss_and_our_delay() {
    let mut call = Call::new();
    call.play(5, |_| false);
    let theirs = call.report();
    call.play(90, |number| number % 10 == 5);
    let heard = call.world.heard(&mut call.publisher);
    let blocks: Vec<ReportBlock> = heard
        .rtcp_packets()
        .filter_map(|packet| match packet {
            Packet::ReceiverReport(report) => report.blocks().next(),
            _ => None,
        })
        .collect();
    let last = blocks.last().expect("three seconds have passed");
    assert_eq!(last.ssrc, 5);
    assert!(
        (20..=30).contains(&last.fraction_lost),
        "a tenth of 256: {}",
        last.fraction_lost
    );
    assert!((12..=18).contains(&last.cumulative_lost));
    assert_eq!(last.last_sr, theirs.compact());
    assert!(last.delay_since_last_sr > compact_duration(Duration::from_secs(1)));
}

#[test]
fn transport_feedback_tells_of_every_packet_ten_times_a_second() {
    let mut call = Call::new();
    call.play(60, |number| number % 7 == 3);
    call.world.pass(200);
    let heard = call.world.heard(&mut call.publisher);
    let mut told = Vec::new();
    let mut feedbacks = 0;
    for packet in heard.rtcp_packets() {
        if let Packet::TransportFeedback(feedback) = packet {
            feedbacks += 1;
            told.extend(feedback.arrivals().map(|arrival| arrival.sequence as u16));
        }
    }
    let arrived: Vec<u16> = (0..120_u16)
        .filter(|number| number % 7 != 3)
        .map(|number| 65_501_u16.wrapping_add(number))
        .collect();
    assert_eq!(told, arrived);
    assert!((18..=22).contains(&feedbacks), "{feedbacks} in 2 s");
}

#[test]
fn statistics_tell_loss_both_ways_round_trip_and_traffic() {
    let mut call = Call::new();
    call.report();
    call.play(150, |number| number > 0 && number % 5 == 0);
    call.report();
    call.play(40, |number| number > 0 && number % 5 == 0);
    // The subscriber answers each of our reports after 100 ms of its own, over a link of 80 ms.
    let heard = call.world.heard(&mut call.subscriber);
    let sent = heard.rtcp_packets().filter_map(|packet| match packet {
        Packet::SenderReport(report) => Some(report.info),
        _ => None,
    });
    let last = sent.last().expect("a report");
    let now = call.world.wallclock();
    let age = Duration::from_millis((((now.0 - last.ntp.0) as u128 * 1000) >> 32) as u64);
    let mut block = ReportBlock {
        ssrc: 20,
        highest_sequence: 1000,
        last_sr: last.ntp.compact(),
        delay_since_last_sr: compact_duration(age.saturating_sub(Duration::from_millis(80))),
        ..ReportBlock::default()
    };
    for (highest, lost) in [(1000, 7), (1200, 57)] {
        block.highest_sequence = highest;
        block.cumulative_lost = lost;
        let mut compound = Vec::new();
        write_receiver_report(&mut compound, 99, &[block]);
        call.world.send_rtcp(&mut call.subscriber, &compound);
    }
    call.world.take_events();
    call.play(140, |number| number > 0 && number % 5 == 0);
    let events = call.world.take_events();
    call.world.events = events.clone();
    let up = call.statistics(1).expect("every 5 s");
    assert!((up.uplink_loss - 0.2).abs() < 0.02, "{}", up.uplink_loss);
    assert!(up.packets_received > 250 && up.bytes_received > 250 * 300);
    call.world.events = events;
    let down = call.statistics(2).expect("every 5 s");
    assert!(
        (down.downlink_loss - 0.25).abs() < 0.001,
        "50 of 200: {}",
        down.downlink_loss
    );
    let round_trip = down.round_trip_time.expect("measured");
    assert!(
        round_trip.abs_diff(Duration::from_millis(80)) < Duration::from_millis(5),
        "{round_trip:?}"
    );
    assert!(down.packets_sent > 250);
}

#[test]
fn the_mid_is_written_until_the_subscriber_shows_that_it_knows_the_stream() {
    let mut call = Call::new();
    call.play(1, |_| false);
    assert_eq!(
        call.world.heard(&mut call.subscriber).rtp[0].extension(10),
        Some(&b"20"[..])
    );
    let mut compound = Vec::new();
    let block = ReportBlock {
        ssrc: 20,
        ..ReportBlock::default()
    };
    write_receiver_report(&mut compound, 99, &[block]);
    call.world.send_rtcp(&mut call.subscriber, &compound);
    call.play(1, |_| false);
    let heard = call.world.heard(&mut call.subscriber).rtp;
    assert_eq!(heard[0].extension(10), None);
    assert!(heard[0].extension(8).is_some(), "the rest stays");
}

#[test]
fn transport_wide_numbers_and_send_times_are_ours_on_the_way_down() {
    let mut call = Call::new();
    call.play(40, |_| false);
    let heard = call.world.heard(&mut call.subscriber).rtp;
    for (number, packet) in (0_u16..).zip(&heard) {
        assert_eq!(packet.extension(8), Some(&number.to_be_bytes()[..]));
    }
    let time = |packet: &crate::kit::rtp::Packet| {
        let bytes = packet.extension(9).expect("negotiated");
        u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]])
    };
    let passed = time(heard.last().expect("80 packets")).wrapping_sub(time(&heard[0])) & 0xff_ffff;
    let expected = 39 * 33 * (1 << 18) / 1000;
    assert!(
        passed.abs_diff(expected) < 1000,
        "6.18 fixed point: {passed}"
    );
}
