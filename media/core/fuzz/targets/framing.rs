//! A TCP stream in pieces: however it is cut, the same frames come out.
#![no_main]

use hoichan_wire::framing::{Decoder, MAX_FRAME};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&piece, stream)) = input.split_first() else {
        return;
    };
    let whole = frames(stream, stream.len().max(1));
    let cut = frames(stream, usize::from(piece).max(1));
    assert_eq!(whole, cut);
});

fn frames(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    let ended_well = stream.chunks(piece).all(|bytes| {
        let taken = decoder.feed(bytes, |frame| {
            assert!((1..=MAX_FRAME).contains(&frame.len()));
            frames.push(frame.to_vec());
        });
        taken.is_ok()
    });
    (frames, ended_well)
}
