//! What it costs that a datagram comes to another worker's socket: `cargo run --release --example handover`.
//!
//! Peers send bursts of eight datagrams of 1200 bytes, as video frames are, to transports that are all on the first
//! worker. With one worker all come to its socket; with more, the kernel spreads the peers, and what comes elsewhere
//! is handed over. The transports have no keys, so that receiving is all that is paid for. CPU time is that of the
//! workers' threads, user and system. Bursts come either without a pause, or one at a time, when each wakes a thread.

#[path = "../tests/kit/mod.rs"]
mod kit;

use kit::{Clinic, Room, UdpPeer};

const PEERS: usize = 64;
const BURST: usize = 8;
const ROUNDS: usize = 200;

fn main() {
    println!("workers  bursts      us per datagram  handed over");
    for crew in [1, 2, 4] {
        for is_paced in [false, true] {
            let (cost, share) = measure(crew, is_paced);
            let bursts = if is_paced { "one by one" } else { "at once" };
            let percent = share * 100.0;
            println!("{crew:>7}  {bursts:<10}  {cost:>15.2}  {percent:>9.0} %");
        }
    }
}

/// CPU time per datagram in us, and the share of them that was handed over.
fn measure(crew: u8, is_paced: bool) -> (f64, f64) {
    let clinic = Clinic::with_workers(crew);
    let peers: Vec<_> = (0..PEERS)
        .map(|_| (UdpPeer::new(&clinic), clinic.transport(0)))
        .collect();
    round(&peers, is_paced); // Warms up.
    let before = spent(&clinic);
    for _ in 0..ROUNDS {
        round(&peers, is_paced);
    }
    let after = spent(&clinic);
    let received = (after.received - before.received) as f64;
    let handed = (after.handed - before.handed) as f64;
    ((after.cpu - before.cpu) * 1e6 / received, handed / received)
}

fn round(peers: &[(UdpPeer, Room)], is_paced: bool) {
    for (peer, room) in peers {
        (0..BURST).for_each(|_| peer.send_media());
        // An answer tells that what was sent before has been dealt with.
        assert!(!is_paced || peer.checks(room));
    }
    assert!(peers.iter().all(|(peer, room)| peer.checks(room)));
}

struct Spent {
    cpu: f64,
    received: u64,
    handed: u64,
}

/// Once all that was sent is in the figures.
fn spent(clinic: &Clinic) -> Spent {
    clinic.settle();
    let workers = clinic.core.statistics();
    Spent {
        cpu: workers.iter().map(|worker| worker.cpu_seconds).sum(),
        received: clinic.counter("datagrams_received"),
        handed: clinic.counter("datagrams_passed_on"),
    }
}
