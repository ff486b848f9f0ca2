//! When the process has no descriptor left. A program of its own: the limit is the process's.

mod kit;

use std::fs::File;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kit::{Clinic, TcpPeer, UdpPeer};

#[test]
fn a_connection_that_cannot_be_accepted_waits_and_does_not_keep_the_worker_busy() {
    let clinic = Clinic::with_workers(1);
    let room = clinic.transport(0);
    let address = clinic.core.tcp_address().expect("it listens");
    let caller = UdpPeer::new(&clinic);
    let mut waiting = Vec::new();
    let mut hoard: Vec<File> = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        hoard.push(file);
    }
    // Each connection has two ends here: there is a descriptor for ours only.
    while clinic.counter("tcp_accept_failures") == 0 {
        hoard.pop();
        waiting.extend(TcpStream::connect(address));
        assert!(caller.checks(&room), "those who are here go on");
    }
    let (begun, turns) = (Instant::now(), clinic.core.statistics()[0].turns);
    clinic.until("tcp_accept_failures", |failures| failures >= 4);
    assert!(begun.elapsed() > Duration::from_millis(200), "it rests");
    assert!(clinic.core.statistics()[0].turns - turns < 100);
    drop((waiting, hoard));
    let mut late = TcpPeer::new(&clinic);
    assert!(late.checks(&room), "and then accepts again");
}
