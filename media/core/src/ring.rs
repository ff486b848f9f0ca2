//! A bounded queue between two threads, with a file descriptor that is readable while something waits.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_queue::ArrayQueue;
use rustix::event::{EventfdFlags, eventfd};

/// Lock-free; the bell is rung only when the queue goes from drained to non-empty, so a batch costs one system
/// call on either side.
#[derive(Debug)]
pub struct Ring<T> {
    queue: ArrayQueue<T>,
    rung: AtomicBool,
    bell: OwnedFd,
}

impl<T> Ring<T> {
    /// An empty ring.
    ///
    /// # Errors
    /// If the process may open no more file descriptors.
    pub fn new(capacity: usize) -> io::Result<Self> {
        Ok(Self {
            queue: ArrayQueue::new(capacity),
            rung: AtomicBool::new(false),
            bell: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    /// Appends `item`, or gives it back if there is no room.
    ///
    /// # Errors
    /// `item` itself when the ring is full.
    pub fn push(&self, item: T) -> Result<(), T> {
        self.queue.push(item)?;
        self.wake();
        Ok(())
    }

    /// Makes the bell readable without an item: the other side is to look around.
    pub fn wake(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // Cannot fail: the counter of an eventfd overflows after 2^64 - 2 rings, and every read resets it.
            let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
        }
    }

    /// Silences the bell; what [`Self::pop`] does not take afterwards is rung for again only by a later push.
    pub fn silence(&self) {
        let mut count = [0; 8];
        // Would block when nobody has rung: nothing to silence then.
        let _ = rustix::io::read(&self.bell, &mut count);
        self.rung.swap(false, Ordering::AcqRel);
    }

    /// The oldest item.
    pub fn pop(&self) -> Option<T> {
        self.queue.pop()
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }
}

impl<T> AsFd for Ring<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn is_readable<T>(ring: &Ring<T>) -> bool {
        let mut fds = [PollFd::new(ring, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).expect("polling an open descriptor works") == 1
    }

    #[test]
    fn the_bell_rings_while_something_waits() {
        let ring = Ring::new(2).expect("an eventfd can be had");
        assert!(!is_readable(&ring));
        ring.push(1).expect("there is room");
        ring.push(2).expect("there is room");
        assert_eq!(ring.push(3), Err(3), "a full ring gives the item back");
        assert!(is_readable(&ring));
        ring.silence();
        assert_eq!(
            (ring.pop(), ring.pop(), ring.pop()),
            (Some(1), Some(2), None)
        );
        assert!(!is_readable(&ring));
        ring.push(4).expect("there is room again");
        assert!(is_readable(&ring));
    }

    #[test]
    fn nothing_is_lost_between_two_threads() {
        const ITEMS: u32 = 100_000;
        let ring = Ring::new(64).expect("an eventfd can be had");
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for item in 0..ITEMS {
                    while ring.push(item).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
            let mut expected = 0;
            while expected < ITEMS {
                let mut fds = [PollFd::new(&ring, PollFlags::IN)];
                poll(&mut fds, None).expect("polling an open descriptor works");
                ring.silence();
                while let Some(item) = ring.pop() {
                    assert_eq!(item, expected);
                    expected += 1;
                }
            }
        });
    }
}
