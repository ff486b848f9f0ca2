//! Dependency descriptors: what they say, what a subscriber is shown instead, and descriptors made to confuse.

use hoichan_wire::dependency_descriptor::{Descriptor, Indication, Structure};
use proptest::collection::vec;
use proptest::prelude::*;

/// A key frame of L1T2: two decode targets, one chain, templates for a key frame, T0 and T1. Field by field, after
/// the 24 mandatory bits: flags 10000, template offset 000000, targets 00001, layers 00 01 11, indications 1010 1010
/// 0001, references 0 100010 100000, chains 10 (ns), their distances 0000 0010 0001, resolutions 0.
const KEY_FRAME: &[u8] = &[
    0xc0, 0x00, 0x07, 0x80, 0x01, 0x1e, 0xa8, 0x51, 0x41, 0x01, 0x08,
];

fn begun() -> Structure {
    let mut structure = Structure::NONE;
    Descriptor::parse(KEY_FRAME, &mut structure).expect("whole");
    structure
}

#[test]
fn a_key_frame_brings_the_structure() {
    let mut structure = Structure::NONE;
    let descriptor = Descriptor::parse(KEY_FRAME, &mut structure).expect("whole");
    assert!(descriptor.starts_frame && descriptor.ends_frame && descriptor.has_structure);
    assert_eq!(descriptor.frame_number, 7);
    assert_eq!(structure.targets(), [(0, 0), (0, 1)]);
    assert!(!descriptor.is_predicted());
    assert_eq!(descriptor.opens(&structure), 1);
    assert_eq!(structure.targets_within(0, 0), 0b01);
    assert_eq!(structure.targets_within(9, 9), 0b11);
}

#[test]
fn later_frames_name_a_template() {
    let mut structure = begun();
    let upper = Descriptor::parse(&[0xc2, 0x00, 0x08], &mut structure).expect("three bytes");
    assert_eq!((upper.frame.spatial, upper.frame.temporal), (0, 1));
    assert_eq!(upper.frame.references.distances(), [1]);
    assert_eq!(upper.frame.chains.distances(), [1]);
    assert_eq!(upper.frame.indications.of(0), Indication::NotPresent);
    assert_eq!(upper.frame.indications.of(1), Indication::Discardable);
    assert!(upper.is_predicted());
    let base = Descriptor::parse(&[0x81, 0x00, 0x09], &mut structure).expect("three bytes");
    assert_eq!(base.frame.references.distances(), [2]);
    assert_eq!(base.frame.indications.of(1), Indication::Switch);
    assert_eq!(base.opens(&structure), 1);
    assert!(base.starts_frame && !base.ends_frame);
}

#[test]
fn a_frame_may_differ_from_its_template_in_all_it_has() {
    // Flags 00111, indications 11 00, references 01 0010, 10 0001 0010 and no more, chain 0000 0101.
    let own = [0xc1, 0x00, 0x0a, 0x3e, 0x25, 0x09, 0x00, 0xa0];
    let descriptor = Descriptor::parse(&own, &mut begun()).expect("whole");
    assert_eq!(descriptor.frame.indications.of(0), Indication::Required);
    assert_eq!(descriptor.frame.indications.of(1), Indication::NotPresent);
    assert_eq!(descriptor.frame.references.distances(), [3, 19]);
    assert_eq!(descriptor.frame.chains.distances(), [5]);
}

#[test]
fn a_mask_says_what_is_still_being_sent() {
    let masked = [0xc1, 0x00, 0x09, 0x42];
    let descriptor = Descriptor::parse(&masked, &mut begun()).expect("whole");
    assert_eq!(descriptor.active_targets, Some(0b01));
}

#[test]
fn what_names_no_known_template_is_not_guessed_at() {
    let mut nothing = Structure::NONE;
    assert_eq!(Descriptor::parse(&[0xc2, 0x00, 0x08], &mut nothing), None);
    assert_eq!(
        Descriptor::parse(&[0xc3, 0x00, 0x08], &mut begun()),
        None,
        "there are three"
    );
}

#[test]
fn a_structure_cut_short_changes_nothing() {
    for len in 0..KEY_FRAME.len() - 1 {
        let mut structure = Structure::NONE;
        assert_eq!(Descriptor::parse(&KEY_FRAME[..len], &mut structure), None);
        assert_eq!(structure, Structure::NONE);
    }
}

#[test]
fn a_subscriber_is_shown_which_targets_it_gets() {
    let shown = |data: &[u8]| {
        let descriptor = Descriptor::parse(data, &mut begun()).expect("whole");
        let mut out = [0xff; 16];
        let len = descriptor.write_active_targets(data, 0b01, &mut out);
        out[..len.expect("room")].to_vec()
    };
    assert_eq!(shown(&[0xc1, 0x00, 0x09]), [0xc1, 0x00, 0x09, 0x42]);
    assert_eq!(
        shown(&[0xc1, 0x00, 0x09, 0x44]),
        [0xc1, 0x00, 0x09, 0x42],
        "in the place of another mask"
    );
    let descriptor = Descriptor::parse(&shown(KEY_FRAME), &mut begun()).expect("whole");
    assert_eq!(descriptor.active_targets, Some(0b01));
    assert!(descriptor.has_structure);
}

proptest! {
    #[test]
    fn whatever_is_read_can_be_masked_and_says_the_same_otherwise(
        start in vec(any::<u8>(), 0..40), later in vec(any::<u8>(), 3..40), mask: u32,
    ) {
        let mut known = begun();
        Descriptor::parse(&start, &mut known);
        let Some(before) = Descriptor::parse(&later, &mut known) else { return Ok(()) };
        let mask = mask & known.targets_within(u8::MAX, u8::MAX);
        let mut out = [0; 64];
        let len = before.write_active_targets(&later, mask, &mut out).expect("room");
        prop_assert_eq!(len, before.len_with_active_targets(&later));
        let mut again = known;
        let after = Descriptor::parse(&out[..len], &mut again).expect("we wrote it");
        prop_assert_eq!(again, known);
        prop_assert_eq!(after.active_targets, Some(mask));
        prop_assert_eq!(after.frame, before.frame);
        prop_assert_eq!(after.frame_number, before.frame_number);
        prop_assert_eq!(before.write_active_targets(&later, mask, &mut out[..len - 1]), None);
    }

    #[test]
    fn structures_of_every_kind_are_bounded(
        tail in vec(any::<u8>(), 0..250), flags in 0_u8..8,
    ) {
        let mut data = vec![0xc0, 0, 1, 0x80 | flags << 3];
        data.extend(tail);
        let mut known = Structure::NONE;
        if Descriptor::parse(&data, &mut known).is_some() {
            prop_assert!(known.targets().iter().all(|target| target.0 <= 3 && target.1 <= 7));
        }
    }
}
