//! VP8 payloads: a patch changes what it should, never the length, and never what follows the descriptor.
#![no_main]

use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::vp8::{self, Descriptor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    vp8::is_keyframe(payload);
    let Some(before) = Descriptor::parse(payload) else {
        return;
    };
    assert!(before.len <= payload.len());
    let wanted = Descriptor {
        picture_id: before.picture_id.map(|id| match id {
            PictureId::Bits7(id) => PictureId::Bits7(!id & 0x7f),
            PictureId::Bits15(id) => PictureId::Bits15(!id & 0x7fff),
        }),
        tl0_picture_index: before.tl0_picture_index.map(|index| !index),
        temporal_layer: before
            .temporal_layer
            .map(|(layer, base)| (3 - layer, !base)),
        key_index: before.key_index.map(|index| 31 - index),
        ..before
    };
    let mut patched = payload.to_vec();
    assert!(wanted.patch(&mut patched));
    assert_eq!(Descriptor::parse(&patched), Some(wanted));
    assert_eq!(patched[before.len..], payload[before.len..]);
    assert!(before.patch(&mut patched));
    assert_eq!(patched, payload);
});
