//! A core on loopback, transports of it, and peers that get as far as a connectivity check.
#![allow(dead_code, reason = "each of the programs uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use _core::MediaCore;
use _core::commands::{Command, TransportId};
use _core::events::Event;
use aws_lc_rs::hmac;
use hoichan_transport::IceCredentials;
use hoichan_wire::framing;
use hoichan_wire::stun::{Builder, Class, Role};

const PATIENCE: Duration = Duration::from_secs(20);
const PASSWORD: &str = "pppppppppppppppppppppp";
/// Of a STUN success response, where class and method stand. (RFC 8489 §5)
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];

/// A core with several workers.
pub struct Clinic {
    pub core: MediaCore,
    ids: AtomicU64,
}

/// One transport, and what its peer must know.
#[derive(Clone, Debug)]
pub struct Room {
    pub id: TransportId,
    fragment: String,
}

impl Clinic {
    pub fn with_workers(crew: u8) -> Self {
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let core = MediaCore::with_workers(crew, any, Some(any)).expect("loopback can be bound");
        let ids = AtomicU64::new(1);
        Self { core, ids }
    }

    /// A new transport on that worker.
    pub fn transport(&self, worker: u8) -> Room {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let room = Room {
            id: TransportId(id),
            fragment: format!("{}room{id}", char::from(b'A' + worker)),
        };
        let transport = room.id;
        let ice = room.ice();
        self.submit(Command::CreateTransport { transport, ice });
        room
    }

    /// The transport as it is to be reached from now on.
    pub fn restart_ice(&self, room: &Room, fragment: &str) -> Room {
        let room = Room {
            fragment: fragment.to_owned(),
            ..room.clone()
        };
        let (transport, ice) = (room.id, room.ice());
        self.submit(Command::RestartIce { transport, ice });
        room
    }

    pub fn close(&self, transport: TransportId) {
        self.submit(Command::CloseTransport { transport });
    }

    fn submit(&self, command: Command) {
        assert!(self.core.submit(command), "there is room");
    }

    /// The next thing that the core tells.
    pub fn event(&self) -> Event {
        eventually(|| {
            self.core.silence();
            self.core.next_event()
        })
    }

    pub fn counter(&self, name: &str) -> u64 {
        self.core.counters().get(name).copied().unwrap_or(0)
    }

    /// Waits until a counter is as it should be.
    pub fn until(&self, name: &str, is_right: impl Fn(u64) -> bool) {
        eventually(|| is_right(self.counter(name)).then_some(()));
    }

    /// Waits until the figures stand still, for twice the time in which they are brought up to date.
    pub fn settle(&self) {
        let mut last = (Instant::now(), self.core.counters());
        eventually(|| {
            let counters = self.core.counters();
            if counters != last.1 {
                last = (Instant::now(), counters);
            }
            (last.0.elapsed() > Duration::from_millis(100)).then_some(())
        });
    }

    /// Waits until nobody answers for `room`.
    pub fn until_gone(&self, room: &Room) {
        let peer = UdpPeer::new(self);
        let unknown = self.counter("dropped_stun_unknown_user");
        eventually(|| {
            peer.send_check(room);
            (self.counter("dropped_stun_unknown_user") > unknown).then_some(())
        });
    }
}

impl Room {
    fn ice(&self) -> IceCredentials {
        IceCredentials {
            username_fragment: self.fragment.clone(),
            password: PASSWORD.to_owned(),
        }
    }

    /// A nominating check as its peer would send it.
    fn check(&self) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, PASSWORD.as_bytes());
        Builder::new(Class::Request, &[7; 12])
            .username(&format!("{}:peer", self.fragment))
            .priority(1)
            .role(Role::Controlling(1))
            .use_candidate()
            .finish(|data| {
                let mac = hmac::sign(&key, data);
                *mac.as_ref().first_chunk().expect("SHA-1 has 20 bytes")
            })
    }
}

/// Somebody with an address of their own.
pub struct UdpPeer {
    socket: UdpSocket,
}

impl UdpPeer {
    pub fn new(clinic: &Clinic) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback can be bound");
        let core = clinic.core.udp_address();
        socket.connect(core).expect("it is bound");
        socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has a time-out");
        Self { socket }
    }

    fn send_check(&self, room: &Room) {
        self.socket.send(&room.check()).expect("loopback is there");
    }

    /// Sends what looks like a packet of video.
    pub fn send_media(&self) {
        self.socket.send(&[0x80; 1200]).expect("loopback is there");
    }

    /// Whether a check is answered with success, from the address it was sent to.
    pub fn checks(&self, room: &Room) -> bool {
        self.send_check(room);
        let mut answer = [0; 1500];
        let len = self.socket.recv(&mut answer).expect("there is an answer");
        answer[..len].starts_with(&BINDING_SUCCESS)
    }
}

/// Somebody whose network lets no UDP through.
pub struct TcpPeer {
    stream: TcpStream,
}

impl TcpPeer {
    pub fn new(clinic: &Clinic) -> Self {
        let address = clinic.core.tcp_address().expect("it listens");
        let stream = TcpStream::connect(address).expect("it listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has a time-out");
        Self { stream }
    }

    pub fn checks(&mut self, room: &Room) -> bool {
        let mut framed = Vec::new();
        assert!(framing::encode(&room.check(), &mut framed));
        self.stream.write_all(&framed).expect("we are connected");
        let mut answer = [0; 4];
        self.stream.read_exact(&mut answer).expect("an answer");
        let [high, low, class, method] = answer;
        let rest = usize::from(u16::from_be_bytes([high, low])) - 2;
        self.stream
            .read_exact(&mut vec![0; rest])
            .expect("all of it");
        [class, method] == BINDING_SUCCESS
    }
}

/// What `look` finds, as soon as it finds something.
pub fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came");
        std::thread::yield_now();
    }
}
