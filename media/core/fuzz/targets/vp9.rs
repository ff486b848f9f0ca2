//! VP9 payloads: whatever they hold, the question for a key frame has an answer.
#![no_main]

use hoichan_wire::vp9;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    vp9::is_keyframe(payload);
});
