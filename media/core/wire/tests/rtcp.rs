//! RTCP: golden bytes, builders read back by the reader, and peers that lie.

use hoichan_wire::ntp::NtpTime;
use hoichan_wire::rtcp::{self, Arrival, Packet, ReportBlock, SenderInfo};
use proptest::collection::vec;
use proptest::prelude::*;

fn only(compound: &[u8]) -> Packet<'_> {
    let mut packets = rtcp::packets(compound);
    let packet = packets.next().expect("one packet");
    assert!(packets.next().is_none());
    packet
}

#[test]
fn a_compound_is_walked_packet_by_packet() {
    let mut compound = Vec::new();
    rtcp::write_sender_report(
        &mut compound,
        &SenderInfo::default(),
        &[ReportBlock::default()],
    );
    rtcp::write_cname(&mut compound, 7, b"host");
    rtcp::write_bye(&mut compound, &[7, 8]);
    let kinds: Vec<_> = rtcp::packets(&compound).collect();
    let [
        Packet::SenderReport(report),
        Packet::Sdes(sdes),
        Packet::Bye(bye),
    ] = &kinds[..]
    else {
        panic!("{kinds:?}");
    };
    assert_eq!(report.blocks().count(), 1);
    assert_eq!(sdes.cnames().collect::<Vec<_>>(), [(7, &b"host"[..])]);
    assert_eq!(bye.ssrcs().collect::<Vec<_>>(), [7, 8]);
}

#[test]
fn a_report_block_is_read_field_by_field() {
    let bytes = [
        0x81, 0xc9, 0, 7, 0, 0, 0, 9, // RR from 9
        0, 0, 0, 1, 0x40, 0xff, 0xff, 0xfe, 0, 1, 0, 2, 0, 0, 0, 3, 0xb7, 0x05, 0x20, 0, 0, 5,
        0x40, 0,
    ];
    let Packet::ReceiverReport(report) = only(&bytes) else {
        panic!()
    };
    let block = report.blocks().next().unwrap();
    assert_eq!((report.ssrc, block.ssrc, block.fraction_lost), (9, 1, 64));
    assert_eq!(block.cumulative_lost, -2, "duplicates make it negative");
    assert_eq!(
        (block.last_sr, block.delay_since_last_sr),
        (0xb705_2000, 0x0005_4000)
    );
}

#[test]
fn a_nack_names_its_packets_across_the_wrap() {
    let bytes = [
        0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0x80, 0x01,
    ];
    let Packet::Nack(nack) = only(&bytes) else {
        panic!()
    };
    assert_eq!(nack.lost().collect::<Vec<_>>(), [0xffff, 0, 15]);
}

#[test]
fn key_frame_requests_name_their_source() {
    let mut compound = Vec::new();
    rtcp::write_pli(&mut compound, 1, 2);
    assert_eq!(compound, [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    assert!(matches!(
        only(&compound),
        Packet::Pli {
            sender_ssrc: 1,
            media_ssrc: 2
        }
    ));

    let fir = [
        0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 9, 0, 0, 0,
    ];
    let Packet::Fir(fir) = only(&fir) else {
        panic!()
    };
    assert_eq!(fir.entries().collect::<Vec<_>>(), [(2, 9)]);
}

#[test]
fn a_remb_keeps_eighteen_bits_of_its_rate() {
    let mut compound = Vec::new();
    rtcp::write_remb(&mut compound, 1, 1_234_567, &[5]);
    assert_eq!(
        compound[16..20],
        [1, 3 << 2 | 2, 0x5a, 0xd0],
        "154 320 * 2^3"
    );
    let Packet::Remb(remb) = only(&compound) else {
        panic!()
    };
    assert_eq!(remb.bitrate_bps, 1_234_560);
    assert_eq!(remb.ssrcs().collect::<Vec<_>>(), [5]);
}

#[test]
fn feedback_reads_runs_and_vectors_and_signed_times() {
    let bytes = [
        0x8f, 205, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, // from 1, about 2
        0xff, 0xfe, 0, 11, 0xff, 0xff, 0xff,
        3, // from 65534, 11 statuses, reference -1, number 3
        0x20, 0x02, // run of 2 small
        0x00, 0x05, // run of 5 missing
        0xd8, 0x00, // vector of two bits: small, large, missing …
        10, 0, 4, 0xff, 0xf8, 0, // deltas 10, 0, 4, -8
    ];
    let Packet::TransportFeedback(feedback) = only(&bytes) else {
        panic!()
    };
    assert_eq!(
        (
            feedback.base_sequence,
            feedback.status_count,
            feedback.feedback_count
        ),
        (0xfffe, 11, 3)
    );
    let arrivals: Vec<_> = feedback
        .arrivals()
        .map(|arrival| (arrival.sequence, arrival.ticks))
        .collect();
    assert_eq!(
        arrivals,
        [(0xfffe, -246), (0xffff, -246), (5, -242), (6, -250)]
    );
}

#[test]
fn feedback_that_promises_more_times_than_it_has_ends_early() {
    let bytes = [
        0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0, //
        0x3f, 0xff, 0x3f, 0xff, // 16 382 arrivals of the 65 535 promised
    ];
    assert!(
        matches!(only(&bytes), Packet::Unknown { packet_type: 205 }),
        "chunks do not cover the count"
    );
    let bytes = [
        &bytes[..14],
        &[0x1f, 0xff],
        &bytes[16..20],
        &[0x3f, 0xff, 1, 2],
    ]
    .concat();
    let Packet::TransportFeedback(feedback) = only(&bytes) else {
        panic!()
    };
    assert_eq!(feedback.arrivals().count(), 2);
}

#[test]
fn bodies_that_lie_are_unknown_and_the_walk_goes_on() {
    let mut compound = vec![0x9f, 200, 0, 1, 0, 0, 0, 1]; // 31 report blocks in four bytes.
    rtcp::write_pli(&mut compound, 1, 2);
    let packets: Vec<_> = rtcp::packets(&compound).collect();
    assert!(
        matches!(
            packets[..],
            [Packet::Unknown { packet_type: 200 }, Packet::Pli { .. }]
        ),
        "{packets:?}"
    );
}

#[test]
fn lengths_that_lie_end_the_walk() {
    let mut compound = Vec::new();
    rtcp::write_pli(&mut compound, 1, 2);
    compound.extend_from_slice(&[0x80, 200, 0xff, 0xff, 0]);
    assert_eq!(rtcp::packets(&compound).count(), 1);
    compound.truncate(12);
    compound.extend_from_slice(&[0x40, 200, 0, 0]);
    assert_eq!(rtcp::packets(&compound).count(), 1, "version 1");
}

#[test]
fn padding_is_taken_off_or_the_packet_is_unknown() {
    let padded = [0xa1, 203, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4];
    let Packet::Bye(bye) = only(&padded) else {
        panic!()
    };
    assert_eq!(bye.ssrcs().collect::<Vec<_>>(), [7]);
    for count in [0, 9, 255] {
        let mut lying = padded;
        lying[11] = count;
        assert!(matches!(only(&lying), Packet::Unknown { packet_type: 203 }));
    }
}

#[test]
fn seventeen_losses_in_a_row_are_one_item() {
    let lost: Vec<u16> = (0..17)
        .map(|offset| 0xfff8_u16.wrapping_add(offset))
        .collect();
    let mut compound = Vec::new();
    assert_eq!(rtcp::write_nack(&mut compound, 1, 2, &lost), 17);
    assert_eq!(
        compound,
        [
            0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xf8, 0xff, 0xff
        ]
    );
}

#[test]
fn feedback_is_written_in_the_fewest_chunks() {
    let arrival = |sequence, ticks| Arrival { sequence, ticks };
    // 20 in a row, 1 ms apart; then one lost, one late by a second, one lost, one at once.
    let mut arrivals: Vec<_> = (0..20)
        .map(|n| arrival(100 + n, 512 + 4 * n as i64))
        .collect();
    arrivals.extend([arrival(121, 4588), arrival(123, 4588)]);
    let mut compound = Vec::new();
    assert_eq!(
        rtcp::write_transport_feedback(&mut compound, (1, 2), 9, 100, &arrivals),
        22
    );
    let expected = [
        &[0x8f, 205, 0, 11, 0, 0, 0, 1, 0, 0, 0, 2][..],
        &[0, 100, 0, 24, 0, 0, 2, 9], // from 100, 24 statuses, reference 2 * 64 ms, number 9
        &[0x20, 20],                  // run: 20 small
        &[0xc8, 0x40],                // vector of two bits: missing, large, missing, small
        &[0],
        &[4; 19],
        &[0x0f, 0xa0, 0], // 4000 ticks, none
        &[0],             // to the word
    ];
    assert_eq!(compound, expected.concat());
}

#[test]
fn a_long_loss_takes_more_than_one_nack() {
    let lost: Vec<u16> = (0..300).map(|number| number * 20).collect();
    let mut compound = Vec::new();
    assert_eq!(rtcp::write_nack(&mut compound, 1, 2, &lost), 256);
    let Packet::Nack(nack) = only(&compound) else {
        panic!()
    };
    assert_eq!(nack.lost().collect::<Vec<_>>(), lost[..256]);
}

prop_compose! {
    fn any_block()(
        ssrc: u32, fraction_lost: u8, cumulative_lost in -0x80_0000..0x80_0000, highest_sequence: u32,
        jitter: u32, last_sr: u32, delay_since_last_sr: u32,
    ) -> ReportBlock {
        ReportBlock { ssrc, fraction_lost, cumulative_lost, highest_sequence, jitter, last_sr, delay_since_last_sr }
    }
}

/// Arrivals by rising sequence: gaps, and times that go back now and then.
fn any_arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let gap = prop_oneof![8 => Just(1_u64), 2 => 2_u64..40, 1 => 1000_u64..5000];
    let delta = prop_oneof![8 => 0_i64..300, 2 => -40_i64..0, 1 => 20_000_i64..60_000];
    (
        any::<u32>(),
        -2_000_000_000_i64..2_000_000_000,
        vec((gap, delta), 1..600),
    )
        .prop_map(|(first, start, steps)| {
            let mut at = Arrival {
                sequence: u64::from(first),
                ticks: start,
            };
            steps
                .into_iter()
                .map(|(gap, delta)| {
                    at = Arrival {
                        sequence: at.sequence + gap,
                        ticks: at.ticks + delta,
                    };
                    at
                })
                .collect()
        })
}

proptest! {
    #[test]
    fn reports_are_read_as_written(
        ssrc: u32, ntp: u64, rtp_timestamp: u32, packet_count: u32, octet_count: u32, blocks in vec(any_block(), 0..40),
    ) {
        let info = SenderInfo { ssrc, ntp: NtpTime(ntp), rtp_timestamp, packet_count, octet_count };
        let written = &blocks[..blocks.len().min(rtcp::MAX_COUNT)];
        let mut compound = Vec::new();
        rtcp::write_sender_report(&mut compound, &info, &blocks);
        let Packet::SenderReport(report) = only(&compound) else { panic!() };
        prop_assert_eq!(report.info, info);
        prop_assert_eq!(&report.blocks().collect::<Vec<_>>()[..], written);

        compound.clear();
        rtcp::write_receiver_report(&mut compound, ssrc, &blocks);
        let Packet::ReceiverReport(report) = only(&compound) else { panic!() };
        prop_assert_eq!(report.ssrc, ssrc);
        prop_assert_eq!(&report.blocks().collect::<Vec<_>>()[..], written);
    }

    #[test]
    fn names_are_read_as_written(ssrc: u32, cname in vec(any::<u8>(), 0..300)) {
        let mut compound = Vec::new();
        rtcp::write_cname(&mut compound, ssrc, &cname);
        let Packet::Sdes(sdes) = only(&compound) else { panic!() };
        prop_assert_eq!(sdes.cnames().collect::<Vec<_>>(), [(ssrc, &cname[..cname.len().min(255)])]);
    }

    #[test]
    fn losses_are_read_as_written(first: u16, gaps in vec(1_u16..60, 0..200)) {
        let lost: Vec<u16> = gaps.iter().scan(first, |at, gap| { *at = at.wrapping_add(*gap); Some(*at) }).collect();
        let mut compound = Vec::new();
        let written = rtcp::write_nack(&mut compound, 1, 2, &lost);
        let Packet::Nack(nack) = only(&compound) else { panic!() };
        prop_assert_eq!(nack.lost().collect::<Vec<_>>(), &lost[..written]);
        prop_assert!(written == lost.len());
    }

    #[test]
    fn rates_lose_less_than_one_in_a_hundred_thousand(bitrate: u64, ssrcs in vec(any::<u32>(), 0..300)) {
        let mut compound = Vec::new();
        rtcp::write_remb(&mut compound, 1, bitrate, &ssrcs);
        let Packet::Remb(remb) = only(&compound) else { panic!() };
        prop_assert!(remb.bitrate_bps <= bitrate && bitrate - remb.bitrate_bps <= bitrate / 100_000);
        prop_assert_eq!(remb.ssrcs().collect::<Vec<_>>(), &ssrcs[..ssrcs.len().min(255)]);
    }

    #[test]
    fn arrivals_are_read_as_written_over_as_many_feedbacks_as_it_takes(arrivals in any_arrivals(), lead in 0_u64..50) {
        let mut rest = &arrivals[..];
        let mut base = arrivals[0].sequence - lead.min(arrivals[0].sequence);
        while !rest.is_empty() {
            let mut compound = Vec::new();
            let covered = rtcp::write_transport_feedback(&mut compound, (1, 2), 3, base, rest);
            prop_assert!(covered > 0 && compound.len() <= 1300, "{} in {} bytes", covered, compound.len());
            let Packet::TransportFeedback(feedback) = only(&compound) else { panic!() };
            prop_assert_eq!(feedback.base_sequence, base as u16);
            prop_assert_eq!(u64::from(feedback.status_count), rest[covered - 1].sequence - base + 1);
            let read: Vec<_> = feedback.arrivals().collect();
            // The reference time has 24 bits, so what is read differs by a multiple of its range.
            let shift = rest[0].ticks - read[0].ticks;
            prop_assert_eq!(shift % (1 << 32), 0);
            prop_assert_eq!(read.len(), covered);
            for (read, written) in read.iter().zip(rest) {
                prop_assert_eq!(read.sequence as u16, written.sequence as u16);
                prop_assert_eq!(read.ticks + shift, written.ticks);
            }
            rest = &rest[covered..];
            base = rest.first().map_or(0, |next| next.sequence);
        }
    }

    #[test]
    fn no_bytes_bring_the_reader_down(
        bytes in vec(any::<u8>(), 0..300),
        heads in vec((0x80_u8..0xc0, 200_u8..208, 0_u8..20), 0..8),
    ) {
        let mut compound = bytes;
        let mut at = 0;
        for (first, packet_type, words) in heads {
            if let Some(head) = compound.get_mut(at..at + 4) {
                head.copy_from_slice(&[first, packet_type, 0, words]);
            }
            at += 4 + 4 * usize::from(words);
        }
        prop_assert!(items(&compound) <= 8 * compound.len() + 8);
    }
}

/// Reads everything there is in a compound, and counts it.
fn items(compound: &[u8]) -> usize {
    rtcp::packets(compound)
        .map(|packet| {
            1 + match packet {
                Packet::SenderReport(report) => report.blocks().count(),
                Packet::ReceiverReport(report) => report.blocks().count(),
                Packet::Sdes(sdes) => sdes.cnames().count(),
                Packet::Bye(bye) => bye.ssrcs().count(),
                Packet::Nack(nack) => nack.lost().count(),
                Packet::Fir(fir) => fir.entries().count(),
                Packet::TransportFeedback(feedback) => feedback.arrivals().count(),
                Packet::Remb(remb) => remb.ssrcs().count(),
                Packet::Pli { .. } | Packet::Unknown { .. } => 0,
            }
        })
        .sum()
}
