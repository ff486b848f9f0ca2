//! Rings between Python and the worker, bounded in items and in bytes, and what happens when one is full.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::commands::TransportId;
use crate::crew::WorkerIndex;
use crate::events::Event;
use crate::orders::{Order, Told};
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

impl Weigh for Order {
    fn data_bytes(&self) -> usize {
        Order::data_bytes(self)
    }
}

impl Weigh for Told {
    fn data_bytes(&self) -> usize {
        self.event.data_bytes()
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
        let is_too_much = exceeds(before, bytes);
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

    /// Whether `count` more items fit, with `bytes` of application data together. Who alone pushes can rely on it.
    pub fn takes(&self, count: usize, bytes: usize) -> bool {
        let before = self.data_bytes.load(Ordering::Relaxed);
        self.ring.len() + count <= RING_ITEMS && !exceeds(before, bytes)
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.ring.len()
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

fn exceeds(before: usize, bytes: usize) -> bool {
    bytes > 0 && before > 0 && before + bytes > RING_DATA_BYTES
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
    worker: WorkerIndex,
    queue: Arc<Queue<Told>>,
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
    /// That of `worker`; nothing waits.
    #[must_use]
    pub fn new(worker: WorkerIndex, queue: Arc<Queue<Told>>) -> Self {
        Self {
            worker,
            queue,
            backlog: VecDeque::new(),
            statistics: HashMap::new(),
            levels: None,
        }
    }

    /// Passes `event` on, after all control events that wait.
    pub fn post(&mut self, event: Event) -> Posted {
        let refused = if self.backlog.is_empty() {
            self.push(event)
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
            if let Err(event) = self.push(event) {
                self.backlog.push_front(event);
                return;
            }
        }
        if let Some(Err(levels)) = self.levels.take().map(|levels| self.push(levels)) {
            self.levels = Some(levels);
            return;
        }
        let mut statistics = std::mem::take(&mut self.statistics);
        statistics.retain(|_, event| self.push(event.clone()).is_err());
        self.statistics = statistics;
    }

    fn push(&self, event: Event) -> Result<(), Event> {
        let worker = self.worker;
        let pushed = self.queue.push(Told { worker, event });
        pushed.map_err(|told| told.event)
    }

    /// How many control events wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.backlog.len()
    }

    /// Whether something waits for Python to drain the queue.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.backlog.is_empty() || self.levels.is_some() || !self.statistics.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hoichan_router::ProducerId;

    fn control(number: u64) -> Event {
        Event::TransportDisconnected {
            transport: TransportId(number),
        }
    }

    fn data(bytes: usize) -> Event {
        Event::DataReceived {
            transport: TransportId(1),
            label: "notes".to_owned(),
            payload: vec![0; bytes],
        }
    }

    fn told(event: Event) -> Told {
        Told { worker: 0, event }
    }

    fn levels(level: f32) -> Event {
        Event::AudioLevels {
            levels: vec![(ProducerId(1), level)],
        }
    }

    /// An outlet whose queue nobody drains until it is full.
    fn full() -> (EventOutlet, Arc<Queue<Told>>) {
        let queue = Arc::new(Queue::new().expect("an eventfd can be had"));
        let mut outlet = EventOutlet::new(0, Arc::clone(&queue));
        for number in 0..RING_ITEMS as u64 {
            assert_eq!(outlet.post(control(number)), Posted::Kept);
        }
        assert!(!outlet.is_waiting());
        (outlet, queue)
    }

    fn drain(queue: &Queue<Told>) -> Vec<Event> {
        queue.silence();
        std::iter::from_fn(|| queue.pop())
            .map(|told| told.event)
            .collect()
    }

    #[test]
    fn behind_a_full_queue_control_waits_levels_overwrite_and_data_drops() {
        let (mut outlet, queue) = full();
        assert_eq!(outlet.post(control(9000)), Posted::Kept);
        assert_eq!(outlet.post(levels(0.1)), Posted::Kept);
        assert_eq!(outlet.post(data(10)), Posted::Dropped);
        assert_eq!(outlet.post(levels(0.2)), Posted::Kept);
        assert_eq!(outlet.post(control(9001)), Posted::Kept);
        assert_eq!(drain(&queue).len(), RING_ITEMS);
        outlet.flush();
        assert_eq!(drain(&queue), [control(9000), control(9001), levels(0.2)]);
        assert!(!outlet.is_waiting());
    }

    #[test]
    fn a_backlog_has_an_end_and_only_final_words_go_beyond_it() {
        let (mut outlet, _queue) = full();
        for number in 0..BACKLOG_ITEMS as u64 {
            assert_eq!(outlet.post(control(number)), Posted::Kept);
        }
        assert_eq!(outlet.post(control(1)), Posted::Overflow);
        let failed = Event::TransportFailed {
            transport: TransportId(1),
            reason: "fault",
        };
        assert_eq!(outlet.post(failed), Posted::Kept);
    }

    #[test]
    fn data_is_bounded_in_bytes_and_a_single_message_always_fits() {
        let queue = Queue::new().expect("an eventfd can be had");
        queue
            .push(told(data(RING_DATA_BYTES + 1)))
            .expect("the only one always fits");
        assert!(queue.push(told(data(1))).is_err());
        queue.push(told(control(1))).expect("control has no weight");
        queue.pop();
        queue
            .push(told(data(RING_DATA_BYTES)))
            .expect("there is room again");
        assert!(queue.push(told(data(1))).is_err());
    }
}
