//! One participant: a signalling connection, the adapter behind it, and the peer connections it opens.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::time::Instant;

use hoichan_transport::IceCredentials;
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};

use super::clock::{self, Nanoseconds};
use super::media::{Parameters, Publication, camera::Camera, microphone::Microphone};
use super::peer::{Peer, dtls::Identity};
use super::sdp::{Local, MediaKind};
use super::signalling::channel::Channel;
use super::signalling::websocket::Incoming;
use super::signalling::{Assignment, Effect, Key, Network, Role, Signalling};
use super::socket::Receiver;

/// What all participants share.
pub struct Shared {
    /// Waits for all sockets.
    pub epoll: Epoll,
    /// Everybody's certificate.
    pub identity: Identity,
    /// Our addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// Memory for what is received next.
    pub receiver: Receiver,
    /// Of all opened packets, in milliseconds.
    pub delays_ms: Vec<f32>,
    /// One packet in so many is opened.
    pub sample: u32,
    /// Share of the time for which microphones hear speech.
    pub talking: f64,
}

/// What an event of the kernel's is about: the participant, and which of its sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// The signalling connection.
    Signalling(usize),
    /// A peer connection.
    Peer(usize, Key),
}

impl Token {
    /// As the kernel keeps it.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        match self {
            Self::Signalling(number) => (number as u64) << 16,
            Self::Peer(number, key) => (number as u64) << 16 | 0x100 | u64::from(key),
        }
    }

    /// As the kernel gives it back.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        let number = (bits >> 16) as usize;
        match bits & 0x100 {
            0 => Self::Signalling(number),
            _ => Self::Peer(number, bits as u8),
        }
    }
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is on its way.
    Joining,
    /// Its peer connection stands, since then.
    Joined(Nanoseconds),
    /// It cannot take part, for this reason.
    Failed(String),
}

/// One participant.
pub struct Participant {
    assignment: Assignment,
    signalling: Box<dyn Signalling>,
    channel: Channel,
    links: Vec<Link>,
    opened: Nanoseconds,
    state: State,
}

struct Link {
    key: Key,
    local: Local,
    peer: Peer,
}

impl Participant {
    /// Begins to join.
    ///
    /// # Errors
    /// If the server does not listen, or there are no sockets left.
    pub fn new(
        assignment: Assignment,
        signalling: Box<dyn Signalling>,
        shared: &mut Shared,
    ) -> io::Result<Self> {
        let opened = clock::wall();
        let (channel, incoming) = Channel::open(&signalling.request())?;
        if let Some(descriptor) = channel.descriptor() {
            let token = Token::Signalling(assignment.number);
            watch(&shared.epoll, descriptor, token)?;
        }
        let mut this = Self {
            assignment,
            signalling,
            channel,
            links: Vec::new(),
            opened,
            state: State::Joining,
        };
        this.take(Instant::now(), incoming, shared);
        Ok(this)
    }

    /// What it does.
    #[must_use]
    pub fn role(&self) -> Role {
        self.assignment.role
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When it began.
    #[must_use]
    pub fn opened(&self) -> Nanoseconds {
        self.opened
    }

    /// Its peer connections.
    pub fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.links.iter().map(|link| &link.peer)
    }

    /// Something waits in the signalling connection.
    pub fn hear(&mut self, now: Instant, shared: &mut Shared) {
        let incoming = self.channel.receive();
        self.take(now, incoming, shared);
    }

    /// Something waits in a peer connection.
    pub fn receive(&mut self, now: Instant, key: Key, shared: &mut Shared) {
        if let Some(link) = self.links.iter_mut().find(|link| link.key == key) {
            link.peer
                .receive(now, &mut shared.receiver, &mut shared.delays_ms);
            self.note_progress();
        }
    }

    /// Sends media that are due.
    pub fn send_media(&mut self, now: Instant) {
        for link in &mut self.links {
            link.peer.send_media(now);
        }
    }

    /// Does what is due otherwise; to be called every 20 ms or so.
    pub fn timeout(&mut self, now: Instant) {
        for link in &mut self.links {
            link.peer.timeout(now);
        }
        self.note_progress();
    }

    /// A second has passed.
    pub fn tick(&mut self, now: Instant, shared: &mut Shared) {
        let effects = self.signalling.tick();
        self.perform(now, effects, shared);
    }

    /// Asks for another layer of the first camera.
    pub fn switch(&mut self, now: Instant, layer: u8, shared: &mut Shared) {
        let effects = self.signalling.switch(layer);
        self.perform(now, effects, shared);
    }

    /// Says good-bye.
    pub fn leave(&mut self, now: Instant, shared: &mut Shared) {
        let effects = self.signalling.leave();
        self.perform(now, effects, shared);
        self.channel.close();
    }

    fn note_progress(&mut self) {
        if self.state != State::Joining {
            return;
        }
        let publishes = self.assignment.role != Role::Subscriber;
        let connected = self
            .peers()
            .filter(|peer| !publishes || peer.publication().is_some())
            .find_map(Peer::connected_at);
        if let Some(at) = connected {
            self.state = State::Joined(at);
        }
    }

    fn take(&mut self, now: Instant, incoming: Vec<Incoming>, shared: &mut Shared) {
        for one in incoming {
            let mut network = Links {
                now,
                assignment: &self.assignment,
                links: &mut self.links,
                shared,
            };
            let effects = match one {
                Incoming::Opened => self.signalling.opened(&mut network),
                Incoming::Message(message) => self.signalling.received(message, &mut network),
                Incoming::Closed(reason) => vec![Effect::Fail(reason)],
            };
            self.perform(now, effects, shared);
        }
    }

    fn perform(&mut self, now: Instant, effects: Vec<Effect>, shared: &mut Shared) {
        for effect in effects {
            match effect {
                Effect::Send(message) => self.channel.send(message),
                Effect::Fail(reason) => self.state = State::Failed(reason),
                Effect::Connect {
                    key,
                    remote,
                    we_offered,
                } => {
                    self.with(key, |peer| {
                        peer.connect(now, &shared.identity, remote, we_offered)
                    });
                }
                Effect::Candidate(key, address) => {
                    self.with(key, |peer| peer.add_candidate(address))
                }
                Effect::Receive(key, formats) => {
                    self.with(key, |peer| peer.reception_mut().agree(formats))
                }
                Effect::Publish(key, kind, parameters) => {
                    let highest = self.assignment.highest_layer;
                    let talking = shared.talking;
                    self.with(key, |peer| {
                        peer.publish(publication(now, kind, parameters, highest, talking))
                    });
                }
                Effect::AwaitLayer { key, ssrc, layer } => {
                    let wall = clock::wall();
                    self.with(key, |peer| {
                        peer.reception_mut().await_layer(wall, ssrc, layer)
                    });
                }
            }
        }
    }

    fn with(&mut self, key: Key, act: impl FnOnce(&mut Peer)) {
        if let Some(link) = self.links.iter_mut().find(|link| link.key == key) {
            act(&mut link.peer);
        }
    }
}

fn publication(
    now: Instant,
    kind: MediaKind,
    mut parameters: Vec<Parameters>,
    highest_layer: usize,
    talking: f64,
) -> Publication {
    match kind {
        MediaKind::Video => Publication::Camera(Camera::new(now, parameters, highest_layer)),
        MediaKind::Audio => Publication::Microphone(Box::new(Microphone::new(
            now,
            parameters.remove(0),
            talking,
        ))),
    }
}

fn watch(epoll: &Epoll, descriptor: impl AsFd, token: Token) -> io::Result<()> {
    Ok(epoll.add(
        descriptor,
        EpollEvent::new(EpollFlags::EPOLLIN, token.to_bits()),
    )?)
}

/// Opens peer connections for one participant.
struct Links<'a> {
    now: Instant,
    assignment: &'a Assignment,
    links: &'a mut Vec<Link>,
    shared: &'a mut Shared,
}

impl Network for Links<'_> {
    fn open(&mut self, key: Key) -> Local {
        if let Some(link) = self.links.iter().find(|link| link.key == key) {
            return link.local.clone();
        }
        let number = self.assignment.number;
        let ice = IceCredentials {
            username_fragment: format!("load{number}k{key}"),
            password: format!("{:016x}{number:08x}{key:02x}", clock::wall()),
        };
        // Descriptors are raised to the most that the system gives before anybody joins.
        let peer = Peer::new(
            self.now,
            ice.clone(),
            1 + u32::from(key),
            self.shared.sample,
        )
        .expect("there are descriptors left; raise the limit of open files");
        let port = peer
            .socket()
            .local_addr()
            .map_or(0, |address| address.port());
        let local = Local {
            ice,
            fingerprint: self.shared.identity.fingerprint(),
            candidates: (self.shared.addresses.iter())
                .map(|address| SocketAddrV4::new(*address, port))
                .collect(),
        };
        watch(&self.shared.epoll, peer.socket(), Token::Peer(number, key))
            .expect("a new socket can be watched");
        self.links.push(Link {
            key,
            local: local.clone(),
            peer,
        });
        local
    }
}
