//! The core as its owner sees it: started, asked, listened to, closed.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use hoichan_transport::Certificate;
use hoichan_wire::ntp::NtpTime;

use crate::commands::Command;
use crate::crew::{MAX_WORKERS, Place, WorkerIndex};
use crate::directory::Directory;
use crate::events::Event;
use crate::exchange::{Exchange, PostOffice};
use crate::hub::Hub;
use crate::net::{
    tcp::{self, Tcp},
    udp,
};
use crate::orders::{Order, Told};
use crate::queue::Queue;
use crate::statistics::{Published, WorkerStatistics};
use crate::worker::{Parts, Shared, bind_error};

/// The name of the first worker's thread, as /proc and debuggers show it; those of the others end with a number.
pub const THREAD_NAME: &str = "hoichan-media";

/// Figures that are older are those of a worker that has had nothing to do since.
const STALE: Duration = Duration::from_secs(1);
/// A command becomes so many orders for one worker at most.
const ORDERS_PER_COMMAND: usize = 2;
/// How long [`MediaCore::close`] waits for the workers. They end within a turn; one that does not is left behind.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
const CLOSE_INTERVAL: Duration = Duration::from_millis(1);

/// One worker thread or more, with one UDP and perhaps one TCP port in common. Dropping it stops them.
#[derive(Debug)]
pub struct MediaCore {
    crew: Vec<Worker>,
    events: Arc<Queue<Told>>,
    directory: Mutex<Directory>,
    fingerprint: String,
    udp_address: SocketAddr,
    tcp_address: Option<SocketAddr>,
}

/// A worker as seen from outside.
#[derive(Debug)]
struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl MediaCore {
    /// As [`Self::with_workers`], with one.
    ///
    /// # Errors
    /// As there.
    pub fn start(udp: SocketAddr, tcp: Option<SocketAddr>) -> io::Result<Self> {
        Self::with_workers(1, udp, tcp)
    }

    /// Binds the addresses (port 0 picks one), makes a certificate, and starts `crew` workers, 1 to 64.
    ///
    /// # Errors
    /// If an address cannot be bound, which the error names, or the system lacks descriptors, threads or randomness.
    pub fn with_workers(crew: u8, udp: SocketAddr, tcp: Option<SocketAddr>) -> io::Result<Self> {
        let crew = crew.clamp(1, MAX_WORKERS);
        let sockets = udp::bind_crew(udp, crew).map_err(|error| bind_error("UDP", udp, &error))?;
        let listener = tcp
            .map(|address| tcp::bind(address).map_err(|error| bind_error("TCP", address, &error)))
            .transpose()?;
        let udp_address = sockets[0].local_addr()?;
        let tcp_address = listener
            .as_ref()
            .map(|listener| listener.local_addr())
            .transpose()?;
        let certificate = Arc::new(Certificate::generate().map_err(io::Error::other)?);
        let mut core = Self {
            crew: Vec::new(),
            events: Arc::new(Queue::new()?),
            directory: Mutex::new(Directory::new(crew)),
            fingerprint: certificate.fingerprint(),
            udp_address,
            tcp_address,
        };
        let office = PostOffice::new(crew)?;
        for (place, socket) in Place::all(crew).zip(sockets) {
            let exchange = Exchange::new(Arc::clone(&office), place);
            core.hire(place, (socket, listener.clone()), exchange, &certificate)?;
        }
        Ok(core)
    }

    /// Starts one worker.
    fn hire(
        &mut self,
        place: Place,
        (udp, listener): (UdpSocket, Option<Arc<TcpListener>>),
        exchange: Exchange,
        certificate: &Arc<Certificate>,
    ) -> io::Result<()> {
        let now = Instant::now();
        let statistics = WorkerStatistics {
            worker: place.worker,
            ..WorkerStatistics::default()
        };
        let shared = Arc::new(Shared {
            orders: Queue::new()?,
            events: Arc::clone(&self.events),
            counters: Mutex::new(Vec::new()),
            published: Mutex::new(Published {
                at: now,
                statistics,
            }),
            is_stopping: AtomicBool::new(false),
        });
        let tcp = listener.map(Tcp::new);
        let parts = Parts::new(place.worker, udp, tcp, exchange, &shared)?;
        let certificate = Arc::clone(certificate);
        let hub = Hub::new(now, wallclock(), seed()?, certificate, place);
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name(thread_name(place.worker))
            .spawn(move || parts.run(hub, theirs))?;
        let thread = Mutex::new(Some(thread));
        self.crew.push(Worker { shared, thread });
        Ok(())
    }

    /// SHA-256 of our DTLS certificate, as SDP writes it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Where the UDP sockets are bound.
    #[must_use]
    pub fn udp_address(&self) -> SocketAddr {
        self.udp_address
    }

    /// Where the TCP socket listens.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp_address
    }

    /// Readable while events wait, until [`Self::silence`].
    #[must_use]
    pub fn event_fd(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }

    /// Queues one command for the worker it concerns. False if a queue is full: it is to be submitted again later,
    /// before all others.
    #[must_use]
    pub fn submit(&self, command: Command) -> bool {
        let mut directory = self.directory();
        let bytes = command.data_bytes();
        if !self
            .crew
            .iter()
            .all(|one| one.shared.orders.takes(ORDERS_PER_COMMAND, bytes))
        {
            return false;
        }
        for (worker, order) in directory.route(command) {
            // Has room: nobody else pushes while we hold the directory.
            let _ = self.crew[usize::from(worker)].shared.orders.push(order);
        }
        true
    }

    /// For fault drills: lets a worker panic where nothing contains it. All its transports fail, and it begins anew.
    pub fn break_worker(&self, worker: WorkerIndex) {
        let _directory = self.directory();
        if let Some(worker) = self.crew.get(usize::from(worker)) {
            let _ = worker.shared.orders.push(Order::Break);
        }
    }

    /// The oldest event. [`Self::silence`] comes first.
    pub fn next_event(&self) -> Option<Event> {
        let told = self.events.pop()?;
        if let Event::TransportFailed { transport, .. } = told.event {
            self.directory().forget(transport);
        }
        Some(told.event)
    }

    /// Resets [`Self::event_fd`]; all events that wait must be taken after it.
    pub fn silence(&self) {
        self.events.silence();
    }

    /// Totals of all workers since start, at most 50 ms old while there is traffic.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<&'static str, u64> {
        let mut totals = BTreeMap::new();
        for worker in &self.crew {
            let counters = worker.shared.counters.lock();
            for (name, count) in counters.unwrap_or_else(PoisonError::into_inner).iter() {
                *totals.entry(*name).or_default() += count;
            }
        }
        totals
    }

    /// How each worker fares, in the order of their numbers.
    #[must_use]
    pub fn statistics(&self) -> Vec<WorkerStatistics> {
        let latest = self.crew.iter().map(|worker| {
            let published = worker.shared.published.lock();
            let published = *published.unwrap_or_else(PoisonError::into_inner);
            let mut statistics = published.statistics;
            if published.at.elapsed() > STALE {
                statistics.busy_share = 0.0;
                statistics.tick_seconds = 0.0;
            }
            statistics.commands_waiting = worker.shared.orders.len() as u64;
            statistics
        });
        latest.collect()
    }

    /// Stops the workers and waits for their end, but no longer than two seconds; their sockets are closed then.
    /// Idempotent. False if a worker has not ended.
    pub fn close(&self) -> bool {
        for worker in &self.crew {
            worker.shared.is_stopping.store(true, Ordering::Release);
            worker.shared.orders.wake();
        }
        let deadline = Instant::now() + CLOSE_PATIENCE;
        let ended: Vec<bool> = self
            .crew
            .iter()
            .map(|worker| worker.join(deadline))
            .collect();
        ended.into_iter().all(|has_ended| has_ended)
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Waits for the thread's end; false if it has not come by `deadline`.
    fn join(&self, deadline: Instant) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        while thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(CLOSE_INTERVAL);
        }
        // A worker that panicked while ending has said so on standard error; it has ended.
        thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}

impl Drop for MediaCore {
    fn drop(&mut self) {
        self.close();
    }
}

fn thread_name(worker: WorkerIndex) -> String {
    match worker {
        0 => THREAD_NAME.to_owned(),
        worker => format!("{THREAD_NAME}{worker}"), // Not beyond the 15 characters that the kernel keeps.
    }
}

fn wallclock() -> NtpTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    NtpTime::from_unix(since_epoch.unwrap_or_default())
}

fn seed() -> io::Result<u64> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gave no randomness"))?;
    Ok(u64::from_ne_bytes(bytes))
}
