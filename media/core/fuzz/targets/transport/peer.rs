//! The far side of DTLS and SCTP: a genuine client of the one, and whatever the input says in the other.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use aws_lc_rs::digest;
use dimpl::{Config, Dtls, DtlsCertificate, Output};
use hoichan_transport::Fingerprint;

/// One for all runs: making it is slow.
static IDENTITY: LazyLock<DtlsCertificate> = LazyLock::new(|| {
    dimpl::certificate::generate_self_signed_certificate().expect("the system gives randomness")
});

const INIT_ACK: u8 = 2;
const COOKIE: [u8; 2] = [0, 7];
const TAG: u32 = 0x0102_0304;

pub struct Peer {
    dtls: Dtls,
    pub has_keys: bool,
    /// Datagrams for the transport.
    pub out: Vec<Vec<u8>>,
    /// The tag and the cookie of the INIT ACK.
    server_tag: u32,
    pub cookie: Vec<u8>,
}

impl Peer {
    pub fn new(now: Instant, is_dtls13: bool) -> Self {
        let config = Arc::new(Config::builder().build().expect("the defaults are valid"));
        let identity = IDENTITY.clone();
        let mut dtls = if is_dtls13 {
            Dtls::new_13(config, identity, now)
        } else {
            Dtls::new_12(config, identity, now)
        };
        dtls.set_active(true);
        Self {
            dtls,
            has_keys: false,
            out: Vec::new(),
            server_tag: 0,
            cookie: Vec::new(),
        }
    }

    pub fn fingerprint() -> Fingerprint {
        let hash = digest::digest(&digest::SHA256, &IDENTITY.certificate);
        let pairs: Vec<String> = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Fingerprint::parse("sha-256", &pairs.join(":")).expect("well written")
    }

    /// What was made worse under way is the client's to bear.
    pub fn handle(&mut self, now: Instant, datagram: Option<&[u8]>) {
        let _ = self.dtls.handle_timeout(now);
        self.drain();
        if let Some(datagram) = datagram {
            let _ = self.dtls.handle_packet(datagram);
            self.drain();
        }
    }

    /// Encrypts one packet, if there are keys.
    pub fn seal(&mut self, packet: &[u8]) {
        if self.has_keys && self.dtls.send_application_data(packet).is_ok() {
            self.drain();
        }
    }

    /// One chunk under the right tag and checksum.
    pub fn seal_chunk(&mut self, kind: u8, flags: u8, body: &[u8]) {
        let tag = if kind == 1 { 0 } else { self.server_tag };
        let mut packet = [&[0x13, 0x88, 0x13, 0x88], &tag.to_be_bytes()[..], &[0; 4]].concat();
        packet.extend_from_slice(&[kind, flags]);
        packet.extend_from_slice(&(body.len() as u16 + 4).to_be_bytes());
        packet.extend_from_slice(body);
        packet.resize(packet.len().next_multiple_of(4), 0);
        self.seal_sctp(packet);
    }

    /// A packet whose checksum is made right.
    pub fn seal_sctp(&mut self, mut packet: Vec<u8>) {
        if packet.len() >= 12 {
            packet[8..12].fill(0);
            let checksum = crc32c(&packet);
            packet[8..12].copy_from_slice(&checksum.to_le_bytes());
        }
        self.seal(&packet);
    }

    /// INIT with ample windows and streams; the first TSN is 1.
    pub fn begin_association(&mut self) {
        let mut body = TAG.to_be_bytes().to_vec();
        body.extend_from_slice(&[0, 2, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1]);
        body.extend_from_slice(&[0xc0, 0, 0, 4]); // Forward TSN (RFC 3758 §3.1).
        body.extend_from_slice(&[0x80, 8, 0, 6, 130, 192, 0, 0]); // RE-CONFIG and FORWARD TSN (RFC 5061 §4.2.7).
        self.seal_chunk(1, 0, &body);
    }

    fn drain(&mut self) {
        let mut buffer = [0; 4096];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(data) => self.out.push(data.to_vec()),
                Output::KeyingMaterial(..) => self.has_keys = true,
                Output::ApplicationData(packet) => {
                    if let Some((tag, cookie)) = read_init_ack(packet) {
                        (self.server_tag, self.cookie) = (tag, cookie);
                    }
                }
                Output::Timeout(_) => return,
                _ => {}
            }
        }
    }
}

/// The tag and the cookie (RFC 9260 §3.3.3).
fn read_init_ack(packet: &[u8]) -> Option<(u32, Vec<u8>)> {
    (*packet.get(12)? == INIT_ACK).then_some(())?;
    let tag = u32::from_be_bytes(*packet.get(16..)?.first_chunk()?);
    let mut parameters = packet.get(32..)?;
    loop {
        let length = usize::from(u16::from_be_bytes(*parameters.get(2..)?.first_chunk()?));
        if parameters.starts_with(&COOKIE) {
            return Some((tag, parameters.get(4..length)?.to_vec()));
        }
        parameters = parameters.get(length.max(4).next_multiple_of(4)..)?;
    }
}

/// CRC-32C (RFC 9260 Appendix A).
fn crc32c(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())
        })
    })
}
