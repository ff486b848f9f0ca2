//! DCEP messages: what was understood can be written again.
#![no_main]

use hoichan_wire::dcep::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(Message::Open(open)) = Message::parse(data) {
        let again = open
            .to_bytes()
            .expect("names that were read are short enough");
        assert_eq!(Message::parse(&again), Some(Message::Open(open)));
    }
});
