//! One peer connection: ICE, DTLS and SRTP over a socket of its own, and what goes over it.

mod control;
pub mod dtls;
pub mod ice;

use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::time::Instant;

use hoichan_srtp::{Profile, Session};
use hoichan_transport::IceCredentials;
use hoichan_wire::rtp::{Kind, classify};

use super::clock::{self, Nanoseconds};
use super::media::Publication;
use super::reception::Reception;
use super::sdp::Remote;
use super::socket::{self, Receiver};
use control::Control;
pub use control::Wishes;
use dtls::{Handshake, Identity};
use ice::{Agent, Outgoing};

/// One connection to the server.
pub struct Peer {
    socket: UdpSocket,
    agent: Agent,
    handshake: Option<Handshake>,
    keys: Option<(Profile, Session)>,
    connected_at: Option<Nanoseconds>,
    reception: Reception,
    publication: Option<Publication>,
    control: Control,
    transport_wide: u16,
    outgoing: Outgoing,
}

impl Peer {
    /// A connection to nobody yet. `ssrc` names it in reports.
    ///
    /// # Errors
    /// If there is no socket for it.
    pub fn new(now: Instant, ice: IceCredentials, ssrc: u32, sample: u32) -> io::Result<Self> {
        Ok(Self {
            socket: socket::bind()?,
            agent: Agent::new(ice),
            handshake: None,
            keys: None,
            connected_at: None,
            reception: Reception::new(now, ssrc, sample),
            publication: None,
            control: Control::new(now),
            transport_wide: 0,
            outgoing: Outgoing::new(),
        })
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// When the keys were there.
    #[must_use]
    pub fn connected_at(&self) -> Option<Nanoseconds> {
        self.connected_at
    }

    /// How its packets are protected.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.keys.as_ref().map(|(profile, _)| *profile)
    }

    /// What it receives.
    #[must_use]
    pub fn reception(&self) -> &Reception {
        &self.reception
    }

    /// What it receives.
    pub fn reception_mut(&mut self) -> &mut Reception {
        &mut self.reception
    }

    /// What it sends.
    #[must_use]
    pub fn publication(&self) -> Option<&Publication> {
        self.publication.as_ref()
    }

    /// What the server has asked it for.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        self.control.wishes()
    }

    /// It will send this as soon as it can.
    pub fn publish(&mut self, publication: Publication) {
        self.publication = Some(publication);
    }

    /// Who it is to connect to. Later calls only bring candidates.
    pub fn connect(&mut self, now: Instant, identity: &Identity, remote: Remote, we_offered: bool) {
        for candidate in remote.candidates {
            self.agent.add_candidate(candidate);
        }
        if self.handshake.is_none() {
            // The offerer controls, and follows in DTLS, unless the other side says otherwise (RFC 8445 §6.1.1).
            self.agent
                .connect(now, remote.ice, we_offered || remote.is_lite);
            let we_are_client = !(we_offered && remote.is_dtls_client);
            self.handshake = Some(Handshake::new(
                now,
                identity,
                we_are_client,
                remote.fingerprint,
            ));
            self.timeout(now);
        }
    }

    /// Another address of the server's.
    pub fn add_candidate(&mut self, candidate: SocketAddrV4) {
        self.agent.add_candidate(candidate);
    }

    /// Takes everything that waits in the socket.
    pub fn receive(&mut self, now: Instant, receiver: &mut Receiver, delays_ms: &mut Vec<f32>) {
        while let Some(run) = receiver.receive(&self.socket) {
            for datagram in run.bytes.chunks(run.segment) {
                match (classify(datagram), &mut self.keys) {
                    (Kind::Rtp, Some((_, session))) => {
                        self.reception
                            .take(now, run.arrived, datagram, session, delays_ms);
                    }
                    (Kind::Rtcp, Some((_, session))) => match &mut self.publication {
                        Some(publication) => {
                            let socket = &self.socket;
                            let send = |packet: &[u8]| send(socket, packet);
                            self.control.take(
                                datagram,
                                session,
                                publication,
                                &mut self.transport_wide,
                                send,
                            );
                        }
                        None => self.reception.take_control(run.arrived, datagram, session),
                    },
                    (Kind::Stun, _) => {
                        self.agent.handle(run.from, datagram, &mut self.outgoing);
                        self.send_checks();
                        self.begin_handshake(now);
                    }
                    (Kind::Dtls, _) => self.handle_dtls(datagram),
                    _ => {}
                }
            }
        }
    }

    /// Sends media that are due.
    pub fn send_media(&mut self, now: Instant) {
        if let (Some(publication), Some((_, session))) = (&mut self.publication, &mut self.keys) {
            let socket = &self.socket;
            publication.publish(now, session, &mut self.transport_wide, &mut |packet| {
                send(socket, packet)
            });
        }
    }

    /// Does what is due otherwise: checks, repetitions, reports. To be called every 20 ms or so.
    pub fn timeout(&mut self, now: Instant) {
        self.agent.timeout(now, &mut self.outgoing);
        self.send_checks();
        self.begin_handshake(now);
        let Some((_, session)) = &mut self.keys else {
            return;
        };
        let socket = &self.socket;
        let mut seal_and_send = |compound: &mut Vec<u8>| {
            let plain_length = compound.len();
            compound.resize(plain_length + session.outbound.rtcp_overhead(), 0);
            let sealed = session.outbound.seal_rtcp(compound, plain_length);
            sealed.expect("the buffer was made for it");
            send(socket, compound);
        };
        match &self.publication {
            Some(publication) => self.control.report(now, publication, seal_and_send),
            None => self
                .reception
                .report(now, clock::wall(), &mut seal_and_send),
        }
    }

    fn send_checks(&mut self) {
        for (to, datagram) in self.outgoing.drain(..) {
            // A full socket is loss, as on any network; and a connected one knows where to.
            let _ = self.socket.send_to(&datagram, to);
        }
    }

    fn begin_handshake(&mut self, now: Instant) {
        if let (Some(selected), Some(handshake)) = (self.agent.selected(), &mut self.handshake) {
            let socket = &self.socket;
            let keys = handshake.timeout(now, |packet| send_to(socket, packet, selected));
            self.establish(keys);
        }
    }

    fn handle_dtls(&mut self, datagram: &[u8]) {
        if let (Some(selected), Some(handshake)) = (self.agent.selected(), &mut self.handshake) {
            let socket = &self.socket;
            let keys = handshake.handle(datagram, |packet| send_to(socket, packet, selected));
            self.establish(keys);
        }
    }

    fn establish(&mut self, keys: Option<(Profile, Session)>) {
        if let (Some(keys), Some(selected)) = (keys, self.agent.selected()) {
            // Cheaper to send on; if it fails, nothing arrives, which the result will show.
            let _ = self.socket.connect(selected);
            self.connected_at.get_or_insert_with(clock::wall);
            self.keys = Some(keys);
        }
    }
}

fn send(socket: &UdpSocket, packet: &[u8]) {
    // A full socket is loss, as on any network.
    let _ = socket.send(packet);
}

fn send_to(socket: &UdpSocket, packet: &[u8], to: SocketAddrV4) {
    // As above.
    let _ = socket.send_to(packet, to);
}
