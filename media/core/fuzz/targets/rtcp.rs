//! RTCP compounds from peers: work stays in proportion to their bytes, and what was understood can be written again.
#![no_main]

use hoichan_wire::rtcp::{self, Packet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|compound: &[u8]| {
    let mut out = Vec::new();
    let items: usize = rtcp::packets(compound)
        .map(|packet| 1 + rewrite(&packet, &mut out))
        .sum();
    assert!(
        items <= 8 * compound.len() + 1,
        "{items} items in {} bytes",
        compound.len()
    );
});

/// Writes the packet anew, reads it back, and returns how many items it has.
fn rewrite(packet: &Packet<'_>, out: &mut Vec<u8>) -> usize {
    out.clear();
    match packet {
        Packet::SenderReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            rtcp::write_sender_report(out, &report.info, &blocks);
            let Packet::SenderReport(again) = only(out) else {
                panic!("not a sender report")
            };
            assert!(again.info == report.info && again.blocks().eq(report.blocks()));
            blocks.len()
        }
        Packet::ReceiverReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            rtcp::write_receiver_report(out, report.ssrc, &blocks);
            let Packet::ReceiverReport(again) = only(out) else {
                panic!("not a receiver report")
            };
            assert!(again.ssrc == report.ssrc && again.blocks().eq(report.blocks()));
            blocks.len()
        }
        Packet::Sdes(sdes) => sdes.cnames().count(),
        Packet::Bye(bye) => {
            let ssrcs: Vec<_> = bye.ssrcs().collect();
            rtcp::write_bye(out, &ssrcs);
            let Packet::Bye(again) = only(out) else {
                panic!("not a BYE")
            };
            assert!(again.ssrcs().eq(bye.ssrcs()));
            ssrcs.len()
        }
        Packet::Nack(nack) => rewrite_nack(nack, out),
        Packet::Fir(fir) => fir.entries().count(),
        Packet::TransportFeedback(feedback) => rewrite_feedback(feedback, out),
        Packet::Remb(remb) => {
            let ssrcs: Vec<_> = remb.ssrcs().collect();
            rtcp::write_remb(out, remb.sender_ssrc, remb.bitrate_bps, &ssrcs);
            let Packet::Remb(again) = only(out) else {
                panic!("not a REMB")
            };
            assert!(again.bitrate_bps <= remb.bitrate_bps && again.ssrcs().eq(remb.ssrcs()));
            ssrcs.len()
        }
        Packet::Pli { .. } | Packet::Unknown { .. } => 0,
    }
}

fn rewrite_nack(nack: &rtcp::Nack<'_>, out: &mut Vec<u8>) -> usize {
    let lost: Vec<_> = nack.lost().collect();
    let written = rtcp::write_nack(out, nack.sender_ssrc, nack.media_ssrc, &lost);
    let Packet::Nack(again) = only(out) else {
        panic!("not a NACK")
    };
    // A peer may repeat itself or go back; whoever reads ours must find each number that was put in.
    let read: Vec<_> = again.lost().collect();
    assert!(lost[..written].iter().all(|number| read.contains(number)));
    lost.len()
}

fn rewrite_feedback(feedback: &rtcp::TransportFeedback<'_>, out: &mut Vec<u8>) -> usize {
    // Numbers wrap in a feedback; ours are wide.
    let base = u64::from(feedback.base_sequence);
    let arrivals: Vec<_> = feedback
        .arrivals()
        .map(|arrival| {
            let offset = (arrival.sequence as u16).wrapping_sub(feedback.base_sequence);
            rtcp::Arrival {
                sequence: base + u64::from(offset),
                ..arrival
            }
        })
        .collect();
    let covered =
        rtcp::write_transport_feedback(out, (1, 2), feedback.feedback_count, base, &arrivals);
    if covered > 0 {
        let Packet::TransportFeedback(again) = only(out) else {
            panic!("not a feedback")
        };
        let read: Vec<_> = again.arrivals().collect();
        assert_eq!(read.len(), covered);
        let shift = arrivals[0].ticks - read[0].ticks; // The reference time wraps at 24 bits of 64 ms.
        let same = |(read, written): (&rtcp::Arrival, &rtcp::Arrival)| {
            read.sequence as u16 == written.sequence as u16 && read.ticks + shift == written.ticks
        };
        assert!(shift % (1 << 32) == 0 && read.iter().zip(&arrivals).all(same));
    }
    arrivals.len()
}

fn only(compound: &[u8]) -> Packet<'_> {
    let mut packets = rtcp::packets(compound);
    let packet = packets.next().expect("what we write is well-formed");
    assert!(packets.next().is_none());
    packet
}
