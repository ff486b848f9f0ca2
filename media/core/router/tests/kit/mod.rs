//! A world of virtual peers around one router: real SRTP on both sides, time that moves when told to.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses its own part of the kit"
)]

pub mod camera;
pub mod crew;
pub mod downlink;
pub mod gathering;
pub mod microphone;
mod parameters;
pub mod rtp;
pub mod scalable;

pub use parameters::{
    codec, consumer, extensions, numbered_consumer, red_consumer, red_microphone, video,
};

use hoichan_router::{
    ConsumerId, ConsumerParameters, EndpointId, Event, MediaKind, Outbox, ProducerId,
    ProducerParameters, Received, Router, RtpEncodingParameters, Wish,
};
use hoichan_srtp::{Profile, Session};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::path::{Path, Via};
use hoichan_wire::rtp as wire_rtp;
use rtp::Packet;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

pub const MID: (u8, &str) = (1, "urn:ietf:params:rtp-hdrext:sdes:mid");
pub const RID: (u8, &str) = (2, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
pub const REPAIRED_RID: (u8, &str) = (3, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id");
pub const TRANSPORT_WIDE: (u8, &str) = (
    4,
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
);
pub const ABSOLUTE_SEND_TIME: (u8, &str) = (
    5,
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
);
pub const AUDIO_LEVEL: (u8, &str) = (6, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
pub const ORIENTATION: (u8, &str) = (7, "urn:3gpp:video-orientation");

pub const VP8: u8 = 96;
pub const VP8_RTX: u8 = 97;
pub const OPUS: u8 = 111;
pub const RED: u8 = 63;

/// Consumers use other numbers than producers, so that a forgotten translation shows.
pub const SENT_VP8: u8 = 102;
pub const SENT_VP8_RTX: u8 = 103;
pub const SENT_OPUS: u8 = 109;
pub const SENT_RED: u8 = 65;

/// The wall clock when a world begins.
pub const WALLCLOCK: NtpTime = NtpTime(0xe000_0000_0000_0000);

/// A router, and the datagrams it has sent.
pub struct World {
    pub router: Router,
    pub outbox: Outbox,
    pub now: Instant,
    pub events: Vec<Event>,
    started: Instant,
    sent: HashMap<EndpointId, Vec<Vec<u8>>>,
}

/// The far side of one endpoint.
pub struct Peer {
    pub endpoint: EndpointId,
    pub session: Session,
    next_index: HashMap<u32, u64>,
}

/// What a peer got, opened.
#[derive(Default)]
pub struct Heard {
    pub rtp: Vec<Packet>,
    pub rtcp: Vec<Vec<u8>>,
}

impl World {
    pub fn new() -> Self {
        let now = Instant::now();
        World {
            router: Router::new(7, now, WALLCLOCK),
            outbox: Outbox::new(),
            now,
            events: Vec::new(),
            started: now,
            sent: HashMap::new(),
        }
    }

    /// A peer whose transport is up.
    pub fn peer(&mut self, endpoint: EndpointId) -> Peer {
        self.peer_with(endpoint, Profile::Aes128Gcm)
    }

    pub fn peer_with(&mut self, endpoint: EndpointId, profile: Profile) -> Peer {
        let (peer, session) = self.connecting_peer(endpoint, profile);
        self.router.set_path(endpoint, Some(path(endpoint)));
        self.router.set_keys(endpoint, session);
        peer
    }

    /// A peer that has neither path nor keys yet, and the router's side of the keys that it will have.
    pub fn connecting_peer(&mut self, endpoint: EndpointId, profile: Profile) -> (Peer, Session) {
        let material: Vec<u8> = (0..profile.material_len())
            .map(|index| (index as u8).wrapping_mul(31) ^ endpoint as u8)
            .collect();
        let session = |we_are_client| {
            Session::new(profile, &material, we_are_client).expect("the profile gave the length")
        };
        self.router.add_endpoint(endpoint);
        let peer = Peer {
            endpoint,
            session: session(true),
            next_index: HashMap::new(),
        };
        (peer, session(false))
    }

    /// A datagram from `endpoint`.
    pub fn receive(&mut self, endpoint: EndpointId, datagram: &[u8]) -> Received {
        self.router.receive(self.now, endpoint, datagram)
    }

    /// Seals `packets` and hands them in as one batch, then flushes.
    pub fn send(&mut self, peer: &mut Peer, packets: &[Packet]) {
        for packet in packets {
            let datagram = peer.seal(packet);
            assert_eq!(
                self.receive(peer.endpoint, &datagram),
                Received::Authenticated
            );
        }
        self.flush();
    }

    /// Seals a compound of RTCP and hands it in, then flushes.
    pub fn send_rtcp(&mut self, peer: &mut Peer, compound: &[u8]) {
        let datagram = peer.seal_rtcp(compound);
        assert_eq!(
            self.receive(peer.endpoint, &datagram),
            Received::Authenticated
        );
        self.flush();
    }

    pub fn flush(&mut self) {
        self.router.flush(self.now, &mut self.outbox);
        self.collect();
    }

    /// Lets time pass, timers firing when they are due.
    pub fn pass(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while let Some(deadline) = self.router.deadline().filter(|deadline| *deadline <= until) {
            self.now = self.now.max(deadline);
            self.router.handle_timeout(self.now, &mut self.outbox);
            self.collect();
        }
        self.now = until;
    }

    /// Time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.now - self.started
    }

    /// The wall clock now.
    pub fn wallclock(&self) -> NtpTime {
        let elapsed = self.elapsed();
        let fraction = (u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTime(WALLCLOCK.0 + (elapsed.as_secs() << 32) + fraction)
    }

    /// What a peer got since the last call, opened with its keys.
    pub fn heard(&mut self, peer: &mut Peer) -> Heard {
        let mut heard = Heard::default();
        for datagram in self.sent.remove(&peer.endpoint).unwrap_or_default() {
            match wire_rtp::classify(&datagram) {
                wire_rtp::Kind::Rtp => heard.rtp.push(peer.open(&datagram)),
                wire_rtp::Kind::Rtcp => heard.rtcp.push(peer.open_rtcp(&datagram)),
                kind => panic!("the router sent {kind:?}"),
            }
        }
        heard
    }

    /// Datagrams waiting for an endpoint, sealed.
    pub fn datagrams(&mut self, endpoint: EndpointId) -> Vec<Vec<u8>> {
        self.sent.remove(&endpoint).unwrap_or_default()
    }

    pub fn counter(&self, name: &str) -> u64 {
        let mut counters = self.router.counters();
        counters
            .find(|one| one.0 == name)
            .expect("such a counter")
            .1
    }

    /// Events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn collect(&mut self) {
        for message in self.outbox.messages() {
            let bytes = self.outbox.bytes(message);
            let datagrams = bytes.chunks(usize::from(message.segment));
            assert_eq!(
                datagrams.len(),
                usize::from(message.count),
                "segments are equal"
            );
        }
        for (to, datagram) in self.outbox.datagrams() {
            let endpoint = EndpointId::from(to.remote.port());
            self.sent
                .entry(endpoint)
                .or_default()
                .push(datagram.to_vec());
        }
        self.outbox.clear();
        self.events.extend(self.router.drain_events());
    }

    /// Publishes audio and returns its producer.
    pub fn publish_audio(&mut self, peer: &Peer, id: u64, ssrc: u32) -> ProducerId {
        let parameters = ProducerParameters {
            kind: MediaKind::Audio,
            mid: "0".into(),
            codecs: vec![codec("audio/opus", OPUS, 48_000, None)],
            header_extensions: extensions(&[MID, TRANSPORT_WIDE, AUDIO_LEVEL]),
            encodings: vec![RtpEncodingParameters {
                ssrc: Some(ssrc),
                ..RtpEncodingParameters::default()
            }],
        };
        self.publish(peer, id, &parameters)
    }

    /// Publishes VP8 with these layers, found by RID, and returns its producer.
    pub fn publish_video(&mut self, peer: &Peer, id: u64, rids: &[&str]) -> ProducerId {
        self.publish(peer, id, &video("1", rids))
    }

    pub fn publish(&mut self, peer: &Peer, id: u64, parameters: &ProducerParameters) -> ProducerId {
        let added = self
            .router
            .add_producer(ProducerId(id), peer.endpoint, parameters);
        added.expect("a producer");
        ProducerId(id)
    }

    /// Subscribes `peer` to a producer, wishing for the best layer.
    pub fn subscribe(&mut self, peer: &Peer, id: u64, producer: ProducerId) -> ConsumerId {
        self.subscribe_with(peer, id, producer, &consumer(id), WISH_BEST)
    }

    pub fn subscribe_with(
        &mut self,
        peer: &Peer,
        id: u64,
        producer: ProducerId,
        parameters: &ConsumerParameters,
        wish: Wish,
    ) -> ConsumerId {
        let added =
            self.router
                .add_consumer(ConsumerId(id), peer.endpoint, producer, parameters, wish);
        added.expect("a consumer");
        self.flush();
        ConsumerId(id)
    }
}

impl Peer {
    /// Seals a packet as the peer would. Its wide number is the one nearest the last of that SSRC.
    pub fn seal(&mut self, packet: &Packet) -> Vec<u8> {
        let plain = packet.encode();
        let header = wire_rtp::Header::parse(&plain).expect("we wrote it");
        let fields = header.fields;
        let next = self
            .next_index
            .entry(fields.ssrc)
            .or_insert(u64::from(fields.sequence));
        let index = hoichan_wire::seq::extend(fields.sequence, *next).expect("no number below 0");
        *next = index.max(*next);
        let mut buffer = plain.clone();
        buffer.resize(plain.len() + hoichan_srtp::MAX_RTP_OVERHEAD, 0);
        let outbound = &mut self.session.outbound;
        let len = outbound
            .seal_rtp(&mut buffer, header.len, plain.len(), index)
            .expect("a fresh number");
        buffer.truncate(len);
        buffer
    }

    pub fn seal_rtcp(&mut self, compound: &[u8]) -> Vec<u8> {
        let mut buffer = compound.to_vec();
        buffer.resize(compound.len() + hoichan_srtp::MAX_RTCP_OVERHEAD, 0);
        let outbound = &mut self.session.outbound;
        let len = outbound
            .seal_rtcp(&mut buffer, compound.len())
            .expect("a whole compound");
        buffer.truncate(len);
        buffer
    }

    fn open(&mut self, datagram: &[u8]) -> Packet {
        let header = wire_rtp::Header::parse(datagram).expect("RTP");
        let mut plain = vec![0; datagram.len()];
        let opened = self
            .session
            .inbound
            .open_rtp_into(datagram, &header, &mut plain)
            .expect("genuine, and never sent before");
        Packet::decode(&plain[..opened.len])
    }

    fn open_rtcp(&mut self, datagram: &[u8]) -> Vec<u8> {
        let mut plain = vec![0; datagram.len()];
        let inbound = &mut self.session.inbound;
        let len = inbound
            .open_rtcp_into(datagram, &mut plain)
            .expect("genuine");
        plain.truncate(len);
        plain
    }
}

impl Heard {
    /// What the RTCP says, one line per packet.
    pub fn rtcp_packets(&self) -> impl Iterator<Item = hoichan_wire::rtcp::Packet<'_>> {
        self.rtcp
            .iter()
            .flat_map(|compound| hoichan_wire::rtcp::packets(compound))
    }

    /// How many key frames it asks for.
    pub fn keyframe_requests(&self) -> usize {
        self.rtcp_packets()
            .filter(|packet| matches!(packet, hoichan_wire::rtcp::Packet::Pli { .. }))
            .count()
    }

    /// Which packets it asks for again.
    pub fn nacked(&self) -> Vec<u16> {
        self.rtcp_packets()
            .filter_map(|packet| match packet {
                hoichan_wire::rtcp::Packet::Nack(nack) => Some(nack.lost().collect::<Vec<_>>()),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

pub const WISH_BEST: Wish = Wish {
    paused: false,
    spatial_layer: 2,
    temporal_layer: u8::MAX,
    priority: 0,
};

pub fn wish(spatial_layer: u8) -> Wish {
    Wish {
        spatial_layer,
        ..Wish::default()
    }
}

/// Endpoints are told apart by the port they are at.
pub fn path(endpoint: EndpointId) -> Path {
    Path {
        remote: SocketAddr::from((Ipv4Addr::LOCALHOST, endpoint as u16)),
        via: Via::Udp,
    }
}
