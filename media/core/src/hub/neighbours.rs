//! The other workers: whose a datagram is that came to our socket, and by whose socket our peers come.
//!
//! All workers' sockets have one port, and the kernel chooses among them by the peer's address, always the same for
//! the same address. So each path comes to one worker, its *entrance*, whoever owns the transport. An owner tells
//! the entrance of each path that it has bound (`Route`) and given up (`Unroute`). An entrance hands over what is not
//! its own. Two transports of two workers may prove the same path, as a forged or a reused address does it; then the
//! former owner decides, as it would if both lived on one worker.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use hoichan_router::{EndpointId, Post, ProducerId, ProducerParameters, Router};
use hoichan_wire::path::{Path, Via};

use super::Hub;
use super::contain::contain;
use crate::crew::{Place, WorkerIndex, owner_of};
use crate::mail::{Notice, Parcel};
use crate::net::tcp::Handed;

/// What a worker knows of the others.
#[derive(Debug)]
pub struct Neighbours {
    place: Place,
    /// Whose socket brought the datagram that is being handled.
    entrance: WorkerIndex,
    /// By worker: what it is to be sent after this turn.
    mail: Vec<Parcel>,
    /// Paths that come to our socket and are another's.
    foreign: HashMap<Path, WorkerIndex>,
    /// Paths that are ours and come to another's socket.
    entrances: HashMap<Path, WorkerIndex>,
}

impl Neighbours {
    pub fn new(place: Place) -> Self {
        let parcels = (0..place.crew).map(|_| Parcel::new(place.worker));
        Self {
            place,
            entrance: place.worker,
            mail: parcels.collect(),
            foreign: HashMap::new(),
            entrances: HashMap::new(),
        }
    }

    /// What is left after our transports are gone: what we know of the others' paths, and news for everybody.
    pub fn reborn(mut self) -> Self {
        self.entrance = self.place.worker;
        self.entrances.clear();
        for parcel in &mut self.mail {
            parcel.clear();
            parcel.notify(Notice::Reborn);
        }
        self
    }

    pub fn worker(&self) -> WorkerIndex {
        self.place.worker
    }

    /// Whether the transport with this username fragment lives here.
    pub fn is_ours(&self, fragment: &str) -> bool {
        self.owner(fragment) == self.place.worker
    }

    pub fn owner(&self, fragment: &str) -> WorkerIndex {
        owner_of(fragment, self.place.crew)
    }

    /// Takes along what our router has for those of others. What finds its parcel not posted yet waits in the router.
    pub fn collect_posts(&mut self, router: &mut Router) {
        for (worker, parcel) in (0..).zip(&mut self.mail) {
            router.take_post(worker, &mut parcel.relayed);
        }
    }

    /// Our router begins anew: what it had for others is not to be sent any more.
    pub fn void_posts(&mut self) {
        for parcel in &mut self.mail {
            parcel.relayed.reset();
        }
    }

    /// What other workers are to be sent.
    pub fn mail(&mut self) -> impl Iterator<Item = (WorkerIndex, &mut Parcel)> {
        let own = self.place.worker;
        let all = (0..).zip(&mut self.mail);
        all.filter(move |(worker, parcel)| *worker != own && !parcel.is_empty())
    }

    pub fn notify(&mut self, worker: WorkerIndex, notice: Notice) {
        self.mail[usize::from(worker)].notify(notice);
    }

    /// Passes a datagram on; false if that worker has been slow for so long that there is no room.
    #[must_use]
    pub fn pass_on(&mut self, worker: WorkerIndex, path: Path, datagram: &[u8]) -> bool {
        self.mail[usize::from(worker)].add(path, datagram)
    }

    /// Whose the datagrams of `path` are that come to our socket, if they are another's.
    pub fn owner_of_path(&self, path: Path) -> Option<WorkerIndex> {
        if self.is_handed_over() {
            return None; // Once is enough.
        }
        self.foreign.get(&path).copied()
    }

    fn is_handed_over(&self) -> bool {
        self.entrance != self.place.worker
    }

    /// A transport of ours has proved `path` with the datagram at hand: its entrance must know.
    fn bound(&mut self, path: Path) {
        if path.via != Via::Udp {
            return;
        }
        if !self.is_handed_over() {
            if let Some(former) = self.foreign.remove(&path) {
                let by = self.place.worker;
                self.notify(former, Notice::Claimed { path, by });
            }
        } else if self.entrances.insert(path, self.entrance) != Some(self.entrance) {
            let owner = self.place.worker;
            self.notify(self.entrance, Notice::Route { path, owner });
        }
    }

    /// `path` is not ours any more.
    fn released(&mut self, path: Path) {
        if let Some(entrance) = self.entrances.remove(&path) {
            self.notify(entrance, Notice::Unroute { path });
        }
    }
}

impl Hub {
    /// Takes a datagram that came to the socket of worker `entrance`.
    pub fn receive_from(
        &mut self,
        now: Instant,
        entrance: WorkerIndex,
        path: Path,
        datagram: &mut [u8],
    ) {
        let own = std::mem::replace(&mut self.neighbours.entrance, entrance);
        self.receive(now, path, datagram);
        self.neighbours.entrance = own;
    }

    /// Takes what worker `from` has to tell; connections are the shell's.
    pub fn receive_notice(&mut self, now: Instant, from: WorkerIndex, notice: Notice) {
        match notice {
            Notice::Route { path, owner } => self.routed(from, path, owner),
            Notice::Unroute { path } => {
                if self.neighbours.foreign.get(&path) == Some(&from) {
                    self.neighbours.foreign.remove(&path);
                }
            }
            Notice::Claimed { path, by } => self.claimed(from, path, by),
            Notice::Refused { path } => self.refused(from, path),
            Notice::Reborn => {
                self.neighbours.foreign.retain(|_, owner| *owner != from);
            }
            Notice::Connection(_) => {}
        }
        self.tell_disowned(now);
    }

    /// What other workers are to be sent.
    pub fn mail(&mut self) -> impl Iterator<Item = (WorkerIndex, &mut Parcel)> {
        self.neighbours.collect_posts(&mut self.router);
        self.neighbours.mail()
    }

    /// Whether there is more than [`Self::mail`] had room for.
    #[must_use]
    pub fn has_more_mail(&self) -> bool {
        self.router.has_posts()
    }

    /// A track of that id may be subscribed to here, and is received by worker `home`.
    pub fn expect_relay(
        &mut self,
        producer: ProducerId,
        home: WorkerIndex,
        parameters: &Arc<ProducerParameters>,
    ) {
        // Its home refuses what cannot be received, and a subscription to it here finds no track.
        let _ = self.router.add_relayed(producer, home, parameters);
    }

    /// Takes what the router of worker `from` has for ours.
    pub fn receive_relayed(&mut self, now: Instant, from: WorkerIndex, post: &mut Post) {
        if let Err(message) = contain(|| self.router.receive_post(now, from, post)) {
            self.fault(None, message);
        }
    }

    /// Sends a connection to the worker whose transport its peer asks for.
    pub fn hand(&mut self, to: WorkerIndex, connection: Handed) {
        self.neighbours.notify(to, Notice::Connection(connection));
    }

    /// Passes on a datagram that is not ours.
    pub(super) fn pass_on(&mut self, worker: WorkerIndex, path: Path, datagram: &[u8]) {
        let name = if self.neighbours.pass_on(worker, path, datagram) {
            "datagrams_passed_on"
        } else {
            "dropped_worker_slow"
        };
        self.count(name);
    }

    /// The path has an owner from now on, with the entrance's knowledge.
    pub(super) fn bind_path(&mut self, path: Path, endpoint: EndpointId) {
        let former = self.demux.bind(path, endpoint);
        self.disowned.extend(former.map(|former| (former, path)));
        self.neighbours.bound(path);
    }

    pub(super) fn release_path(&mut self, path: Path, endpoint: EndpointId) {
        if self.demux.release(path, endpoint) {
            self.neighbours.released(path);
        }
    }

    pub(super) fn released_paths(&mut self, paths: &[Path]) {
        for path in paths {
            self.neighbours.released(*path);
        }
    }

    /// We are the entrance of `path`, which `owner` has bound; `from` is the owner, or who had it before.
    fn routed(&mut self, from: WorkerIndex, path: Path, owner: WorkerIndex) {
        if !self.give_way(path) {
            return self.neighbours.notify(owner, Notice::Refused { path });
        }
        match self.neighbours.foreign.get(&path) {
            Some(&former) if former != owner && former != from => {
                let by = owner;
                self.neighbours.notify(former, Notice::Claimed { path, by });
            }
            _ => {
                self.neighbours.foreign.insert(path, owner);
            }
        }
    }

    /// A path that was ours, and still may be, is claimed by a transport of `by`; `entrance` asks.
    fn claimed(&mut self, entrance: WorkerIndex, path: Path, by: WorkerIndex) {
        if self.give_way(path) {
            let owner = by;
            if by != entrance {
                self.neighbours
                    .notify(entrance, Notice::Route { path, owner });
            }
        } else {
            self.neighbours.notify(by, Notice::Refused { path });
        }
    }

    /// Media of a transport of worker `by` flows over the path that we have just bound.
    fn refused(&mut self, by: WorkerIndex, path: Path) {
        self.count("dropped_path_taken");
        if self.neighbours.entrances.remove(&path).is_none() {
            self.neighbours.foreign.insert(path, by); // We are the entrance.
        }
        if let Some(endpoint) = self.demux.by_path(path) {
            self.demux.release(path, endpoint);
            self.disowned.push((endpoint, path));
        }
    }

    /// Lets a path go, unless media of ours flows over it right now.
    fn give_way(&mut self, path: Path) -> bool {
        let Some(endpoint) = self.demux.by_path(path) else {
            return true;
        };
        let peer = self.peers.get(endpoint as usize);
        if peer.is_some_and(|peer| peer.holds(path)) {
            return false;
        }
        self.release_path(path, endpoint);
        self.disowned.push((endpoint, path));
        true
    }
}
