//! Peers that hold valid keys and send whatever they like: a script of genuine and forged packets, read from the input.
//!
//! Whatever they do, the router goes on, every datagram it sends is sealed under the keys of its receiver, and no
//! index of those keys is used twice.
#![no_main]

#[path = "router/parameters.rs"]
mod parameters;
#[path = "router/world.rs"]
mod world;

use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|script: &[u8]| {
    let mut world = World::new();
    let mut rest = script;
    while let Some((&[step, choice, len], after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(after.len().min(usize::from(len)));
        rest = after;
        match step % 10 {
            0 => world.forged(choice, bytes),
            1 => world.packet(choice, bytes),
            2 => world.media(choice, bytes),
            3 => world.repair(choice, bytes),
            4 => world.compound(choice, bytes),
            5 => world.nack(choice, bytes),
            6 => world.key_frame_request(choice),
            7 => world.command(choice, bytes),
            8 => world.pass(choice),
            _ => world.flush(),
        }
    }
    world.flush();
    world.pass(u8::MAX);
});
