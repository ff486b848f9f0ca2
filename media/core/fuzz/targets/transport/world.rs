//! The transport, its peer, and what must hold between them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use hoichan_transport::{
    Certificate, DtlsRole, Effect, Event, Fingerprint, IceCredentials, Path, Transport, Via,
};
use hoichan_wire::stun::{Builder, Class, Role};

use crate::peer::Peer;

/// One for all runs: making it is slow.
static CERTIFICATE: LazyLock<Arc<Certificate>> =
    LazyLock::new(|| Arc::new(Certificate::generate().expect("the system gives randomness")));

const COOKIE_ECHO: u8 = 10;
const MAX_CHANNELS: usize = 16;
const MAX_MESSAGE: usize = 256 * 1024;

pub struct World {
    now: Instant,
    transport: Transport,
    peer: Peer,
    /// Of the peer's certificate, or of another one.
    fingerprint: Fingerprint,
    is_impostor: bool,
    /// Where the peer sends from.
    path: Path,
    generation: u8,
    verified: HashSet<Path>,
    /// Bytes that each unverified path has sent beyond those it got.
    credit: HashMap<Path, usize>,
    channels: usize,
    has_failed: bool,
}

impl World {
    pub fn new(is_dtls13: bool, is_impostor: bool) -> Self {
        let now = Instant::now();
        let other = || Fingerprint::parse("sha-256", &CERTIFICATE.fingerprint());
        Self {
            now,
            transport: Transport::new(credentials(0), Arc::clone(&CERTIFICATE)),
            peer: Peer::new(now, is_dtls13),
            fingerprint: if is_impostor {
                other().expect("our own is well written")
            } else {
                Peer::fingerprint()
            },
            is_impostor,
            path: path(0),
            generation: 0,
            verified: HashSet::new(),
            credit: HashMap::new(),
            channels: 0,
            has_failed: false,
        }
    }

    /// Path, handshake and association, all as they should be.
    pub fn establish(&mut self) {
        self.check(0x10, &[]);
        self.connect(0);
        for _ in 0..8 {
            self.shake_hands(&[]);
        }
        self.peer.begin_association();
        self.shake_hands(&[]);
        let cookie = std::mem::take(&mut self.peer.cookie);
        self.peer.seal_chunk(COOKIE_ECHO, 0, &cookie);
        self.shake_hands(&[]);
    }

    /// Any bytes from some path.
    pub fn datagram(&mut self, choice: u8, data: &[u8]) {
        let path = path(choice);
        *self.credit.entry(path).or_default() += data.len();
        self.event(Event::Datagram { path, data });
    }

    /// An authentic request: 16 nominates, 32 is for the generation before, 64 claims the other role.
    pub fn check(&mut self, choice: u8, attributes: &[u8]) {
        let request = self.request(choice, attributes);
        self.datagram(choice & 0x0f, &request);
    }

    /// The same, with some bytes changed.
    pub fn spoiled_check(&mut self, choice: u8, bytes: &[u8]) {
        let mut request = self.request(choice, &[]);
        for (at, byte) in bytes.iter().enumerate() {
            let at = at * 7 % request.len();
            request[at] ^= byte;
        }
        self.datagram(choice & 0x0f, &request);
    }

    /// The peer's datagrams arrive, the bytes of the input spoiling one each; the answers come back whole.
    pub fn shake_hands(&mut self, spoil: &[u8]) {
        self.peer.handle(self.now, None);
        let out = std::mem::take(&mut self.peer.out);
        for (number, mut datagram) in out.into_iter().enumerate() {
            if let Some(&spoil) = spoil.get(number) {
                let at = usize::from(spoil) * 5 % datagram.len();
                datagram[at] ^= spoil;
            }
            let path = self.path;
            *self.credit.entry(path).or_default() += datagram.len();
            self.event(Event::Datagram {
                path,
                data: &datagram,
            });
        }
    }

    pub fn connect(&mut self, choice: u8) {
        let role = if choice & 1 == 0 {
            DtlsRole::Client
        } else {
            DtlsRole::Server
        };
        let fingerprints = vec![self.fingerprint.clone()];
        self.event(Event::Connect { role, fingerprints });
    }

    pub fn restart_ice(&mut self, choice: u8) {
        self.generation = choice % 4;
        self.event(Event::RestartIce(credentials(self.generation)));
    }

    pub fn lose_path(&mut self, choice: u8) {
        self.event(Event::PathClosed(path(choice)));
    }

    /// One SCTP chunk, well wrapped.
    pub fn chunk(&mut self, kind: u8, bytes: &[u8]) {
        if let Some((&flags, body)) = bytes.split_first() {
            self.peer.seal_chunk(kind, flags, body);
            self.shake_hands(&[]);
        }
    }

    /// Any SCTP packet with a right checksum.
    pub fn sctp_packet(&mut self, packet: &[u8]) {
        self.peer.seal_sctp(packet.to_vec());
        self.shake_hands(&[]);
    }

    /// Lets 100 ms pass for each of `steps`, timers firing when they are due.
    pub fn pass(&mut self, steps: u8) {
        let until = self.now + Duration::from_millis(100) * u32::from(steps);
        while let Some(deadline) = self.transport.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(deadline);
            self.event(Event::Timeout);
            let next = self.transport.deadline();
            assert!(next.is_none_or(|next| next > self.now), "time goes on");
        }
        self.now = until;
    }

    pub fn event(&mut self, event: Event<'_>) {
        let mut effects = Vec::new();
        self.transport.handle(self.now, event, &mut effects);
        assert!(!self.has_failed || effects.is_empty(), "a failure is final");
        for effect in effects {
            assert!(!self.has_failed, "a failure is the last word");
            self.perform(effect);
        }
    }

    /// It has been closed.
    pub fn ended(&self) {
        assert_eq!(self.transport.deadline(), None);
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Transmit { path, data } => {
                if !self.verified.contains(&path) {
                    let credit = self.credit.entry(path).or_default();
                    *credit = credit.checked_sub(data.len()).expect("no amplification");
                }
                assert!(data.len() <= 1200);
                if data[0] >= 20 {
                    self.peer.handle(self.now, Some(&data));
                }
            }
            Effect::PathVerified(path) => {
                self.verified.insert(path);
                assert!(self.verified.len() <= 16);
            }
            Effect::PathSelected(path) => {
                assert!(self.verified.contains(&path));
                self.path = path;
            }
            Effect::PathForgotten(path) => assert!(self.verified.remove(&path)),
            Effect::Keys { .. } => assert!(!self.is_impostor, "keys for a stranger"),
            Effect::ChannelOpened { .. } => {
                self.channels += 1;
                assert!(self.channels <= MAX_CHANNELS);
            }
            Effect::ChannelClosed { .. } => self.channels -= 1,
            Effect::Data { payload, .. } => assert!(payload.len() <= MAX_MESSAGE),
            Effect::Failed(_) => self.has_failed = true,
            _ => {}
        }
    }

    fn request(&self, choice: u8, attributes: &[u8]) -> Vec<u8> {
        let behind = u8::from(choice & 0x20 != 0);
        let local = credentials(self.generation.saturating_sub(behind));
        let role = if choice & 0x40 == 0 {
            Role::Controlling(7)
        } else {
            Role::Controlled(7)
        };
        let mut request = Builder::new(Class::Request, &[choice; 12])
            .username(&format!("{}:peer", local.username_fragment))
            .priority(1)
            .role(role);
        if choice & 0x10 != 0 {
            request = request.use_candidate();
        }
        if let Some((&[high, low], value)) = attributes.split_first_chunk() {
            request = request.attribute(u16::from_be_bytes([high, low]), value);
        }
        let key = hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            local.password.as_bytes(),
        );
        request.finish(|data| {
            let mac = hmac::sign(&key, data);
            *mac.as_ref().first_chunk().expect("SHA-1 has 20 bytes")
        })
    }
}

fn credentials(generation: u8) -> IceCredentials {
    IceCredentials {
        username_fragment: format!("server{generation}"),
        password: format!("passwordOf24Characters{generation}"),
    }
}

/// Twenty addresses, a quarter of them behind TCP.
fn path(choice: u8) -> Path {
    let number = choice % 20;
    let via = match number % 4 {
        3 => Via::Tcp(u32::from(number)),
        _ => Via::Udp,
    };
    Path {
        remote: ([192, 0, 2, 1 + number], 40_000).into(),
        via,
    }
}
