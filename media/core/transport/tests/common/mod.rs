//! Two peers in virtual time: our transport, and a browser made of other people's parts, over a seeded link.

// Each test file uses its own part of this.
#![allow(dead_code)]

pub mod browser;
mod link;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

pub use browser::{Browser, Version};
use hoichan_transport::{
    Certificate, Counter, DtlsRole, Effect, Event, Fingerprint, IceCredentials, Path, Reason,
    Transport, Via,
};
pub use link::Link;

/// How finely time passes.
const STEP: Duration = Duration::from_millis(5);

/// One for all tests: making it is the slowest thing they do.
pub static CERTIFICATE: LazyLock<Arc<Certificate>> =
    LazyLock::new(|| Arc::new(Certificate::generate().expect("the system gives random numbers")));

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn udp(last: u8, port: u16) -> Path {
    Path {
        remote: SocketAddr::from(([203, 0, 113, last], port)),
        via: Via::Udp,
    }
}

pub fn tcp(last: u8, port: u16, connection: u32) -> Path {
    Path {
        remote: SocketAddr::from(([203, 0, 113, last], port)),
        via: Via::Tcp(connection),
    }
}

pub fn credentials(name: &str) -> IceCredentials {
    IceCredentials {
        username_fragment: format!("{name}Ufrag"),
        password: format!("{name}PasswordOf24Characters"),
    }
}

/// Bytes to and from one path, as the server sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub received: usize,
    pub sent: usize,
}

pub struct World {
    pub now: Instant,
    pub server: Transport,
    pub browser: Browser,
    pub up: Link,
    pub down: Link,
    /// Everything the server wanted but datagrams.
    pub effects: Vec<Effect>,
    pub traffic: HashMap<Path, Traffic>,
}

impl World {
    /// Both sides know of each other; nothing has been sent.
    pub fn new(version: Version, browser_role: DtlsRole, link: Link) -> Self {
        let mut world = Self::unconnected(version, browser_role, link);
        let fingerprints = vec![world.browser.fingerprint("sha-256")];
        world.event(Event::Connect {
            role: browser_role,
            fingerprints,
        });
        world
    }

    /// The server does not know the browser's side yet.
    pub fn unconnected(version: Version, browser_role: DtlsRole, link: Link) -> Self {
        let now = Instant::now();
        let server = Transport::new(credentials("server"), Arc::clone(&CERTIFICATE));
        let browser = Browser::new(now, version, browser_role, credentials("server"));
        let (up, down) = (link.clone(), link.seed(99));
        let (effects, traffic) = (Vec::new(), HashMap::new());
        Self {
            now,
            server,
            browser,
            up,
            down,
            effects,
            traffic,
        }
    }

    /// A call that stands, with nothing in `effects`.
    pub fn connected() -> Self {
        let mut world = Self::new(Version::Auto, DtlsRole::Client, Link::new());
        world.run_for(secs(3));
        assert!(world.has(&Effect::Connected), "{:?}", world.effects);
        world.effects.clear();
        world
    }

    /// Hands the server one event, now.
    pub fn event(&mut self, event: Event<'_>) {
        let mut out = Vec::new();
        self.server.handle(self.now, event, &mut out);
        for effect in out {
            match effect {
                Effect::Transmit { path, data } => {
                    assert!(data.len() <= 1200, "{} bytes in a datagram", data.len());
                    self.traffic.entry(path).or_default().sent += data.len();
                    self.down.send(self.now, path, data);
                }
                other => self.effects.push(other),
            }
        }
    }

    /// A datagram reaches the server from `path`, now.
    pub fn inject(&mut self, path: Path, data: &[u8]) {
        self.traffic.entry(path).or_default().received += data.len();
        self.event(Event::Datagram { path, data });
    }

    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.now += STEP;
            self.step();
        }
    }

    fn step(&mut self) {
        for (path, data) in self.up.arrived(self.now) {
            self.inject(path, &data);
        }
        for (path, data) in self.down.arrived(self.now) {
            self.browser.receive(self.now, path, &data);
        }
        if self.server.deadline().is_some_and(|at| at <= self.now) {
            self.event(Event::Timeout);
            let next = self.server.deadline();
            assert!(
                next.is_none_or(|at| at > self.now),
                "a deadline that has passed stays"
            );
        }
        for (path, data) in self.browser.poll(self.now) {
            self.up.send(self.now, path, data);
        }
    }

    pub fn has(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }

    pub fn count(&self, counter: Counter) -> usize {
        self.effects
            .iter()
            .filter(|effect| **effect == Effect::Count(counter))
            .count()
    }

    pub fn failure(&self) -> Option<Reason> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Failed(reason) => Some(*reason),
            _ => None,
        })
    }

    pub fn keys(&self) -> Option<&[u8]> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Keys { material, .. } => Some(material.as_slice()),
            _ => None,
        })
    }

    /// What arrived on the channel called `wanted`.
    pub fn data(&self, wanted: &str) -> Vec<&[u8]> {
        let payloads = self.effects.iter().filter_map(|effect| match effect {
            Effect::Data { label, payload } if label == wanted => Some(payload.as_slice()),
            _ => None,
        });
        payloads.collect()
    }

    pub fn open(&mut self, label: &str) {
        self.event(Event::OpenChannel {
            label,
            ordered: true,
            max_retransmits: None,
        });
    }

    pub fn send(&mut self, label: &str, payload: &[u8]) {
        self.event(Event::SendData { label, payload });
    }
}

pub fn opened(label: &str) -> Effect {
    Effect::ChannelOpened {
        label: label.to_owned(),
    }
}

pub fn closed(label: &str) -> Effect {
    Effect::ChannelClosed {
        label: label.to_owned(),
    }
}

pub fn fingerprint_of(algorithm: &str, certificate: &[u8]) -> Fingerprint {
    use aws_lc_rs::digest;
    let hash = match algorithm {
        "sha-256" => &digest::SHA256,
        "sha-384" => &digest::SHA384,
        _ => &digest::SHA512,
    };
    let digest = digest::digest(hash, certificate);
    let pairs: Vec<String> = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    Fingerprint::parse(algorithm, &pairs.join(":")).expect("a digest is well formed")
}
