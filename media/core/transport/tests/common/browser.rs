//! A browser's transport: a small controlling ICE agent, `dimpl` for DTLS, and `dcsctp`, which is Chrome's SCTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use dcsctp::api::{
    DcSctpSocket, Message, Options, PpId, SendOptions, SocketEvent, SocketTime, StreamId,
};
use dimpl::Output;
use hoichan_transport::{DtlsRole, Fingerprint, IceCredentials, Path};
use hoichan_wire::stun::{self, Builder, Class, Role};

use super::{credentials, fingerprint_of, udp};

/// Chunk types (RFC 9260 §3.2).
const INIT: u8 = 1;

const CHECK_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Dtls12,
    Dtls13,
    Auto,
}

pub struct Browser {
    pub local: IceCredentials,
    pub server: IceCredentials,
    /// Where it sends from; the first is the one it nominates.
    pub paths: Vec<Path>,
    /// Whether it checks at all.
    pub checking: bool,
    /// Whether it nominates.
    pub nominating: bool,
    pub successes: usize,
    pub errors: Vec<u16>,
    pub keys: Option<Vec<u8>>,
    pub server_closed: bool,
    /// Where the server last sent anything but STUN.
    pub reached_on: Option<Path>,
    /// Stream, PPID, payload.
    pub messages: Vec<(u16, u32, Vec<u8>)>,
    pub sctp: Box<dyn DcSctpSocket>,
    /// The verification tag of what it sends to the server.
    server_tag: u32,
    /// The packet with which it began its association.
    pub init: Vec<u8>,
    /// Whether it takes what SCTP brings; if not, SCTP stalls.
    pub reading: bool,
    /// Whether it agrees to the server's channels.
    pub acknowledging: bool,
    certificate: Vec<u8>,
    dtls: dimpl::Dtls,
    role: DtlsRole,
    dtls_deadline: Option<Instant>,
    next_check: Instant,
    transaction: u64,
    start: Instant,
    out: Vec<(Path, Vec<u8>)>,
}

impl Browser {
    pub fn new(now: Instant, version: Version, role: DtlsRole, server: IceCredentials) -> Self {
        let identity =
            dimpl::certificate::generate_self_signed_certificate().expect("a certificate");
        let certificate = identity.certificate.clone();
        let config = Arc::new(
            dimpl::Config::builder()
                .flight_retries(20)
                .build()
                .expect("a valid configuration"),
        );
        let mut dtls = match version {
            Version::Dtls12 => dimpl::Dtls::new_12(config, identity, now),
            Version::Dtls13 => dimpl::Dtls::new_13(config, identity, now),
            Version::Auto => dimpl::Dtls::new_auto(config, identity, now),
        };
        dtls.set_active(role == DtlsRole::Client);
        Self {
            local: credentials("browser"),
            server,
            paths: vec![udp(1, 40_000)],
            checking: true,
            nominating: true,
            successes: 0,
            errors: Vec::new(),
            keys: None,
            server_closed: false,
            reached_on: None,
            messages: Vec::new(),
            sctp: dcsctp::new_socket(
                "browser",
                &Options {
                    mtu: 1150,
                    ..Options::default()
                },
            ),
            server_tag: 0,
            init: Vec::new(),
            reading: true,
            acknowledging: true,
            certificate,
            dtls,
            role,
            dtls_deadline: None,
            next_check: now,
            transaction: 0,
            start: now,
            out: Vec::new(),
        }
    }

    pub fn fingerprint(&self, algorithm: &str) -> Fingerprint {
        fingerprint_of(algorithm, &self.certificate)
    }

    /// One binding request as this browser would send it.
    pub fn check(&mut self, nominate: bool) -> Vec<u8> {
        let username = format!(
            "{}:{}",
            self.server.username_fragment, self.local.username_fragment
        );
        let request = self
            .request()
            .username(&username)
            .priority(1_853_824_767)
            .role(Role::Controlling(7));
        let request = if nominate {
            request.use_candidate()
        } else {
            request
        };
        sign(request, &self.server.password)
    }

    /// The beginning of a request with a fresh transaction.
    pub fn request(&mut self) -> Builder {
        self.transaction += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.transaction.to_be_bytes());
        Builder::new(Class::Request, &id)
    }

    pub fn receive(&mut self, now: Instant, path: Path, data: &[u8]) {
        if !self.paths.contains(&path) {
            return;
        }
        match data.first() {
            Some(0..=3) => self.response(path, data),
            Some(20..=63) => {
                self.reached_on = Some(path);
                self.dtls
                    .handle_timeout(now)
                    .expect("the browser's DTLS goes on");
                self.drain(now);
                if self.dtls.handle_packet(data).is_ok() {
                    self.drain(now);
                }
            }
            _ => {}
        }
    }

    fn response(&mut self, path: Path, data: &[u8]) {
        let message = stun::Message::parse(data).expect("the server speaks STUN");
        let integrity = message.integrity.expect("answers are signed");
        let mut context = hmac::Context::with_key(&key(&self.server.password));
        context.update(&integrity.header);
        context.update(integrity.body);
        // Answers of a former generation are signed with its password.
        if context.sign().as_ref() != integrity.mac {
            return;
        }
        match message.class {
            Class::Success => {
                assert_eq!(
                    message.mapped_address,
                    Some(path.remote),
                    "it is told where it is seen"
                );
                self.successes += 1;
            }
            Class::Error => self.errors.push(message.error_code.expect("a code")),
            other => panic!("the server sent a {other:?}"),
        }
    }

    /// Lets time pass; returns what to send.
    pub fn poll(&mut self, now: Instant) -> Vec<(Path, Vec<u8>)> {
        if self.checking && now >= self.next_check {
            self.next_check = now + CHECK_INTERVAL;
            for (index, path) in self.paths.clone().into_iter().enumerate() {
                let request = self.check(self.nominating && index == 0);
                self.out.push((path, request));
            }
        }
        let begins =
            self.dtls_deadline.is_none() && self.role == DtlsRole::Client && self.successes > 0;
        if begins || self.dtls_deadline.is_some_and(|at| now >= at) {
            self.dtls_deadline = None;
            if self.dtls.handle_timeout(now).is_ok() {
                self.drain(now);
            }
        }
        self.run_sctp(now);
        std::mem::take(&mut self.out)
    }

    /// Opens a data channel by hand.
    pub fn open(&mut self, stream: u16, label: &str, lossy: bool) {
        use hoichan_wire::dcep::{Open, Reliability};
        let reliability = if lossy {
            Reliability::MaxRetransmits(0)
        } else {
            Reliability::Reliable
        };
        let open = Open {
            ordered: !lossy,
            reliability,
            label,
            protocol: "",
        };
        self.send(stream, 50, open.to_bytes().expect("a short label"));
    }

    pub fn send(&mut self, stream: u16, ppid: u32, payload: Vec<u8>) {
        let message = Message::new(StreamId(stream), PpId(ppid), payload);
        self.sctp
            .send(message, &SendOptions::default())
            .expect("room to send");
    }

    /// The application messages that came, without DCEP.
    pub fn application_messages(&self) -> Vec<&[u8]> {
        self.messages
            .iter()
            .filter(|(_, ppid, _)| *ppid != 50)
            .map(|(.., payload)| payload.as_slice())
            .collect()
    }

    /// The stream on which the server opened `label`.
    pub fn stream_of(&self, label: &str) -> Option<u16> {
        use hoichan_wire::dcep::Message;
        self.messages
            .iter()
            .find_map(|(stream, ppid, payload)| match Message::parse(payload) {
                Some(Message::Open(open)) if *ppid == 50 && open.label == label => Some(*stream),
                _ => None,
            })
    }

    pub fn close(&mut self, now: Instant) {
        self.dtls.close().expect("DTLS can be closed");
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        let mut buffer = [0; 4096];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(data) => self.out.push((self.paths[0], data.to_vec())),
                Output::Timeout(at) => {
                    self.dtls_deadline = Some(at);
                    return;
                }
                Output::KeyingMaterial(material, _) => {
                    self.keys = Some(material.to_vec());
                    self.advance_sctp(now);
                    // As libwebrtc does, whatever its role.
                    self.sctp.connect();
                }
                Output::ApplicationData(data) => {
                    self.advance_sctp(now);
                    self.sctp.handle_input(data);
                }
                Output::CloseNotify => self.server_closed = true,
                _ => {}
            }
        }
    }

    /// Encrypts one SCTP packet and sends it.
    pub fn send_raw(&mut self, now: Instant, packet: &[u8]) {
        if self.dtls.send_application_data(packet).is_ok() {
            self.drain(now);
        }
    }

    /// The TSN of its first DATA chunk.
    pub fn initial_tsn(&self) -> u32 {
        u32::from_be_bytes(self.init[28..32].try_into().expect("an INIT chunk"))
    }

    /// A packet with one chunk of `kind`, the right ports, tag and checksum.
    pub fn sctp_packet(&self, kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        let tag = if kind == INIT { 0 } else { self.server_tag };
        let mut packet = vec![0x13, 0x88, 0x13, 0x88];
        packet.extend_from_slice(&tag.to_be_bytes());
        packet.extend_from_slice(&[0; 4]);
        packet.extend_from_slice(&[kind, flags]);
        packet.extend_from_slice(&(body.len() as u16 + 4).to_be_bytes());
        packet.extend_from_slice(body);
        packet.resize(packet.len().next_multiple_of(4), 0);
        let checksum = crc32c(&packet);
        packet[8..12].copy_from_slice(&checksum.to_le_bytes());
        packet
    }

    fn advance_sctp(&mut self, now: Instant) {
        self.sctp
            .advance_time(SocketTime::zero() + (now - self.start));
    }

    fn run_sctp(&mut self, now: Instant) {
        self.advance_sctp(now);
        while let Some(event) = self.sctp.poll_event() {
            if let SocketEvent::SendPacket(packet) = event
                && self.keys.is_some()
            {
                let tag = packet[4..8].try_into().expect("a header");
                self.server_tag = u32::from_be_bytes(tag);
                if packet[12] == INIT {
                    self.init.clone_from(&packet);
                }
                self.send_raw(now, &packet);
            }
        }
        while self.reading
            && let Some(message) = self.sctp.get_next_message()
        {
            self.acknowledge(&message);
            self.messages
                .push((message.stream_id.0, message.ppid.0, message.payload));
        }
    }

    fn acknowledge(&mut self, message: &Message) {
        if self.acknowledging && message.ppid.0 == 50 && message.payload[0] == 3 {
            self.send(message.stream_id.0, 50, vec![2]);
        }
    }
}

pub fn key(password: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
}

pub fn sign(request: Builder, password: &str) -> Vec<u8> {
    request.finish(|data| {
        hmac::sign(&key(password), data)
            .as_ref()
            .try_into()
            .expect("SHA-1 has 20 bytes")
    })
}

/// CRC-32C (RFC 9260 Appendix A).
fn crc32c(data: &[u8]) -> u32 {
    let crc = data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())
        })
    });
    !crc
}
