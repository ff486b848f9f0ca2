//! RTP headers from strangers: nothing is read outside the packet, and what was understood can be written again.
#![no_main]

use hoichan_wire::rtp::{ExtensionWriter, FIXED_HEADER_LEN, Form, Header, classify, write_fixed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|packet: &[u8]| {
    classify(packet);
    let Some(header) = Header::parse(packet) else {
        return;
    };
    assert!(header.len <= packet.len());
    if let Some(payload) = header.payload_range(packet) {
        assert!(header.len == payload.start && payload.end <= packet.len());
    }
    for (id, _) in header.extensions(packet) {
        assert!(header.extension(packet, id).is_some());
    }
    rewrite(&header, packet);
});

/// Writes the header anew, all extensions in the form that takes them all, and reads it back.
fn rewrite(header: &Header, packet: &[u8]) {
    let mut copy = vec![0; FIXED_HEADER_LEN + 2 * packet.len() + 8];
    let (fixed, block) = copy.split_first_chunk_mut().expect("longer than a header");
    write_fixed(fixed, &header.fields, true, false);
    let mut writer = ExtensionWriter::new(block, Form::TwoByte).expect("room for 4 bytes");
    for (id, data) in header.extensions(packet) {
        writer
            .push(id, data)
            .expect("every id and length fits the two-byte form");
    }
    let len = FIXED_HEADER_LEN + writer.finish(0).expect("room for padding");
    let again = Header::parse(&copy[..len]).expect("what we write is well-formed");
    assert_eq!(again.fields, header.fields);
    assert!(again.extensions(&copy).eq(header.extensions(packet)));
}
