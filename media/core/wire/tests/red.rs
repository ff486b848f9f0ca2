//! Redundant audio: as the RFC draws it, as Chromium sends it, and as nobody should.

use hoichan_wire::red::{self, MAX_REDUNDANT_LEN, MAX_TIMESTAMP_OFFSET, Red, Redundant};
use proptest::collection::vec;
use proptest::prelude::*;

/// One 20 ms packet of Opus (type 111) that repeats the one before, as Chromium sends it.
const CHROMIUM: &[u8] = &[
    0xef, 0x0f, 0x00, 0x03, // F, 111; offset 960, 3 bytes
    0x6f, // 111
    0x78, 0x01, 0x02, // the one before
    0x78, 0x0a, 0x0b, 0x0c, // this one
];

fn blocks(payload: &[u8]) -> Vec<(u8, u32, &[u8])> {
    let red = Red::parse(payload).expect("whole");
    red.redundant(payload)
        .chain([red.primary.clone()])
        .map(|block| {
            (
                block.payload_type,
                block.timestamp_offset,
                &payload[block.range],
            )
        })
        .collect()
}

#[test]
fn a_packet_as_chromium_sends_it() {
    assert_eq!(
        blocks(CHROMIUM),
        [
            (111, 960, &[0x78, 1, 2][..]),
            (111, 0, &[0x78, 10, 11, 12][..])
        ]
    );
}

#[test]
fn the_example_of_the_rfc() {
    // RFC 2198 §5: a block of LPC (type 7), 14 bytes, 20 ms at 8 kHz before a block of DVI4 (type 5) of 84 bytes.
    let mut payload = vec![0x87, 0x02, 0x80, 0x0e, 0x05];
    payload.extend([0x77; 14]);
    payload.extend([0x55; 84]);
    assert_eq!(
        blocks(&payload),
        [(7, 160, &[0x77; 14][..]), (5, 0, &[0x55; 84][..])]
    );
}

#[test]
fn without_redundancy_one_byte_goes_before_the_payload() {
    assert_eq!(blocks(&[0x6f, 1, 2]), [(111, 0, &[1, 2][..])]);
    assert_eq!(blocks(&[0x6f]), [(111, 0, &[][..])]);
}

#[test]
fn the_largest_numbers_keep_to_their_bits() {
    let mut payload = vec![0xff, 0xff, 0xff, 0xff, 0x7f];
    payload.extend([9; 1023]);
    assert_eq!(blocks(&payload)[0], (127, 16_383, &[9; 1023][..]));
    assert_eq!(blocks(&payload)[1], (127, 0, &[][..]));
}

#[test]
fn what_is_cut_short_is_nothing() {
    for len in 0..8 {
        assert_eq!(Red::parse(&CHROMIUM[..len]), None, "{len} bytes");
    }
    assert!(
        Red::parse(&CHROMIUM[..8]).is_some(),
        "an empty primary block"
    );
    assert_eq!(Red::parse(&[0x80; 64]), None, "headers without an end");
}

#[test]
fn written_as_chromium_writes_it() {
    let mut out = [0; 64];
    let before = Redundant {
        timestamp_offset: 960,
        payload: &[0x78, 1, 2],
    };
    let len = red::write(&mut out, 111, &[before], &[0x78, 10, 11, 12]);
    assert_eq!(len.map(|len| &out[..len]), Some(CHROMIUM));
    assert_eq!(red::payload_len(1, 3, 4), CHROMIUM.len());
}

#[test]
fn what_has_no_room_is_not_written() {
    let primary = [1; 10];
    assert_eq!(red::write(&mut [0; 10], 111, &[], &primary), None);
    assert_eq!(red::write(&mut [0; 11], 128, &[], &primary), None);
    let mut out = vec![0; 2000];
    let mut refused = |timestamp_offset, len: usize| {
        let payload = &vec![0; len];
        let one = Redundant {
            timestamp_offset,
            payload,
        };
        red::write(&mut out, 111, &[one], &primary).is_none()
    };
    assert!(refused(MAX_TIMESTAMP_OFFSET + 1, 1));
    assert!(refused(1, MAX_REDUNDANT_LEN + 1));
    assert!(!refused(MAX_TIMESTAMP_OFFSET, MAX_REDUNDANT_LEN));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        payload_type in 0_u8..128,
        redundant in vec((0..=MAX_TIMESTAMP_OFFSET, vec(any::<u8>(), 0..=MAX_REDUNDANT_LEN)), 0..5),
        primary in vec(any::<u8>(), 0..300),
    ) {
        let given: Vec<Redundant> = redundant
            .iter()
            .map(|(timestamp_offset, payload)| Redundant { timestamp_offset: *timestamp_offset, payload })
            .collect();
        let mut out = vec![0; 6000];
        let len = red::write(&mut out, payload_type, &given, &primary).expect("it fits");
        let mut expected: Vec<(u8, u32, &[u8])> =
            given.iter().map(|one| (payload_type, one.timestamp_offset, one.payload)).collect();
        expected.push((payload_type, 0, &primary));
        prop_assert_eq!(blocks(&out[..len]), expected);
    }

    #[test]
    fn whatever_comes_its_blocks_lie_inside_it_side_by_side(payload in vec(any::<u8>(), 0..200)) {
        let Some(red) = Red::parse(&payload) else { return Ok(()) };
        let mut end = red.redundant_count * red::REDUNDANT_HEADER_LEN + red::PRIMARY_HEADER_LEN;
        prop_assert_eq!(red.redundant(&payload).count(), red.redundant_count);
        for block in red.redundant(&payload).chain([red.primary.clone()]) {
            prop_assert_eq!(block.range.start, end);
            prop_assert!(block.payload_type < 128);
            end = block.range.end;
        }
        prop_assert_eq!(end, payload.len());
    }
}
