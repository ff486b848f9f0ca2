//! STUN from strangers, before anything about them is known.
#![no_main]

use hoichan_wire::stun::{self, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let hint = stun::destination_ufrag(data);
    if let Some(message) = Message::parse(data) {
        // The demultiplexer finds the peer by the short cut; the peer must not find another name in there.
        assert!(
            hint.is_none()
                || message.destination_ufrag().is_none()
                || hint == message.destination_ufrag()
        );
    }
});
