//! The shell around the hub: the one place that owns sockets, clock and thread. It decides nothing.
//!
//! A panic that nobody contained ends what the worker knew, not the worker: its transports fail, its sockets stay
//! open, and it begins anew, so that what else comes to its socket goes on to where it belongs.

mod pace;
mod receiving;
mod sending;
mod telling;
mod totals;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::crew::WorkerIndex;
use crate::exchange::Exchange;
use crate::hub::Hub;
use crate::hub::contain::contain;
use crate::net::poll::{Interest, Poll, Ready, Source};
use crate::net::tcp::Tcp;
use crate::net::udp::Udp;
use crate::orders::{Order, Told};
use crate::queue::{EventOutlet, Queue};
use crate::statistics::Published;
use pace::Pace;
use sending::OUTBOX_LIFE;
use totals::Totals;

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
        // The bells may have been heard, and not all been taken that they rang for.
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
}

/// An error that names the address that could not be bound.
#[must_use]
pub fn bind_error(protocol: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot bind {protocol} {address}: {error}"),
    )
}
