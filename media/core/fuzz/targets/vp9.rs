//! VP9 payloads: a patch changes picture id and TL0PICIDX, never the length, and nothing else.
#![no_main]

use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::vp9::{self, Descriptor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    vp9::is_keyframe(payload);
    let Some(before) = Descriptor::parse(payload) else {
        return;
    };
    let wanted = Descriptor {
        picture_id: before.picture_id.map(|id| match id {
            PictureId::Bits7(id) => PictureId::Bits7(!id & 0x7f),
            PictureId::Bits15(id) => PictureId::Bits15(!id & 0x7fff),
        }),
        tl0_picture_index: before.tl0_picture_index.map(|index| !index),
        ..before
    };
    let mut patched = payload.to_vec();
    assert!(wanted.patch(&mut patched));
    assert_eq!(Descriptor::parse(&patched), Some(wanted));
    assert!(before.patch(&mut patched));
    assert_eq!(patched, payload);
});
