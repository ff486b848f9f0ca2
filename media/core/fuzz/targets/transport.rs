//! A peer's transport under a script read from the input: what strangers send before anyone is known, what a peer
//! sends that has connected, and what the control plane asks for meanwhile.
//!
//! Whatever happens, nobody gets more bytes than it sent before it has proved itself, keys come only to the
//! announced certificate, nothing follows a failure, and time goes on.
#![no_main]

#[path = "transport/peer.rs"]
mod peer;
#[path = "transport/world.rs"]
mod world;

use hoichan_transport::Event;
use libfuzzer_sys::fuzz_target;
use world::World;

const LABELS: [&str; 4] = ["_reliable", "_lossy", "", "other"];

fuzz_target!(|script: &[u8]| {
    let Some((&beginning, mut rest)) = script.split_first() else {
        return;
    };
    let mut world = World::new(beginning & 2 != 0, beginning & 4 != 0);
    if beginning & 1 != 0 {
        world.establish();
    }
    while let Some((&[step, choice, len], after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(after.len().min(usize::from(len)));
        rest = after;
        let label = LABELS[usize::from(choice) % LABELS.len()];
        match step % 13 {
            0 => world.datagram(choice, bytes),
            1 => world.check(choice, bytes),
            2 => world.spoiled_check(choice, bytes),
            3 => world.shake_hands(bytes),
            4 => world.connect(choice),
            5 => world.restart_ice(choice),
            6 => world.event(Event::OpenChannel {
                label,
                ordered: choice & 16 != 0,
                max_retransmits: (choice & 32 != 0).then_some(u32::from(choice >> 6)),
            }),
            7 => world.event(Event::SendData {
                label,
                payload: &bytes.repeat(1 + 40 * usize::from(choice >> 2)),
            }),
            8 => world.event(Event::MediaSeen),
            9 => world.lose_path(choice),
            10 => world.pass(choice),
            11 => world.chunk(choice, bytes),
            _ => world.sctp_packet(bytes),
        }
    }
    world.pass(u8::MAX);
    world.event(Event::Close);
    world.ended();
});
