//! H.264 payloads: whatever they hold, the question for a key frame has an answer.
#![no_main]

use hoichan_wire::h264;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    h264::is_keyframe(payload);
});
