//! Dependency descriptors, several in a row: whatever they say, they can be masked, and say the same otherwise.
//!
//! The input is a row of descriptors, each behind a byte that is its length.
#![no_main]

use hoichan_wire::dependency_descriptor::{Descriptor, Structure};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut known = Structure::NONE;
    let mut rest = input;
    while let Some((&len, after)) = rest.split_first() {
        let (data, after) = after.split_at(usize::from(len).min(after.len()));
        rest = after;
        let Some(before) = Descriptor::parse(data, &mut known) else {
            continue;
        };
        before.opens(&known);
        let mask = known.targets_within(1, 1);
        let mut out = [0; 300];
        let len = before
            .write_active_targets(data, mask, &mut out)
            .expect("room");
        assert_eq!(len, before.len_with_active_targets(data));
        let mut again = known;
        let after = Descriptor::parse(&out[..len], &mut again).expect("we wrote it");
        assert_eq!(again, known);
        assert_eq!(after.active_targets, Some(mask));
        assert_eq!(after.frame, before.frame);
    }
});
