//! The core as its owner sees it: started, asked, listened to, closed.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use hoichan_transport::Certificate;
use hoichan_wire::ntp::NtpTime;

use crate::commands::Command;
use crate::events::Event;
use crate::hub::Hub;
use crate::net::{tcp::Tcp, udp};
use crate::queue::Queue;
use crate::worker::{Parts, Shared, bind_error};

/// The name of the worker's thread, as /proc and debuggers show it.
pub const THREAD_NAME: &str = "hoichan-media";

/// One worker thread with one UDP and perhaps one TCP port. Dropping it stops the worker.
#[derive(Debug)]
pub struct MediaCore {
    shared: Arc<Shared>,
    worker: Mutex<Option<JoinHandle<()>>>,
    fingerprint: String,
    udp_address: SocketAddr,
    tcp_address: Option<SocketAddr>,
}

impl MediaCore {
    /// Binds the addresses (port 0 picks one), makes a certificate, and starts the worker.
    ///
    /// # Errors
    /// If an address cannot be bound, which the error names, or the system lacks descriptors, threads or randomness.
    pub fn start(udp: SocketAddr, tcp: Option<SocketAddr>) -> io::Result<Self> {
        let socket = udp::bind(udp).map_err(|error| bind_error("UDP", udp, &error))?;
        let tcp = tcp
            .map(|address| Tcp::bind(address).map_err(|error| bind_error("TCP", address, &error)))
            .transpose()?;
        let udp_address = socket.local_addr()?;
        let tcp_address = tcp
            .as_ref()
            .map(|tcp| tcp.listener().local_addr())
            .transpose()?;
        let certificate = Arc::new(Certificate::generate().map_err(io::Error::other)?);
        let shared = Arc::new(Shared {
            commands: Queue::new()?,
            events: Arc::new(Queue::new()?),
            counters: Mutex::new(Vec::new()),
            is_stopping: AtomicBool::new(false),
        });
        let parts = Parts::new(socket, tcp, &shared)?;
        let fingerprint = certificate.fingerprint();
        let hub = Hub::new(Instant::now(), wallclock(), seed()?, certificate);
        let theirs = Arc::clone(&shared);
        let worker = thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || parts.run(hub, theirs))?;
        Ok(Self {
            shared,
            worker: Mutex::new(Some(worker)),
            fingerprint,
            udp_address,
            tcp_address,
        })
    }

    /// SHA-256 of our DTLS certificate, as SDP writes it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Where the UDP socket is bound.
    #[must_use]
    pub fn udp_address(&self) -> SocketAddr {
        self.udp_address
    }

    /// Where the TCP socket listens.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp_address
    }

    /// Readable while events wait, until [`Self::drain`].
    #[must_use]
    pub fn event_fd(&self) -> BorrowedFd<'_> {
        self.shared.events.as_fd()
    }

    /// Queues one command. False if the queue is full: it is to be submitted again later, before all others.
    #[must_use]
    pub fn submit(&self, command: Command) -> bool {
        self.shared.commands.push(command).is_ok()
    }

    /// The oldest event. [`Self::silence`] comes first.
    pub fn next_event(&self) -> Option<Event> {
        self.shared.events.pop()
    }

    /// Resets [`Self::event_fd`]; all events that wait must be taken after it.
    pub fn silence(&self) {
        self.shared.events.silence();
    }

    /// Totals since start, at most 50 ms old while there is traffic.
    #[must_use]
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        self.shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Stops the worker and waits for its end; its sockets are closed then. Idempotent.
    pub fn close(&self) {
        self.shared.is_stopping.store(true, Ordering::Release);
        self.shared.commands.wake();
        let worker = self
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(worker) = worker {
            // A worker that panicked outside of what it contains has said so on standard error; it has ended.
            let _ = worker.join();
        }
    }
}

impl Drop for MediaCore {
    fn drop(&mut self) {
        self.close();
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
