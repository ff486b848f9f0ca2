//! Codec payloads: what a descriptor says, what a subscriber is shown instead, and payloads made to confuse.

use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::vp8::{self, Descriptor};
use hoichan_wire::{av1, h264, vp9};
use proptest::collection::vec;
use proptest::prelude::*;

/// A key frame's first packet as Chrome sends it: 15-bit picture id, TL0PICIDX, TID.
const CHROME_KEYFRAME: &[u8] = &[
    0x90, 0xe0, 0x92, 0x34, 0x07, 0x00, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02,
];

#[test]
fn a_descriptor_as_chrome_writes_it() {
    let descriptor = Descriptor::parse(CHROME_KEYFRAME).unwrap();
    assert_eq!(descriptor.picture_id, Some(PictureId::Bits15(0x1234)));
    assert_eq!(descriptor.tl0_picture_index, Some(7));
    assert_eq!(descriptor.temporal_layer, Some((0, false)));
    assert_eq!(descriptor.key_index, None);
    assert_eq!(
        (
            descriptor.len,
            descriptor.partition,
            descriptor.starts_partition
        ),
        (6, 0, true)
    );
    assert!(vp8::is_keyframe(CHROME_KEYFRAME));
}

#[test]
fn only_the_first_packet_of_a_key_frame_is_one() {
    assert!(vp8::is_keyframe(&[0x10, 0x10]), "the shortest descriptor");
    assert!(!vp8::is_keyframe(&[0x10, 0x11]), "a predicted frame");
    assert!(!vp8::is_keyframe(&[0x00, 0x10]), "a later packet");
    assert!(!vp8::is_keyframe(&[0x11, 0x10]), "a later partition");
    assert!(!vp8::is_keyframe(&[0x10]), "no frame header");
    for len in 0..=6 {
        assert!(!vp8::is_keyframe(&CHROME_KEYFRAME[..len]), "{len} bytes");
    }
}

#[test]
fn a_subscriber_is_shown_numbers_of_its_own() {
    let mut payload = CHROME_KEYFRAME.to_vec();
    let mut descriptor = Descriptor::parse(&payload).unwrap();
    descriptor.picture_id = Some(PictureId::Bits15(0x7fff));
    descriptor.tl0_picture_index = Some(255);
    assert!(descriptor.patch(&mut payload));
    assert_eq!(payload[..6], [0x90, 0xe0, 0xff, 0xff, 0xff, 0x00]);
    assert_eq!(payload[6..], CHROME_KEYFRAME[6..]);
}

#[test]
fn temporal_layer_and_key_index_share_a_byte_without_harm() {
    let mut payload = vec![0x90, 0x30, 0x65, 0x10]; // TID 1, Y, KEYIDX 5
    let mut descriptor = Descriptor::parse(&payload).unwrap();
    assert_eq!(
        (descriptor.temporal_layer, descriptor.key_index),
        (Some((1, true)), Some(5))
    );
    descriptor.key_index = Some(31);
    assert!(descriptor.patch(&mut payload));
    assert_eq!(payload, [0x90, 0x30, 0x7f, 0x10]);
    descriptor.temporal_layer = Some((2, false));
    assert!(descriptor.patch(&mut payload));
    assert_eq!(payload, [0x90, 0x30, 0x9f, 0x10]);
}

#[test]
fn a_field_that_is_not_there_is_not_written() {
    let mut seven_bits = vec![0x90, 0x80, 0x11, 0x10];
    let descriptor = Descriptor::parse(CHROME_KEYFRAME).unwrap();
    assert!(descriptor.patch(&mut seven_bits));
    assert_eq!(seven_bits, [0x90, 0x80, 0x11, 0x10], "widths differ");
    let mut bare = vec![0x10, 0x10];
    assert!(descriptor.patch(&mut bare));
    assert_eq!(bare, [0x10, 0x10]);
    assert!(!descriptor.patch(&mut []));
}

proptest! {
    #[test]
    fn patching_is_read_back_and_touches_nothing_else(
        payload in vec(any::<u8>(), 1..24),
        id: u16, tl0: u8, layer in 0_u8..4, base: bool, key in 0_u8..32,
    ) {
        let Some(before) = Descriptor::parse(&payload) else { return Ok(()) };
        let wanted = Descriptor {
            picture_id: before.picture_id.map(|old| match old {
                PictureId::Bits7(_) => PictureId::Bits7(id as u8 & 0x7f),
                PictureId::Bits15(_) => PictureId::Bits15(id & 0x7fff),
            }),
            tl0_picture_index: before.tl0_picture_index.map(|_| tl0),
            temporal_layer: before.temporal_layer.map(|_| (layer, base)),
            key_index: before.key_index.map(|_| key),
            ..before
        };
        let mut patched = payload.clone();
        prop_assert!(wanted.patch(&mut patched));
        prop_assert_eq!(Descriptor::parse(&patched), Some(wanted));
        prop_assert_eq!(&patched[before.len..], &payload[before.len..]);
        prop_assert!(before.patch(&mut patched));
        let reserved_aside: Vec<_> = patched.iter().zip(&payload).filter(|(new, old)| new != old).collect();
        prop_assert!(reserved_aside.is_empty(), "{:?}", reserved_aside);
    }

    #[test]
    fn patching_vp9_is_read_back_and_touches_nothing_else(
        payload in vec(any::<u8>(), 1..12), id: u16, tl0: u8,
    ) {
        let Some(before) = vp9::Descriptor::parse(&payload) else { return Ok(()) };
        let wanted = vp9::Descriptor {
            picture_id: before.picture_id.map(|old| match old {
                PictureId::Bits7(_) => PictureId::Bits7(id as u8 & 0x7f),
                PictureId::Bits15(_) => PictureId::Bits15(id & 0x7fff),
            }),
            tl0_picture_index: before.tl0_picture_index.map(|_| tl0),
            ..before
        };
        let mut patched = payload.clone();
        prop_assert!(wanted.patch(&mut patched));
        prop_assert_eq!(vp9::Descriptor::parse(&patched), Some(wanted));
        prop_assert!(before.patch(&mut patched));
        prop_assert_eq!(patched, payload);
    }

    #[test]
    fn no_payload_brings_a_reader_down(payload in vec(any::<u8>(), 0..64)) {
        vp8::is_keyframe(&payload);
        vp9::is_keyframe(&payload);
        h264::is_keyframe(&payload);
        av1::is_keyframe(&payload);
    }
}
