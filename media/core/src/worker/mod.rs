//! The shell around the hub: the one place that owns sockets, clock and thread. It decides nothing.
//!
//! A panic that nobody contained ends what the worker knew, not the worker: its transports fail, its sockets stay
//! open, and it begins anew, so that what else comes to its socket goes on to where it belongs.

mod pace;
mod totals;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hoichan_wire::path::{Path, Via};
use hoichan_wire::rtp::{Kind, classify};
use rustix::time::{ClockId, clock_gettime};

use crate::crew::WorkerIndex;
use crate::exchange::Exchange;
use crate::hub::contain::contain;
use crate::hub::{ConnectionChange, Hub};
use crate::mail::Notice;
use crate::net::poll::{Interest, Poll, Ready, Source};
use crate::net::tcp::{Class, Handed, Sent, Tcp};
use crate::net::udp::Udp;
use crate::orders::{Order, Told};
use crate::queue::{EventOutlet, Posted, Queue};
use crate::statistics::{Published, WorkerStatistics};
use pace::Pace;
use totals::Totals;

/// What could not be sent for so long is of no use any more.
const OUTBOX_LIFE: Duration = Duration::from_millis(50);
/// A blocked socket's outbox grows no larger.
const OUTBOX_BYTES: usize = 16 << 20;
const RECEIVES_PER_TURN: usize = 8;
const COMMANDS_PER_TURN: usize = 256;
const PARCELS_PER_TURN: usize = 64;
const COUNTERS_INTERVAL: Duration = Duration::from_millis(50);
/// How soon to try again when Python has not drained its events.
const BACKLOG_INTERVAL: Duration = Duration::from_millis(5);
/// How soon to try again when another worker has not opened its parcels.
const MAIL_INTERVAL: Duration = Duration::from_micros(500);

/// A worker that fails again and again must not keep its core busy with it.
const SHORTEST_LIFE: Duration = Duration::from_millis(100);

/// What the worker and the rest of the process both see.
#[derive(Debug)]
pub struct Shared {
    /// Python to worker.
    pub orders: Queue<Order>,
    /// All workers to Python.
    pub events: Arc<Queue<Told>>,
    /// The latest totals, at most 50 ms old while there is traffic. Held for a copy only.
    pub counters: Mutex<Vec<(&'static str, u64)>>,
    /// The latest figures, as old. Held for a copy only.
    pub published: Mutex<Published>,
    /// The worker is to say goodbye and end.
    pub is_stopping: AtomicBool,
}

/// What a worker is made of; it can still cross threads.
#[derive(Debug)]
pub struct Parts {
    worker: WorkerIndex,
    poll: Poll,
    udp: UdpSocket,
    tcp: Option<Tcp>,
    exchange: Exchange,
}

impl Parts {
    /// Watches the sockets, the command queue and what other workers send.
    ///
    /// # Errors
    /// If the process may open no more file descriptors.
    pub fn new(
        worker: WorkerIndex,
        udp: UdpSocket,
        tcp: Option<Tcp>,
        exchange: Exchange,
        shared: &Shared,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.add(&shared.orders, Source::Commands, Interest::Read)?;
        poll.add(&exchange, Source::Inbox, Interest::Read)?;
        poll.add(&udp, Source::Udp, Interest::Read)?;
        if let Some(tcp) = &tcp {
            tcp.watch(&poll)?;
        }
        Ok(Self {
            worker,
            poll,
            udp,
            tcp,
            exchange,
        })
    }

    /// Works until told to stop. Must be called on the thread that is the worker.
    pub fn run(self, hub: Hub, shared: Arc<Shared>) {
        let now = Instant::now();
        let mut worker = Worker {
            index: self.worker,
            outlet: EventOutlet::new(self.worker, Arc::clone(&shared.events)),
            poll: self.poll,
            udp: Udp::new(self.udp),
            tcp: self.tcp,
            exchange: self.exchange,
            mail_waits: false,
            hub,
            shared,
            outgoing: Outgoing::default(),
            pace: Pace::new(now),
            totals: Totals::default(),
            counters_published: now,
            counters_changed: true,
        };
        let mut begun = now;
        while let Err(message) = contain(|| worker.work()) {
            thread::sleep(SHORTEST_LIFE.saturating_sub(begun.elapsed()));
            begun = Instant::now();
            worker = worker.reborn(message);
        }
    }
}

struct Worker {
    index: WorkerIndex,
    shared: Arc<Shared>,
    poll: Poll,
    udp: Udp,
    tcp: Option<Tcp>,
    exchange: Exchange,
    /// Another worker has not opened its parcels, and something for it waits.
    mail_waits: bool,
    hub: Hub,
    outlet: EventOutlet,
    outgoing: Outgoing,
    pace: Pace,
    totals: Totals,
    counters_published: Instant,
    counters_changed: bool,
}

/// How far the hub's outbox has been sent.
#[derive(Debug, Default)]
struct Outgoing {
    /// Messages handed to TCP connections.
    for_tcp: usize,
    /// Messages handed to the UDP socket.
    for_udp: usize,
    /// Since when the UDP socket has been full.
    blocked_since: Option<Instant>,
}

impl Worker {
    fn work(&mut self) {
        let mut ready = Vec::new();
        let mut now = Instant::now();
        self.turn(now, &mut ready);
        while !self.shared.is_stopping.load(Ordering::Acquire) {
            let timeout = self
                .deadline(now)
                .map(|at| at.saturating_duration_since(now));
            self.poll
                .wait(timeout, &mut ready)
                .expect("waiting on descriptors of our own cannot fail");
            now = Instant::now();
            self.turn(now, &mut ready);
            let ended = Instant::now();
            let rest = self.pace.after_turn(now, ended);
            now = ended;
            if !rest.is_zero() {
                thread::sleep(rest);
            }
        }
        self.hub.close(now);
        self.send(now);
    }

    /// Stands in for a worker that has panicked: all that a panic may have left half done is made anew.
    fn reborn(mut self, message: String) -> Self {
        if let Some(tcp) = &mut self.tcp {
            tcp.close_all();
        }
        self.udp.reset();
        self.watch_room(Instant::now(), false);
        // The bells may have been silenced, and not all been taken that they rang for.
        self.shared.orders.wake();
        self.exchange.wake();
        self.totals.restarts += 1;
        Self {
            hub: self.hub.reborn(message),
            outgoing: Outgoing::default(),
            counters_changed: true,
            ..self
        }
    }

    /// Takes everything that waits, then does what is due, then sends and tells.
    fn turn(&mut self, now: Instant, ready: &mut Vec<Ready>) {
        self.totals.turns += 1;
        self.counters_changed |= !ready.is_empty();
        for ready in ready.drain(..) {
            match ready.source {
                Source::Commands => self.take_commands(now),
                Source::Inbox => self.take_parcels(now),
                Source::Udp if ready.readable => self.receive(now),
                Source::Udp => {} // Writable: `send` goes on below.
                Source::Listener => self.accept(now),
                Source::Connection(number) => self.attend(now, number, ready),
            }
        }
        if let Some(tcp) = &mut self.tcp {
            tcp.expire(now, &self.poll);
        }
        self.hub.handle_timeout(now);
        self.hub.flush(now);
        self.post(); // Whose a path is must be known to others before its peer hears from us.
        self.send(now);
        self.change_connections();
        self.post();
        self.tell();
        self.publish(now);
    }

    fn deadline(&self, now: Instant) -> Option<Instant> {
        let counters = self
            .counters_changed
            .then(|| self.counters_published + COUNTERS_INTERVAL);
        let tcp = self.tcp.as_ref().and_then(Tcp::deadline);
        let backlog = self.outlet.is_waiting().then(|| now + BACKLOG_INTERVAL);
        let mail = self.mail_waits.then(|| now + MAIL_INTERVAL);
        let outbox = self.outgoing.blocked_since.map(|since| since + OUTBOX_LIFE);
        [self.hub.deadline(), tcp, backlog, mail, outbox, counters]
            .into_iter()
            .flatten()
            .min()
    }

    fn take_commands(&mut self, now: Instant) {
        self.shared.orders.silence();
        self.carry_out_commands(now);
        if self.shared.orders.len() > 0 {
            self.shared.orders.wake(); // There is more: packets first, then those.
        }
    }

    fn carry_out_commands(&mut self, now: Instant) {
        for _ in 0..COMMANDS_PER_TURN {
            match self.shared.orders.pop() {
                Some(Order::Command(command)) => self.hub.command(now, command),
                Some(Order::Break) => panic!("a fault drill"),
                None => return,
            }
        }
    }

    fn take_parcels(&mut self, now: Instant) {
        self.exchange.silence();
        self.open_parcels(now);
        if self.exchange.waiting() > 0 {
            self.exchange.wake();
        }
    }

    fn open_parcels(&mut self, now: Instant) {
        for _ in 0..PARCELS_PER_TURN {
            let Some(mut parcel) = self.exchange.receive() else {
                return;
            };
            self.carry_out_commands(now); // Its sender may have come to know of a transport sooner than we.
            let from = parcel.from;
            for notice in parcel.take_notices() {
                match notice {
                    Notice::Connection(handed) => self.adopt(now, handed),
                    notice => {
                        if matches!(notice, Notice::Reborn) {
                            self.exchange.replace_lost(from);
                        }
                        self.hub.receive_notice(now, from, notice);
                    }
                }
            }
            parcel.open(|path, datagram| self.hub.receive_from(now, from, path, datagram));
            self.exchange.give_back(parcel);
        }
    }

    /// Sends other workers what this turn has brought for them. Who has not opened the last parcels gets it later, with
    /// what comes until then.
    fn post(&mut self) {
        self.mail_waits = false;
        for (to, parcel) in self.hub.mail() {
            self.mail_waits |= !self.exchange.send(to, parcel);
        }
    }

    fn receive(&mut self, now: Instant) {
        let mut count = 0;
        for _ in 0..RECEIVES_PER_TURN {
            let more = self.udp.receive();
            // What they speak of may have been asked of us, or said by another worker, since this turn began.
            self.carry_out_commands(now);
            self.open_parcels(now);
            self.udp.open(|remote, datagram| {
                count += 1;
                let via = Via::Udp;
                self.hub.receive(now, Path { remote, via }, datagram);
            });
            if !more {
                break;
            }
        }
        self.totals.datagrams_received += count;
    }

    fn adopt(&mut self, now: Instant, mut handed: Handed) {
        let said = std::mem::take(&mut handed.said);
        let Some(tcp) = &mut self.tcp else { return };
        // A connection that cannot be watched has been closed by being dropped.
        if let Ok((number, remote)) = tcp.adopt(&self.poll, handed) {
            let via = Via::Tcp(number);
            for mut frame in said {
                self.hub.receive(now, Path { remote, via }, &mut frame);
            }
        }
    }

    fn accept(&mut self, now: Instant) {
        if let Some(tcp) = &mut self.tcp {
            tcp.accept(now, &self.poll);
        }
    }

    fn attend(&mut self, now: Instant, number: u32, ready: Ready) {
        let Some(tcp) = &mut self.tcp else { return };
        let via = Via::Tcp(number);
        let mut outcome = Ok(());
        if ready.readable {
            outcome = tcp.read(number, |remote, frame| {
                self.totals.datagrams_received += 1;
                self.hub.receive(now, Path { remote, via }, frame);
            });
        }
        if ready.writable && outcome.is_ok() {
            outcome = tcp.write(number, &self.poll);
        }
        if outcome.is_err() {
            self.lose_connection(now, number);
        }
    }

    fn lose_connection(&mut self, now: Instant, number: u32) {
        let remote = self.tcp.as_mut().and_then(|tcp| tcp.close(number));
        if let Some(remote) = remote {
            let via = Via::Tcp(number);
            self.hub.path_closed(now, Path { remote, via });
        }
    }

    /// Sends the outbox; what the UDP socket does not take waits for it to be writable, but not for long.
    fn send(&mut self, now: Instant) {
        self.send_over_tcp(now);
        if self.hub.outbox().messages().len() > self.outgoing.for_udp {
            let before = self.outgoing.for_udp;
            let sent = self.udp.send(self.hub.outbox(), before);
            self.totals
                .note(&self.hub.outbox().messages()[before..sent.messages]);
            self.totals.refused.add(&sent.refused);
            self.totals.fallbacks += sent.fallbacks;
            self.outgoing.for_udp = sent.messages;
            self.watch_room(now, sent.is_blocked);
        }
        self.drop_if_late(now);
        if self.outgoing.for_udp == self.hub.outbox().messages().len() {
            self.hub.outbox_mut().clear();
            self.outgoing.for_udp = 0;
            self.outgoing.for_tcp = 0;
        }
    }

    fn send_over_tcp(&mut self, now: Instant) {
        let Some(tcp) = &mut self.tcp else { return };
        let outbox = self.hub.outbox();
        let mut stuck = Vec::new();
        for message in &outbox.messages()[self.outgoing.for_tcp..] {
            let Via::Tcp(number) = message.path.via else {
                continue;
            };
            for datagram in outbox.bytes(message).chunks(message.segment.into()) {
                match tcp.send(number, datagram, class_of(datagram)) {
                    Sent::Queued => {}
                    Sent::Dropped => self.totals.tcp_slow += 1,
                    Sent::Stuck => stuck.push(number),
                }
            }
        }
        self.outgoing.for_tcp = outbox.messages().len();
        stuck.extend(tcp.flush(&self.poll));
        for number in stuck {
            self.lose_connection(now, number);
        }
    }

    /// Asks to be told when the UDP socket has room, exactly while it has none.
    fn watch_room(&mut self, now: Instant, is_blocked: bool) {
        if is_blocked == self.outgoing.blocked_since.is_some() {
            return;
        }
        self.outgoing.blocked_since = is_blocked.then_some(now);
        let interest = if is_blocked {
            Interest::ReadWrite
        } else {
            Interest::Read
        };
        self.poll
            .modify(&self.udp, Source::Udp, interest)
            .expect("the socket is watched since the start");
    }

    fn drop_if_late(&mut self, now: Instant) {
        let Some(since) = self.outgoing.blocked_since else {
            return;
        };
        if now >= since + OUTBOX_LIFE || self.hub.outbox().arena().len() > OUTBOX_BYTES {
            let late = &self.hub.outbox().messages()[self.outgoing.for_udp..];
            self.totals.too_late += late.iter().map(|late| u64::from(late.count)).sum::<u64>();
            self.outgoing.for_udp = self.hub.outbox().messages().len();
            self.watch_room(now, false);
        }
    }

    fn change_connections(&mut self) {
        let changes = self.hub.take_connection_changes();
        let Some(tcp) = &mut self.tcp else { return };
        let mut leaving: Vec<(u32, WorkerIndex, Handed)> = Vec::new();
        for change in changes {
            match change {
                ConnectionChange::Verified(number) => tcp.verified(number),
                ConnectionChange::Close(number) => {
                    tcp.close(number);
                }
                ConnectionChange::Hand { number, to, frame } => {
                    if let Some(handed) = tcp.hand(number, &self.poll) {
                        leaving.push((number, to, handed));
                    }
                    if let Some(gone) = leaving.iter_mut().find(|gone| gone.0 == number) {
                        gone.2.said.push(frame);
                    }
                }
            }
        }
        for (_, to, handed) in leaving {
            self.hub.hand(to, handed);
        }
    }

    /// Passes events on. A transport whose control events find no room even in the backlog ends.
    fn tell(&mut self) {
        self.outlet.flush();
        let mut events = self.hub.take_events();
        while !events.is_empty() {
            for event in events {
                let transport = event.transport();
                match (self.outlet.post(event), transport) {
                    (Posted::Kept, _) => {}
                    (Posted::Dropped, _) => self.totals.data_events += 1,
                    (Posted::Overflow, Some(transport)) => self.hub.fail(transport),
                    (Posted::Overflow, None) => self.totals.events += 1,
                }
            }
            events = self.hub.take_events();
        }
    }

    fn publish(&mut self, now: Instant) {
        if !self.counters_changed || now < self.counters_published + COUNTERS_INTERVAL {
            return;
        }
        let mut counters: Vec<_> = self.hub.counters().collect();
        counters.extend(self.totals.named());
        let tcp = self.tcp.as_ref();
        counters.push(("tcp_connections", tcp.map_or(0, Tcp::len) as u64));
        counters.push(("tcp_accept_failures", tcp.map_or(0, Tcp::accept_failures)));
        let statistics = self.statistics();
        let Shared {
            counters: shown,
            published,
            ..
        } = &*self.shared;
        *shown.lock().unwrap_or_else(PoisonError::into_inner) = counters;
        let at = now;
        *published.lock().unwrap_or_else(PoisonError::into_inner) = Published { at, statistics };
        self.counters_published = now;
        self.counters_changed = false;
    }

    fn statistics(&self) -> WorkerStatistics {
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        let cpu = Duration::try_from(cpu).unwrap_or_default();
        let [transports, producers, consumers] = self.hub.census();
        WorkerStatistics {
            worker: self.index,
            cpu_seconds: cpu.as_secs_f64(),
            busy_share: self.pace.busy_share(),
            tick_seconds: self.pace.tick().as_secs_f64(),
            turns: self.totals.turns,
            transports,
            producers,
            consumers,
            commands_waiting: self.shared.orders.len() as u64,
            events_waiting: self.outlet.waiting() as u64,
            parcels_waiting: self.exchange.waiting() as u64,
            restarts: self.totals.restarts,
            run_lengths: self.totals.run_lengths,
        }
    }
}

fn class_of(datagram: &[u8]) -> Class {
    match classify(datagram) {
        Kind::Rtp | Kind::Rtcp => Class::Media,
        Kind::Stun | Kind::Dtls | Kind::Unknown => Class::Control,
    }
}

/// An error that names the address that could not be bound.
#[must_use]
pub fn bind_error(protocol: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot bind {protocol} {address}: {error}"),
    )
}
