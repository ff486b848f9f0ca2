//! A peer of the server: a controlling ICE agent, `dimpl` for DTLS, and SRTP, over one UDP socket that is swept.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use dimpl::Output;
use hoichan_srtp::{Profile, Session};
use hoichan_transport::IceCredentials;
use hoichan_wire::rtp::{self, Kind};
use hoichan_wire::stun::{Builder, Class, Role};
use hoichan_wire::{rtcp, stun};

/// Half of what RFC 7675 asks for, as Chrome does it.
const CHECK_INTERVAL: Duration = Duration::from_millis(2500);
const FIRST_CHECKS_INTERVAL: Duration = Duration::from_millis(50);
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const LARGEST_DATAGRAM: usize = 2048;

/// One connection to the server.
pub struct Client {
    socket: UdpSocket,
    server: IceCredentials,
    ssrc: u32,
    fingerprint: String,
    dtls: dimpl::Dtls,
    dtls_deadline: Option<Instant>,
    session: Option<Session>,
    profile: Option<Profile>,
    is_answered: bool,
    next_check: Instant,
    next_report: Instant,
    transaction: u64,
    plain: Vec<u8>,
}

/// What a client has received.
pub enum Incoming<'a> {
    /// An RTP packet, opened: its header and its payload.
    Media(rtp::Header, &'a [u8]),
    /// A request for a key frame.
    KeyFrameRequest,
}

impl Client {
    /// A client of the transport that has the credentials `server`. `ssrc` names it in reports.
    ///
    /// # Errors
    /// If no socket can be had.
    pub fn new(
        now: Instant,
        address: SocketAddr,
        server: IceCredentials,
        ssrc: u32,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|_| io::Error::other("no certificate can be made"))?;
        let fingerprint = certificate.fingerprint_str();
        let config = dimpl::Config::builder()
            .build()
            .map_err(|_| io::Error::other("DTLS cannot be configured"))?;
        let mut dtls = dimpl::Dtls::new_auto(Arc::new(config), certificate, now);
        dtls.set_active(true);
        Ok(Self {
            socket,
            server,
            ssrc,
            fingerprint,
            dtls,
            dtls_deadline: None,
            session: None,
            profile: None,
            is_answered: false,
            next_check: now,
            next_report: now + REPORT_INTERVAL,
            transaction: 0,
            plain: vec![0; LARGEST_DATAGRAM],
        })
    }

    /// As SDP writes it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Keys, once there are any.
    pub fn session(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }

    /// The profile that was agreed.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.profile
    }

    /// The socket, to send media on.
    #[must_use]
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Takes everything that waits, and sends what is due.
    pub fn sweep(&mut self, now: Instant, mut take: impl FnMut(Incoming<'_>)) {
        let mut datagram = [0; LARGEST_DATAGRAM];
        while let Ok(length) = self.socket.recv(&mut datagram) {
            self.receive(now, &datagram[..length], &mut take);
        }
        if now >= self.next_check {
            self.check();
            let is_new = self.session.is_none();
            self.next_check = now
                + if is_new {
                    FIRST_CHECKS_INTERVAL
                } else {
                    CHECK_INTERVAL
                };
        }
        if self.dtls_deadline.is_some_and(|at| now >= at) {
            self.advance_dtls(now);
        }
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            self.report();
        }
    }

    fn receive(&mut self, now: Instant, datagram: &[u8], take: &mut impl FnMut(Incoming<'_>)) {
        match rtp::classify(datagram) {
            Kind::Rtp => self.open_media(datagram, take),
            Kind::Rtcp => self.open_control(datagram, take),
            Kind::Stun => {
                let answer = stun::Message::parse(datagram);
                let is_success = answer.is_some_and(|answer| answer.class == Class::Success);
                if is_success && !self.is_answered {
                    self.is_answered = true;
                    self.advance_dtls(now);
                }
            }
            Kind::Dtls => {
                // A datagram that DTLS refuses is lost, as on any network.
                if self.dtls.handle_packet(datagram).is_ok() {
                    self.drain_dtls();
                }
            }
            Kind::Unknown => {}
        }
    }

    fn open_media(&mut self, datagram: &[u8], take: &mut impl FnMut(Incoming<'_>)) {
        let (Some(session), Some(header)) = (&mut self.session, rtp::Header::parse(datagram))
        else {
            return;
        };
        let opened = session
            .inbound
            .open_rtp_into(datagram, &header, &mut self.plain);
        if let Ok(opened) = opened
            && let Some(payload) = header.payload(&self.plain[..opened.len])
        {
            take(Incoming::Media(header, payload));
        }
    }

    fn open_control(&mut self, datagram: &[u8], take: &mut impl FnMut(Incoming<'_>)) {
        let Some(session) = &mut self.session else {
            return;
        };
        let Ok(length) = session.inbound.open_rtcp_into(datagram, &mut self.plain) else {
            return;
        };
        let asks = rtcp::packets(&self.plain[..length])
            .any(|packet| matches!(packet, rtcp::Packet::Pli { .. } | rtcp::Packet::Fir(_)));
        if asks {
            take(Incoming::KeyFrameRequest);
        }
    }

    fn check(&mut self) {
        self.transaction += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.transaction.to_be_bytes());
        let request = Builder::new(Class::Request, &id)
            .username(&format!("{}:client", self.server.username_fragment))
            .priority(1_853_824_767)
            .role(Role::Controlling(7))
            .use_candidate();
        let key = hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            self.server.password.as_bytes(),
        );
        let request = request.finish(|bytes| {
            let mut mac = [0; 20];
            mac.copy_from_slice(hmac::sign(&key, bytes).as_ref());
            mac
        });
        self.send(&request);
    }

    fn report(&mut self) {
        let mut compound = Vec::new();
        rtcp::write_receiver_report(&mut compound, self.ssrc, &[]);
        rtcp::write_cname(&mut compound, self.ssrc, b"client");
        let plain_length = compound.len();
        if let Some(session) = &mut self.session {
            compound.resize(plain_length + session.outbound.rtcp_overhead(), 0);
            let sealed = session.outbound.seal_rtcp(&mut compound, plain_length);
            sealed.expect("the buffer was made for it");
            self.send(&compound);
        }
    }

    fn advance_dtls(&mut self, now: Instant) {
        self.dtls_deadline = None;
        if self.dtls.handle_timeout(now).is_ok() {
            self.drain_dtls();
        }
    }

    fn drain_dtls(&mut self) {
        let mut buffer = [0; 4096];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => {
                    // A full socket is loss, which DTLS repairs.
                    let _ = self.socket.send(packet);
                }
                Output::Timeout(at) => {
                    self.dtls_deadline = Some(at);
                    return;
                }
                Output::KeyingMaterial(material, profile) => {
                    let profile = match profile {
                        dimpl::SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
                        dimpl::SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
                        _ => Profile::Aes128CmSha1_80,
                    };
                    self.profile = Some(profile);
                    self.session = Session::new(profile, &material, true).ok();
                }
                _ => {}
            }
        }
    }

    fn send(&self, datagram: &[u8]) {
        // A full socket is loss, as on any network.
        let _ = self.socket.send(datagram);
    }
}
