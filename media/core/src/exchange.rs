//! How parcels get from worker to worker: bounded, lock-free, and without allocating once warm.
//!
//! A worker sends each other worker one parcel a turn, and none while that one has not opened the last few, so that
//! the price of crossing (two atomic operations, and a bell where nobody is awake) is that of a batch, not of a packet,
//! and falls as the load rises. Opened parcels go back to whom they belong.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use crate::crew::{Place, WorkerIndex};
use crate::mail::Parcel;
use crate::ring::Ring;

/// Parcels of one worker to another that may be under way or unopened at once.
const PARCELS: usize = 4;

/// All letter boxes of a crew.
#[derive(Debug)]
pub struct PostOffice {
    crew: u8,
    inboxes: Vec<Ring<Parcel>>,
    /// Opened parcels on their way back, by sender and then by receiver.
    empties: Vec<ArrayQueue<Parcel>>,
}

impl PostOffice {
    /// For a crew of so many.
    ///
    /// # Errors
    /// If the process may open no more file descriptors.
    pub fn new(crew: u8) -> io::Result<Arc<Self>> {
        let pairs = usize::from(crew) * usize::from(crew);
        Ok(Arc::new(Self {
            crew,
            inboxes: (0..crew)
                .map(|_| Ring::new(PARCELS * usize::from(crew)))
                .collect::<io::Result<_>>()?,
            empties: (0..pairs).map(|_| ArrayQueue::new(PARCELS)).collect(),
        }))
    }

    fn empties(&self, from: WorkerIndex, to: WorkerIndex) -> &ArrayQueue<Parcel> {
        &self.empties[usize::from(from) * usize::from(self.crew) + usize::from(to)]
    }
}

/// One worker's access to the post office.
#[derive(Debug)]
pub struct Exchange {
    office: Arc<PostOffice>,
    worker: WorkerIndex,
    /// How many parcels were made for each other worker.
    made: Vec<usize>,
}

impl Exchange {
    /// That of the worker at `place`.
    #[must_use]
    pub fn new(office: Arc<PostOffice>, place: Place) -> Self {
        Self {
            made: vec![0; usize::from(office.crew)],
            office,
            worker: place.worker,
        }
    }

    /// Sends what is in `parcel` to worker `to`, and leaves an empty one in its place.
    ///
    /// False, and nothing is done, while `to` has not opened the last four.
    #[must_use]
    pub fn send(&mut self, to: WorkerIndex, parcel: &mut Parcel) -> bool {
        let Some(empty) = self.empty(to) else {
            return false;
        };
        let full = std::mem::replace(parcel, empty);
        // Cannot be full: it has room for all parcels that there are.
        let _ = self.office.inboxes[usize::from(to)].push(full);
        true
    }

    fn empty(&mut self, to: WorkerIndex) -> Option<Parcel> {
        let returned = self.office.empties(self.worker, to).pop();
        returned.or_else(|| {
            let made = &mut self.made[usize::from(to)];
            // One more lies open at the sender.
            (*made < PARCELS).then(|| {
                *made += 1;
                Parcel::new(self.worker)
            })
        })
    }

    /// Worker `other` has begun anew, and what it had not opened may never come back.
    pub fn replace_lost(&mut self, other: WorkerIndex) {
        self.made[usize::from(other)] = 0;
    }

    /// Resets the bell; all parcels that wait must be taken after it.
    pub fn silence(&self) {
        self.inbox().silence();
    }

    /// Rings our own bell: there is more to take.
    pub fn wake(&self) {
        self.inbox().wake();
    }

    /// The oldest parcel for us.
    #[must_use]
    pub fn receive(&self) -> Option<Parcel> {
        self.inbox().pop()
    }

    /// Gives an opened parcel back to its sender.
    pub fn give_back(&self, parcel: Parcel) {
        // A sender that was replaced has made itself new ones: what is too many is dropped.
        let _ = self.office.empties(parcel.from, self.worker).push(parcel);
    }

    /// How many parcels wait for us.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inbox().len()
    }

    fn inbox(&self) -> &Ring<Parcel> {
        &self.office.inboxes[usize::from(self.worker)]
    }
}

impl AsFd for Exchange {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inbox().as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hoichan_wire::path::{Path, Via};

    fn path(port: u16) -> Path {
        Path {
            remote: ([192, 0, 2, 1], port).into(),
            via: Via::Udp,
        }
    }

    fn pair() -> (Exchange, Exchange) {
        let office = PostOffice::new(2).expect("eventfds can be had");
        let mut both = Place::all(2).map(|place| Exchange::new(Arc::clone(&office), place));
        (both.next().expect("two"), both.next().expect("two"))
    }

    fn ports(parcel: &mut Parcel) -> Vec<(u16, Vec<u8>)> {
        let mut ports = Vec::new();
        parcel.open(|path, datagram| ports.push((path.remote.port(), datagram.to_vec())));
        ports
    }

    #[test]
    fn a_parcel_arrives_as_it_was_packed_and_its_memory_comes_back() {
        let (mut sender, receiver) = pair();
        let mut parcel = Parcel::new(0);
        for round in 0..100 {
            assert!(parcel.add(path(1), &[round; 3]) && parcel.add(path(2), &[round; 5]));
            assert!(sender.send(1, &mut parcel), "round {round}");
            assert!(parcel.is_empty());
            let mut received = receiver.receive().expect("it was sent");
            assert_eq!(
                ports(&mut received),
                [(1, vec![round; 3]), (2, vec![round; 5])]
            );
            receiver.give_back(received);
        }
        assert_eq!(sender.made[1], 1, "one goes to and fro with the other");
    }

    #[test]
    fn who_does_not_open_its_parcels_gets_fewer_and_larger_ones() {
        let (mut sender, receiver) = pair();
        let mut parcel = Parcel::new(0);
        let mut sent = 0;
        loop {
            assert!(parcel.add(path(sent), b"x"));
            if !sender.send(1, &mut parcel) {
                break;
            }
            sent += 1;
        }
        assert_eq!(usize::from(sent), PARCELS);
        let opened = receiver.receive().expect("four wait");
        receiver.give_back(opened);
        assert!(parcel.add(path(99), b"y"));
        assert!(sender.send(1, &mut parcel), "there is room again");
        let last = std::iter::from_fn(|| receiver.receive()).last();
        let mut last = last.expect("it was sent");
        let kept = [(sent, b"x".to_vec()), (99, b"y".to_vec())];
        assert_eq!(ports(&mut last), kept, "nothing was lost meanwhile");
    }
}
