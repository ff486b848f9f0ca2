//! RED payloads: the blocks lie in the payload, side by side, and what is read is written again byte by byte.
#![no_main]

use hoichan_wire::red::{self, Red, Redundant};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let Some(parsed) = Red::parse(payload) else {
        return;
    };
    let blocks: Vec<_> = parsed.redundant(payload).collect();
    assert_eq!(blocks.len(), parsed.redundant_count);
    let redundant: Vec<Redundant> = blocks
        .iter()
        .map(|block| Redundant {
            timestamp_offset: block.timestamp_offset,
            payload: &payload[block.range.clone()],
        })
        .collect();
    let payload_type = parsed.primary.payload_type;
    let primary = &payload[parsed.primary.range];
    let mut written = vec![0; payload.len()];
    let len = red::write(&mut written, payload_type, &redundant, primary);
    assert_eq!(len, Some(payload.len()));
    if blocks.iter().all(|block| block.payload_type == payload_type) {
        assert_eq!(written, payload);
    }
});
