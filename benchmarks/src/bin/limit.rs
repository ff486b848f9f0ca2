//! The least CPU that this machine can spend per forwarded packet, whoever writes the program.
//!
//! Receive (recvmmsg), open once, rewrite and seal for every subscriber (AES-128-GCM by AWS-LC), send (one sendmmsg, one
//! UDP_SEGMENT run per subscriber), over loopback, with the frames, the rates and the sweeping receivers of `forwarding`.
//! Nothing else is done: no ICE, no RTCP, no retransmission store, no lookups, no timers, keys and destinations fixed.
//!
//! `limit [subscribers] [seconds]` prints one line of JSON.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use benchmarks::cpu::{self, ThreadTime};
use benchmarks::publisher::delay;
use benchmarks::report::{Report, percentile};
use benchmarks::trace::{FRAME_INTERVAL, Trace};
use hoichan_core::net::poll::{Interest, Poll, Source};
use hoichan_core::net::sys::{ReceiveBatch, SendBatch};
use hoichan_core::net::udp;

const THREAD: &str = "forwarder";
const HEADER: usize = 20;
const TAG: usize = 16;
const STAMP: usize = HEADER + 16;
const WARM_UP: Duration = Duration::from_secs(1);
const LARGEST_DATAGRAM: usize = 2048;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().expect("arguments are numbers"));
    let subscribers = arguments.next().unwrap_or(50) as usize;
    let seconds = arguments.next().unwrap_or(5);
    let sinks: Vec<UdpSocket> = (0..subscribers).map(|_| sink()).collect();
    let socket = udp::bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound");
    let server = socket.local_addr().expect("it is bound");
    let to: Vec<SocketAddr> = sinks
        .iter()
        .filter_map(|sink| sink.local_addr().ok())
        .collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|threads| {
        cpu::pin(cpu::SERVER).expect("the machine has a first core");
        let forwarder = thread::Builder::new().name(THREAD.to_owned());
        let is_over = &is_over;
        forwarder
            .spawn_scoped(threads, move || forward(&socket, &to, is_over))
            .expect("a thread can be had");
        cpu::pin(cpu::CLIENTS).expect("the machine has two cores");
        let mut clients = Clients::new(server, sinks);
        clients.run_for(WARM_UP);
        let worker = ThreadTime::of(THREAD).expect("it was started");
        let before = (
            worker.spent().expect("it runs"),
            clients.received,
            clients.sent,
            Instant::now(),
        );
        let waited = || {
            let own = ThreadTime::own().waited().expect("this thread runs");
            own + worker.waited().expect("it runs")
        };
        let waited_before = waited();
        clients.delays_us.clear();
        clients.run_for(Duration::from_secs(seconds));
        let waited = waited() - waited_before;
        let cpu = worker.spent().expect("it runs") - before.0;
        let (received, sent) = (clients.received - before.1, clients.sent - before.2);
        let wall = before.3.elapsed();
        is_over.store(true, Ordering::Release);
        clients.run_for(FRAME_INTERVAL * 2); // One more frame wakes the forwarder.
        Report::default()
            .text("what", "limit")
            .text("profile", "Aes128Gcm")
            .number("subscribers", subscribers as f64)
            .number(
                "cpu_us_per_packet",
                cpu.as_secs_f64() * 1e6 / received as f64,
            )
            .number("packets_per_second", received as f64 / wall.as_secs_f64())
            .number("busy", cpu.as_secs_f64() / wall.as_secs_f64())
            .number("disturbed", waited.as_secs_f64() / wall.as_secs_f64())
            .number(
                "lost",
                1.0 - received as f64 / (sent * subscribers as u64) as f64,
            )
            .number(
                "delay_ms_p50",
                percentile(&mut clients.delays_us, 0.5) / 1e3,
            )
            .number(
                "delay_ms_p99",
                percentile(&mut clients.delays_us, 0.99) / 1e3,
            )
            .print();
    });
}

/// What is measured.
fn forward(socket: &UdpSocket, to: &[SocketAddr], is_over: &AtomicBool) {
    let poll = Poll::new().expect("an epoll can be had");
    poll.add(socket, Source::Udp, Interest::Read)
        .expect("a socket can be watched");
    let keys: Vec<LessSafeKey> = (0..to.len()).map(|number| key(number as u8)).collect();
    let opening = key(0xFF);
    let mut received = ReceiveBatch::new();
    let mut batch = SendBatch::new();
    let mut plain: Vec<Vec<u8>> = Vec::new();
    let mut arena: Vec<u8> = vec![0; 1 << 24];
    let mut sequence = 0_u64;
    let mut ready = Vec::new();
    while !is_over.load(Ordering::Acquire) {
        ready.clear();
        poll.wait(None, &mut ready)
            .expect("a socket can be waited for");
        let count = received.receive(socket).unwrap_or(0);
        open(&opening, &mut received, count, &mut plain);
        let packets = &plain[..count];
        // A shorter packet ends a run; packets of a frame are made equal, as the forwarder does with padding.
        let length = packets.iter().map(Vec::len).max().unwrap_or(0);
        let mut end = 0;
        batch.clear();
        for (subscriber, (key, &to)) in keys.iter().zip(to).enumerate() {
            let begun = end;
            for (number, packet) in packets.iter().enumerate() {
                let slot = &mut arena[end..end + length + TAG];
                write(
                    key,
                    slot,
                    packet,
                    subscriber as u32,
                    sequence + number as u64,
                );
                end += length + TAG;
            }
            if end > begun {
                let run = (count > 1).then_some((length + TAG) as u16);
                batch.push(to, begun, end - begun, run);
            }
        }
        sequence += count as u64;
        let mut done = 0;
        while done < batch.len() {
            done += batch
                .send(socket, &arena, done)
                .expect("loopback takes what is sent");
        }
    }
}

fn open(key: &LessSafeKey, received: &mut ReceiveBatch, count: usize, plain: &mut Vec<Vec<u8>>) {
    plain.resize(plain.len().max(count), Vec::new());
    for (slot, plain) in plain.iter_mut().enumerate().take(count) {
        let message = received.message(slot).expect("loopback has addresses");
        let datagram = message.bytes;
        let nonce = nonce(u64::from_be_bytes(
            datagram[4..12].try_into().expect("eight bytes"),
        ));
        let (header, sealed) = datagram.split_at_mut(HEADER);
        let opened = key.open_in_place(nonce, Aad::from(&*header), sealed);
        let length = opened.expect("it was sealed with this key").len();
        plain.clear();
        plain.extend_from_slice(&datagram[..HEADER + length]);
    }
}

/// Rewrites the header, copies the payload, seals. `slot` is as long as the run demands.
fn write(key: &LessSafeKey, slot: &mut [u8], packet: &[u8], ssrc: u32, sequence: u64) {
    let length = slot.len() - TAG;
    slot[..packet.len()].copy_from_slice(packet);
    slot[packet.len()..length].fill(0);
    slot[2..4].copy_from_slice(&(sequence as u16).to_be_bytes());
    slot[8..12].copy_from_slice(&ssrc.to_be_bytes());
    slot[17..19].copy_from_slice(&(sequence as u16).to_be_bytes());
    let (header, rest) = slot.split_at_mut(HEADER);
    let (payload, tag) = rest.split_at_mut(length - HEADER);
    let sealed = key.seal_in_place_separate_tag(nonce(sequence), Aad::from(&*header), payload);
    tag.copy_from_slice(sealed.expect("the payload is short").as_ref());
}

fn key(number: u8) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[number; 16]).expect("sixteen bytes"))
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn sink() -> UdpSocket {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("loopback can be bound");
    socket.set_nonblocking(true).expect("a socket has modes");
    socket
}

/// The camera and the receivers.
struct Clients {
    server: SocketAddr,
    sinks: Vec<UdpSocket>,
    camera: UdpSocket,
    key: LessSafeKey,
    trace: Trace,
    start: Instant,
    next_frame: Instant,
    sent: u64,
    received: u64,
    delays_us: Vec<f64>,
    opening: Vec<LessSafeKey>,
    arena: Vec<u8>,
    batch: SendBatch,
}

impl Clients {
    fn new(server: SocketAddr, sinks: Vec<UdpSocket>) -> Self {
        let start = Instant::now();
        Self {
            server,
            opening: (0..sinks.len()).map(|number| key(number as u8)).collect(),
            sinks,
            camera: sink(),
            key: key(0xFF),
            trace: Trace::new(0x2000_0000),
            start,
            next_frame: start,
            sent: 0,
            received: 0,
            delays_us: Vec::new(),
            arena: Vec::new(),
            batch: SendBatch::new(),
        }
    }

    fn run_for(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            if Instant::now() >= self.next_frame {
                self.next_frame += FRAME_INTERVAL;
                self.publish();
            }
            self.sweep();
        }
    }

    fn publish(&mut self) {
        self.arena.clear();
        self.batch.clear();
        let stamp = self.start.elapsed().as_nanos() as u64;
        for size in self.trace.frame(false) {
            let begun = self.arena.len();
            self.arena.resize(begun + HEADER + size, 0xA5);
            let packet = &mut self.arena[begun..];
            packet[..HEADER].fill(0);
            packet[0] = 0x90;
            packet[4..12].copy_from_slice(&self.sent.to_be_bytes());
            packet[STAMP..STAMP + 8].copy_from_slice(&stamp.to_be_bytes());
            let (header, payload) = packet.split_at_mut(HEADER);
            let nonce = nonce(self.sent);
            let tag = self
                .key
                .seal_in_place_separate_tag(nonce, Aad::from(&*header), payload);
            self.arena
                .extend_from_slice(tag.expect("the payload is short").as_ref());
            self.batch
                .push(self.server, begun, self.arena.len() - begun, None);
            self.sent += 1;
        }
        let mut done = 0;
        while done < self.batch.len() {
            done += self
                .batch
                .send(&self.camera, &self.arena, done)
                .unwrap_or(1);
        }
    }

    /// Takes what waits for each receiver, and opens it as a client would.
    fn sweep(&mut self) {
        let mut datagram = [0; LARGEST_DATAGRAM];
        for (sink, key) in self.sinks.iter().zip(&self.opening) {
            let now = self.start.elapsed();
            while let Ok(length) = sink.recv(&mut datagram) {
                let sequence = u16::from_be_bytes([datagram[2], datagram[3]]);
                // The sequence number as sent is 64 bits wide; what is on the wire suffices for the few minutes of a run
                // only near its start, so the receiver reckons from what it has received.
                let sequence = widen(sequence, self.sent);
                let (header, sealed) = datagram[..length].split_at_mut(HEADER);
                let opened = key.open_in_place(nonce(sequence), Aad::from(&*header), sealed);
                let payload = opened.expect("it was sealed with this key");
                self.received += 1;
                let delay = delay(now, payload).expect("our own payload");
                self.delays_us.push(delay.as_secs_f64() * 1e6);
            }
        }
    }
}

/// The number nearest to `near` that ends in these bits.
fn widen(low: u16, near: u64) -> u64 {
    near.wrapping_add_signed(i64::from(low.wrapping_sub(near as u16) as i16))
}
