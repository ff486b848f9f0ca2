//! What one forwarded packet costs in memory: open, store, rewrite, seal; no sockets.
//!
//! `cargo run --release -p hoichan-router --example fanout [subscribers] [burst] [seconds of CPU]`
//!
//! One publisher of VP8 packets of 1200 bytes, AES-128-GCM. Datagrams are sealed beforehand; only `receive` and
//! `flush` are measured, by the CPU time of this thread.

#[path = "../tests/kit/mod.rs"]
mod kit;

use hoichan_router::Outbox;
use kit::World;
use kit::camera::Camera;
use std::time::{Duration, Instant};

/// Bytes of payload: 1200 with header, extensions and tag.
const PAYLOAD_LEN: usize = 1140;

/// Packets sealed ahead at a time.
const ROUND: usize = 4096;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: u32| {
        let given = arguments.next().map(|text| text.parse());
        given.map_or(default, |number| number.expect("a number"))
    };
    let (subscribers, burst, seconds) = (argument(50), argument(8) as usize, argument(3));
    let mut world = World::new();
    let mut publisher = world.peer(1);
    let producer = world.publish_video(&publisher, 1, &["f"]);
    for id in 10..10 + subscribers {
        let peer = world.peer(id);
        world.subscribe(&peer, u64::from(id), producer);
    }
    let mut camera = Camera::new(5, "f");
    let mut outbox = Outbox::new();
    let (mut spent, mut wall, mut forwarded, mut messages) = (Duration::ZERO, Duration::ZERO, 0, 0);
    let mut is_key = true;
    while spent < Duration::from_secs(u64::from(seconds)) {
        let mut bursts = Vec::new();
        for _ in 0..ROUND / burst {
            let frame = camera.frame(std::mem::take(&mut is_key), burst, PAYLOAD_LEN);
            let sealed: Vec<Vec<u8>> = frame.iter().map(|packet| publisher.seal(packet)).collect();
            bursts.push(sealed);
        }
        let (begun, begun_wall) = (thread_time(), Instant::now());
        for datagrams in &bursts {
            for datagram in datagrams {
                world
                    .router
                    .receive(world.now, publisher.endpoint, datagram);
            }
            world.router.flush(world.now, &mut outbox);
            messages += outbox.messages().len();
            forwarded += outbox
                .messages()
                .iter()
                .map(|one| u64::from(one.count))
                .sum::<u64>();
            outbox.clear();
        }
        spent += thread_time() - begun;
        wall += begun_wall.elapsed();
        world.now += Duration::from_millis(50);
    }
    let nanos = |time: Duration| time.as_nanos() as f64 / forwarded as f64;
    println!(
        "1 to {subscribers}, bursts of {burst}: {:.0} ns CPU per forwarded packet ({:.0} ns wall), {forwarded} \
         packets, {:.1} per message",
        nanos(spent),
        nanos(wall),
        forwarded as f64 / messages as f64
    );
}

/// CPU time of this thread, as the scheduler counts it: the first number of schedstat, in nanoseconds.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanos.expect("a count of nanoseconds"))
}
