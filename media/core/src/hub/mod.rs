//! Everything behind the sockets of one worker, as one sans-IO value: whose datagram is it, what does its transport
//! or the router make of it, and what is to be sent and told.
//!
//! A fault of ours in one transport's handling ends that transport and no other: the panic is caught here.

mod carry_out;
pub(crate) mod contain;
mod count;
pub mod demux;
mod neighbours;
mod peer;
mod perform;
#[cfg(test)]
mod tests;
pub mod timers;

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use hoichan_router::{EndpointId, Outbox, Received, Router};
use hoichan_transport::{Certificate, Effect, Event as TransportEvent};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::path::{Path, Via};
use hoichan_wire::rtp::{Kind, classify};
use hoichan_wire::stun;
use slab::Slab;

use crate::commands::{Command, TransportId};
use crate::crew::{Place, WorkerIndex};
use crate::events::Event;
use contain::contain;
use demux::Demux;
use neighbours::Neighbours;
use peer::Peer;
use timers::Timers;

/// What is to become of a TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionChange {
    /// Its peer has proved itself.
    Verified(u32),
    /// Nobody needs it any more; close it after what was sent has been written.
    Close(u32),
    /// Its peer asks for a transport that lives elsewhere.
    Hand {
        /// Which connection.
        number: u32,
        /// Where the transport lives.
        to: WorkerIndex,
        /// What the peer has said.
        frame: Vec<u8>,
    },
}

/// All transports of a worker, and the router between them.
pub struct Hub {
    certificate: Arc<Certificate>,
    beginning: Beginning,
    peers: Slab<Peer>,
    by_id: HashMap<TransportId, EndpointId>,
    demux: Demux,
    neighbours: Neighbours,
    timers: Timers,
    router: Router,
    outbox: Outbox,
    events: Vec<Event>,
    connections: Vec<ConnectionChange>,
    /// Paths that have turned out to be another one's, and who is to forget them.
    disowned: Vec<(EndpointId, Path)>,
    counts: BTreeMap<&'static str, u64>,
    /// Kept for its memory.
    effects: Vec<Effect>,
}

/// What a router is begun with.
#[derive(Clone, Copy, Debug)]
struct Beginning {
    now: Instant,
    wallclock: NtpTime,
    seed: u64,
}

impl Beginning {
    fn router(self) -> Router {
        Router::new(self.seed, self.now, self.wallclock)
    }
}

impl Hub {
    /// No transports yet. `wallclock` is the time at `now`; `seed` must not be guessable.
    #[must_use]
    pub fn new(
        now: Instant,
        wallclock: NtpTime,
        seed: u64,
        certificate: Arc<Certificate>,
        place: Place,
    ) -> Self {
        let beginning = Beginning {
            now,
            wallclock,
            seed,
        };
        Self::begin(certificate, beginning, Neighbours::new(place))
    }

    fn begin(certificate: Arc<Certificate>, beginning: Beginning, neighbours: Neighbours) -> Self {
        Self {
            certificate,
            beginning,
            peers: Slab::new(),
            by_id: HashMap::new(),
            demux: Demux::default(),
            neighbours,
            timers: Timers::default(),
            router: beginning.router(),
            outbox: Outbox::new(),
            events: Vec::new(),
            connections: Vec::new(),
            disowned: Vec::new(),
            counts: BTreeMap::new(),
            effects: Vec::new(),
        }
    }

    /// What stands in for this hub after a panic that nobody contained: all its transports have failed, and what it
    /// knew of the paths of others is still known.
    #[must_use]
    pub fn reborn(self, message: String) -> Self {
        let neighbours = self.neighbours.reborn();
        let mut hub = Self::begin(self.certificate, self.beginning, neighbours);
        hub.counts = self.counts;
        hub.count("worker_faults");
        hub.events.push(Event::WorkerFault {
            worker: hub.neighbours.worker(),
            transport: None,
            message,
        });
        let reason = "fault";
        let failed = self.by_id.into_keys();
        hub.events
            .extend(failed.map(|transport| Event::TransportFailed { transport, reason }));
        hub
    }

    /// Takes one datagram. Media becomes pending for [`Self::flush`]; answers are in the outbox.
    pub fn receive(&mut self, now: Instant, path: Path, datagram: &mut [u8]) {
        match classify(datagram) {
            Kind::Rtp | Kind::Rtcp => self.receive_media(now, path, datagram),
            Kind::Stun => self.receive_stun(now, path, datagram),
            Kind::Dtls => self.receive_dtls(now, path, datagram),
            Kind::Unknown => self.count("dropped_unknown_protocol"),
        }
    }

    fn receive_media(&mut self, now: Instant, path: Path, datagram: &mut [u8]) {
        let Some(endpoint) = self.demux.by_path(path) else {
            return match self.neighbours.owner_of_path(path) {
                Some(worker) => self.pass_on(worker, path, datagram),
                None => self.count("dropped_media_unknown_path"),
            };
        };
        match contain(|| self.router.receive(now, endpoint, datagram)) {
            Ok(Received::Authenticated) => {
                if self.peers[endpoint as usize].shows_life(now, path) {
                    self.tell(now, endpoint, TransportEvent::MediaSeen);
                }
            }
            Ok(Received::Dropped(_)) => {} // The router has counted it.
            Err(message) => self.fault(Some(endpoint), message),
        }
    }

    fn receive_stun(&mut self, now: Instant, path: Path, data: &[u8]) {
        let Some(fragment) = stun::destination_ufrag(data) else {
            return self.count("dropped_stun_unknown_user");
        };
        if !self.neighbours.is_ours(fragment) {
            let worker = self.neighbours.owner(fragment);
            return self.pass_on_stun(worker, path, data);
        }
        match self.demux.by_fragment(fragment) {
            Some(endpoint) => self.tell(now, endpoint, TransportEvent::Datagram { path, data }),
            None => self.count("dropped_stun_unknown_user"),
        }
    }

    fn pass_on_stun(&mut self, to: WorkerIndex, path: Path, data: &[u8]) {
        match path.via {
            Via::Udp => self.pass_on(to, path, data),
            Via::Tcp(number) => self.connections.push(ConnectionChange::Hand {
                number,
                to,
                frame: data.to_vec(),
            }),
        }
    }

    fn receive_dtls(&mut self, now: Instant, path: Path, data: &[u8]) {
        match self.demux.by_path(path) {
            Some(endpoint) => self.tell(now, endpoint, TransportEvent::Datagram { path, data }),
            None => match self.neighbours.owner_of_path(path) {
                Some(worker) => self.pass_on(worker, path, data),
                None => self.count("dropped_dtls_unknown_path"),
            },
        }
    }

    /// The stream under `path` has ended.
    pub fn path_closed(&mut self, now: Instant, path: Path) {
        if let Some(endpoint) = self.demux.by_path(path) {
            self.tell(now, endpoint, TransportEvent::PathClosed(path));
            self.release_path(path, endpoint);
        }
    }

    /// Does as `command` says, or tells why not.
    pub fn command(&mut self, now: Instant, command: Command) {
        let (name, id) = command.identify();
        let reason = match contain(|| self.carry_out(now, command)) {
            Ok(Ok(())) => return,
            Ok(Err(refusal)) => refusal.to_string(),
            Err(message) => {
                self.fault(self.router.at_work(), message);
                "fault".to_owned()
            }
        };
        self.events.push(Event::CommandFailed {
            command: name,
            id,
            reason,
        });
    }

    /// Sends everything that became pending to everyone who is to have it.
    pub fn flush(&mut self, now: Instant) {
        if let Err(message) = contain(|| self.router.flush(now, &mut self.outbox)) {
            self.fault(self.router.at_work(), message);
        }
        self.collect_router_events();
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(endpoint) = self.timers.pop(now) {
            self.tell(now, endpoint, TransportEvent::Timeout);
        }
        if self
            .router
            .deadline()
            .is_some_and(|deadline| deadline <= now)
            && let Err(message) = contain(|| self.router.handle_timeout(now, &mut self.outbox))
        {
            self.fault(self.router.at_work(), message);
        }
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        [self.timers.deadline(), self.router.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Says goodbye to everyone: the worker is about to stop.
    pub fn close(&mut self, now: Instant) {
        for endpoint in self.endpoints() {
            self.tell(now, endpoint, TransportEvent::Close);
            self.remove(endpoint);
        }
    }

    /// Ends a transport whose events nobody reads.
    pub fn fail(&mut self, transport: TransportId) {
        if let Some(&endpoint) = self.by_id.get(&transport) {
            self.fail_endpoint(endpoint, "fault");
        }
    }

    /// What is to be sent.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// To clear it.
    pub fn outbox_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    /// What is to become of TCP connections, since the last call.
    pub fn take_connection_changes(&mut self) -> Vec<ConnectionChange> {
        mem::take(&mut self.connections)
    }

    /// How many transports there are, how many tracks are received, and how many are sent.
    #[must_use]
    pub fn census(&self) -> [u64; 3] {
        let (producers, consumers) = self.router.tracks();
        [self.peers.len(), producers, consumers].map(|count| count as u64)
    }

    /// Totals since start, under their public names.
    pub fn counters(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let own = self.counts.iter().map(|(&name, &count)| (name, count));
        own.chain(self.router.counters())
    }

    /// Gives `event` to a transport and performs the effects.
    fn tell(&mut self, now: Instant, endpoint: EndpointId, event: TransportEvent<'_>) {
        let told = contain(|| {
            let mut effects = mem::take(&mut self.effects);
            if let Some(peer) = self.peers.get_mut(endpoint as usize) {
                peer.transport.handle(now, event, &mut effects);
                self.timers.schedule(endpoint, peer.transport.deadline());
            }
            for effect in effects.drain(..) {
                self.perform(endpoint, effect);
            }
            self.effects = effects;
        });
        if let Err(message) = told {
            self.fault(Some(endpoint), message);
        }
        self.tell_disowned(now);
    }

    /// Its next check proves such a path again, and then it may be free.
    fn tell_disowned(&mut self, now: Instant) {
        while let Some((endpoint, path)) = self.disowned.pop() {
            self.tell(now, endpoint, TransportEvent::PathClosed(path));
        }
    }

    fn endpoints(&self) -> Vec<EndpointId> {
        self.by_id.values().copied().collect()
    }

    fn count(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }

    /// A panic of ours, in the handling of `endpoint`, which ends. If nobody is to blame, the router's state is not
    /// to be trusted: all transports end, and a new router begins.
    fn fault(&mut self, endpoint: Option<EndpointId>, message: String) {
        self.count("worker_faults");
        let blamed = endpoint.and_then(|endpoint| self.peers.get(endpoint as usize));
        let transport = blamed.map(|peer| peer.id);
        self.events.push(Event::WorkerFault {
            worker: self.neighbours.worker(),
            transport,
            message,
        });
        match endpoint {
            Some(endpoint) if transport.is_some() => self.fail_endpoint(endpoint, "fault"),
            _ => {
                for endpoint in self.endpoints() {
                    self.fail_endpoint(endpoint, "fault");
                }
                self.router = self.beginning.router();
                self.neighbours.void_posts();
            }
        }
    }

    fn fail_endpoint(&mut self, endpoint: EndpointId, reason: &'static str) {
        if let Some(transport) = self.remove(endpoint) {
            self.events
                .push(Event::TransportFailed { transport, reason });
        }
    }

    /// Forgets a transport with all that belongs to it, and returns which one it was.
    fn remove(&mut self, endpoint: EndpointId) -> Option<TransportId> {
        let peer = self.peers.try_remove(endpoint as usize)?;
        self.by_id.remove(&peer.id);
        self.timers.cancel(endpoint);
        let paths = self.demux.forget(endpoint);
        self.released_paths(&paths);
        for path in paths {
            self.close_connection(path);
        }
        // A router that has just panicked over this endpoint may do so again; it is still rid of it afterwards.
        let _ = contain(|| self.router.remove_endpoint(endpoint));
        Some(peer.id)
    }
}
