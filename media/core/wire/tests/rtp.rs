//! RTP headers, as peers send them and as strangers do.

use hoichan_wire::rtp::{
    ExtensionWriter, FIXED_HEADER_LEN, Fields, Form, Header, Kind, classify, write_fixed,
};
use proptest::prelude::*;

/// A packet with two CSRCs, a one-byte extension block and three bytes of padding.
const PACKET: &[u8] = &[
    0xb2, 0xe0, 0x12, 0x34, 0x00, 0x01, 0x02, 0x03, 0xca, 0xfe, 0xba, 0xbe, // fixed
    0, 0, 0, 1, 0, 0, 0, 2, // CSRCs
    0xbe, 0xde, 0, 3, 0x10, 0xff, 0, 0, 0x32, 1, 2, 3, 0x40, b'a', 0, 0, // extensions 1, 3, 4
    9, 8, 7, 6, 0, 0, 3, // payload and padding
];

#[test]
fn every_part_of_a_packet_is_found() {
    let header = Header::parse(PACKET).unwrap();
    assert_eq!(
        header.fields,
        Fields {
            marker: true,
            payload_type: 0x60,
            sequence: 0x1234,
            timestamp: 0x0001_0203,
            ssrc: 0xcafe_babe
        }
    );
    assert_eq!(header.len, 36);
    assert_eq!(header.payload(PACKET), Some(&[9, 8, 7, 6][..]));
    let extensions: Vec<_> = header.extensions(PACKET).collect();
    assert_eq!(
        extensions,
        [(1, &[0xff][..]), (3, &[1, 2, 3][..]), (4, &b"a"[..])]
    );
    assert_eq!(header.extension(PACKET, 3), Some(&[1, 2, 3][..]));
    assert_eq!(header.extension(PACKET, 2), None);
}

#[test]
fn the_view_of_an_encrypted_packet_fits_its_decrypted_copy() {
    let sealed = [&PACKET[..36], &[0xaa; 7], &[0x55; 16]].concat();
    let header = Header::parse(&sealed).unwrap();
    assert_eq!(header.payload_range(PACKET), Some(36..40));
    assert_eq!(header.extension(PACKET, 4), Some(&b"a"[..]));
}

#[test]
fn two_byte_extensions_may_be_long_or_empty() {
    let mut packet = [0; 64];
    write_fixed(packet.first_chunk_mut().unwrap(), &fields(), true, false);
    let mut writer = ExtensionWriter::new(&mut packet[FIXED_HEADER_LEN..], Form::TwoByte).unwrap();
    assert_eq!(writer.push(200, &[7; 20]), Some(6..26));
    assert_eq!(writer.push(15, &[]), Some(28..28));
    let len = FIXED_HEADER_LEN + writer.finish(0).unwrap();
    let header = Header::parse(&packet).unwrap();
    assert_eq!(header.len, len);
    assert_eq!(header.extension(&packet, 200), Some(&[7; 20][..]));
    assert_eq!(header.extension(&packet, 15), Some(&[][..]));
}

#[test]
fn id_15_ends_a_one_byte_block() {
    let packet = [&PACKET[..12], &[0xbe, 0xde, 0, 1, 0xf0, 1, 0x10, 2]].concat();
    let packet = [&[0x90], &packet[1..]].concat();
    let header = Header::parse(&packet).unwrap();
    assert_eq!(header.extensions(&packet).count(), 0);
}

#[test]
fn padding_that_lies_leaves_no_payload() {
    for count in [0, 8, 255] {
        let mut packet = PACKET.to_vec();
        *packet.last_mut().unwrap() = count;
        let header = Header::parse(&packet).unwrap();
        assert_eq!(header.payload(&packet), None, "padding of {count}");
    }
    let mut all_padding = PACKET.to_vec();
    *all_padding.last_mut().unwrap() = 7;
    assert_eq!(
        Header::parse(&all_padding).unwrap().payload(&all_padding),
        Some(&[][..])
    );
}

#[test]
fn a_header_cut_anywhere_is_refused() {
    for len in 0..36 {
        assert_eq!(Header::parse(&PACKET[..len]), None, "{len} bytes");
    }
    assert_eq!(Header::parse(&[0x40; 40]), None, "version 1");
}

#[test]
fn one_port_tells_its_protocols_apart() {
    assert_eq!(classify(&[0, 1]), Kind::Stun);
    assert_eq!(classify(&[22, 254]), Kind::Dtls);
    assert_eq!(classify(&[0x80, 200]), Kind::Rtcp);
    assert_eq!(classify(&[0x81, 206]), Kind::Rtcp);
    assert_eq!(classify(&[0x90, 0x60]), Kind::Rtp);
    assert_eq!(
        classify(&[0x90, 0xe0]),
        Kind::Rtp,
        "payload type 96 with marker"
    );
    assert_eq!(classify(&[64, 0]), Kind::Unknown, "a TURN channel");
    assert_eq!(classify(&[0x80]), Kind::Unknown);
    assert_eq!(classify(&[]), Kind::Unknown);
}

#[test]
fn elements_outside_their_form_are_refused_and_leave_no_trace() {
    let mut block = [0xee; 12];
    let mut writer = ExtensionWriter::new(&mut block, Form::OneByte).unwrap();
    assert_eq!(writer.push(0, &[1]), None);
    assert_eq!(writer.push(15, &[1]), None);
    assert_eq!(writer.push(1, &[]), None);
    assert_eq!(writer.push(1, &[0; 17]), None);
    assert_eq!(writer.push(1, &[0; 8]), None, "does not fit");
    assert_eq!(writer.finish(0), Some(4));
    assert_eq!(block[..4], [0xbe, 0xde, 0, 0]);
    assert_eq!(block[4..], [0xee; 8]);
}

#[test]
fn filler_lengthens_a_block_and_says_nothing() {
    let mut packet = [0xee; 40];
    write_fixed(packet.first_chunk_mut().unwrap(), &fields(), true, false);
    let mut writer = ExtensionWriter::new(&mut packet[FIXED_HEADER_LEN..], Form::OneByte).unwrap();
    writer.push(5, &[1, 2]).unwrap();
    assert_eq!(writer.finish(9), Some(16));
    let header = Header::parse(&packet).unwrap();
    assert_eq!(
        header.extensions(&packet).collect::<Vec<_>>(),
        [(5, &[1, 2][..])]
    );
    assert_eq!(header.len, 28);
}

fn fields() -> Fields {
    Fields {
        marker: false,
        payload_type: 111,
        sequence: 7,
        timestamp: 960,
        ssrc: 1,
    }
}

prop_compose! {
    fn any_fields()(marker: bool, payload_type in 0_u8..128, sequence: u16, timestamp: u32, ssrc: u32) -> Fields {
        Fields { marker, payload_type, sequence, timestamp, ssrc }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        fields in any_fields(),
        elements in proptest::collection::vec((1_u8..15, proptest::collection::vec(any::<u8>(), 1..=16)), 0..8),
        two_byte: bool,
        filler in 0_usize..20,
        payload in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut packet = vec![0; 512];
        write_fixed(packet.first_chunk_mut().unwrap(), &fields, true, false);
        let form = if two_byte { Form::TwoByte } else { Form::OneByte };
        let mut writer = ExtensionWriter::new(&mut packet[FIXED_HEADER_LEN..], form).unwrap();
        let places: Vec<_> = elements.iter().map(|(id, data)| writer.push(*id, data).unwrap()).collect();
        let len = FIXED_HEADER_LEN + writer.finish(filler).unwrap();
        packet.truncate(len);
        packet.extend_from_slice(&payload);

        let header = Header::parse(&packet).unwrap();
        prop_assert_eq!(header.fields, fields);
        prop_assert_eq!(header.payload(&packet), Some(&payload[..]));
        let read: Vec<_> = header.extensions(&packet).map(|(id, data)| (id, data.to_vec())).collect();
        prop_assert_eq!(&read, &elements);
        for (place, (_, data)) in places.into_iter().zip(&elements) {
            prop_assert_eq!(&packet[FIXED_HEADER_LEN..][place], &data[..]);
        }
    }

    #[test]
    fn no_bytes_bring_the_reader_down(packet in proptest::collection::vec(any::<u8>(), 0..200), first in 0x80_u8..0xc0) {
        let mut packet = packet;
        if let Some(byte) = packet.first_mut() {
            *byte = first;
        }
        classify(&packet);
        if let Some(header) = Header::parse(&packet) {
            prop_assert!(header.len <= packet.len());
            prop_assert!(header.payload(&packet).is_none_or(|payload| payload.len() <= packet.len() - header.len));
            prop_assert!(header.extensions(&packet).map(|(_, data)| data.len() + 1).sum::<usize>() <= header.len);
        }
    }
}
