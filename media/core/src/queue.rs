//! Rings between Python and the worker, bounded in items and in bytes, and what happens when one is full.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::commands::{Command, TransportId};
use crate::events::Event;
use crate::ring::Ring;

const RING_ITEMS: usize = 4096;
/// Application data in one ring: sixty messages of the largest size.
const RING_DATA_BYTES: usize = 16 << 20;
/// Control events that wait in the worker while Python does not drain.
const BACKLOG_ITEMS: usize = 8192;

/// Something that may carry application data.
pub trait Weigh {
    /// How many bytes of it.
    fn data_bytes(&self) -> usize;
}

impl Weigh for Command {
    fn data_bytes(&self) -> usize {
        Command::data_bytes(self)
    }
}

impl Weigh for Event {
    fn data_bytes(&self) -> usize {
        Event::data_bytes(self)
    }
}

/// A ring that holds at most 4096 items and 16 MiB of application data (or one item of any size).
#[derive(Debug)]
pub struct Queue<T> {
    ring: Ring<T>,
    data_bytes: AtomicUsize,
}

impl<T: Weigh> Queue<T> {
    /// An empty queue.
    ///
    /// # Errors
    /// If the process may open no more file descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            ring: Ring::new(RING_ITEMS)?,
            data_bytes: AtomicUsize::new(0),
        })
    }

    /// Appends `item`, or gives it back if there is no room.
    ///
    /// # Errors
    /// `item` itself when the queue is full.
    pub fn push(&self, item: T) -> Result<(), T> {
        let bytes = item.data_bytes();
        let before = self.data_bytes.fetch_add(bytes, Ordering::Relaxed);
        let is_too_much = bytes > 0 && before > 0 && before + bytes > RING_DATA_BYTES;
        let pushed = if is_too_much {
            Err(item)
        } else {
            self.ring.push(item)
        };
        if pushed.is_err() {
            self.data_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        pushed
    }

    /// The oldest item.
    pub fn pop(&self) -> Option<T> {
        let item = self.ring.pop()?;
        self.data_bytes
            .fetch_sub(item.data_bytes(), Ordering::Relaxed);
        Some(item)
    }

    /// See [`Ring::silence`].
    pub fn silence(&self) {
        self.ring.silence();
    }

    /// See [`Ring::wake`].
    pub fn wake(&self) {
        self.ring.wake();
    }
}

impl<T> AsFd for Queue<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ring.as_fd()
    }
}

/// The worker's end of the event queue, with the rule for when it is full: control waits, statistics and audio
/// levels overwrite, data messages drop.
#[derive(Debug)]
pub struct EventOutlet {
    queue: Arc<Queue<Event>>,
    /// Control events, oldest first.
    backlog: VecDeque<Event>,
    /// The latest statistics of each transport.
    statistics: HashMap<TransportId, Event>,
    /// The latest audio levels.
    levels: Option<Event>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Python has it, or will.
    Kept,
    /// A data message for which there was no room.
    Dropped,
    /// A control event for which not even the backlog has room: Python has stopped reading.
    Overflow,
}

impl EventOutlet {
    /// Nothing waits.
    #[must_use]
    pub fn new(queue: Arc<Queue<Event>>) -> Self {
        Self {
            queue,
            backlog: VecDeque::new(),
            statistics: HashMap::new(),
            levels: None,
        }
    }

    /// Passes `event` on, after all control events that wait.
    pub fn post(&mut self, event: Event) -> Posted {
        let refused = if self.backlog.is_empty() {
            self.queue.push(event)
        } else {
            Err(event)
        };
        match refused {
            Ok(()) => Posted::Kept,
            Err(event) => self.keep(event),
        }
    }

    fn keep(&mut self, event: Event) -> Posted {
        match event {
            Event::DataReceived { .. } => return Posted::Dropped,
            Event::AudioLevels { .. } => self.levels = Some(event),
            Event::TransportStats(stats) => {
                self.statistics.insert(stats.transport, event);
            }
            // At most one per transport that there was, and the last thing said about it.
            Event::TransportFailed { .. } => self.backlog.push_back(event),
            _ if self.backlog.len() >= BACKLOG_ITEMS => return Posted::Overflow,
            _ => self.backlog.push_back(event),
        }
        Posted::Kept
    }

    /// Tries again to pass on what waits.
    pub fn flush(&mut self) {
        while let Some(event) = self.backlog.pop_front() {
            if let Err(event) = self.queue.push(event) {
                self.backlog.push_front(event);
                return;
            }
        }
        if let Some(Err(levels)) = self.levels.take().map(|levels| self.queue.push(levels)) {
            self.levels = Some(levels);
            return;
        }
        self.statistics
            .retain(|_, event| self.queue.push(event.clone()).is_err());
    }

    /// Whether something waits for Python to drain the queue.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.backlog.is_empty() || self.levels.is_some() || !self.statistics.is_empty()
    }
}
