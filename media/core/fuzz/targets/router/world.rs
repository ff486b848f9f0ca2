//! A publisher of camera and microphone, a subscriber of both, and the router between them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hoichan_router::{ConsumerId, EndpointId, Outbox, ProducerId, Received, Router, Wish};
use hoichan_srtp::{Error, MAX_RTCP_OVERHEAD, MAX_RTP_OVERHEAD, Profile, Session};
use hoichan_wire::ntp::NtpTime;
use hoichan_wire::path::{Path, Via};
use hoichan_wire::rtp::{self, Fields, Header, Kind};
use hoichan_wire::{rtcp, seq};

use crate::parameters::{self, CODECS, MICROPHONE_SSRC, OPUS, RED, REPAIRED_RID, RID, RIDS};

const PUBLISHER: EndpointId = 0;
const SUBSCRIBER: EndpointId = 1;
const CAMERA: ProducerId = ProducerId(1);
const MICROPHONE: ProducerId = ProducerId(2);
/// Far more than a script of 2 KiB may bring about.
const MOST_DATAGRAMS: usize = 20_000;

pub struct World {
    router: Router,
    outbox: Outbox,
    now: Instant,
    peers: [Peer; 2],
    sent: usize,
    /// A publisher left 2^15 numbers out, so that its subscribers cannot know the index.
    has_jumped: bool,
}

/// The far side of one endpoint.
struct Peer {
    session: Session,
    highest: HashMap<u32, u64>,
}

impl World {
    pub fn new() -> Self {
        let now = Instant::now();
        let mut router = Router::new(7, now, NtpTime(0xe000_0000_0000_0000));
        let peers = [PUBLISHER, SUBSCRIBER].map(|id| {
            let (ours, theirs) = (session(id, false), session(id, true));
            router.add_endpoint(id);
            router.set_keys(id, ours);
            router.set_path(id, Some(path(id)));
            Peer {
                session: theirs,
                highest: HashMap::new(),
            }
        });
        let mut world = World {
            router,
            outbox: Outbox::new(),
            now,
            peers,
            sent: 0,
            has_jumped: false,
        };
        world.publish(3);
        world.subscribe();
        world
    }

    fn publish(&mut self, layers: usize) {
        for (id, parameters) in [
            (CAMERA, parameters::camera(layers)),
            (MICROPHONE, parameters::microphone()),
        ] {
            self.router
                .add_producer(id, PUBLISHER, &parameters)
                .expect("it is well formed");
        }
    }

    fn subscribe(&mut self) {
        for (id, producer) in [(1, CAMERA), (2, MICROPHONE)] {
            let _ = self.router.remove_consumer(ConsumerId(id));
            let wish = Wish {
                paused: false,
                spatial_layer: 2,
                ..Wish::default()
            };
            self.router
                .add_consumer(
                    ConsumerId(id),
                    SUBSCRIBER,
                    producer,
                    &parameters::consumer(id as u32),
                    wish,
                )
                .expect("both sides are there");
        }
    }

    /// Bytes of someone who has no key.
    pub fn forged(&mut self, choice: u8, bytes: &[u8]) {
        let endpoint = EndpointId::from(choice % 3); // The third has no transport.
        let received = self.router.receive(self.now, endpoint, bytes);
        assert!(matches!(received, Received::Dropped(_)));
    }

    /// Any RTP packet, genuinely sealed.
    pub fn packet(&mut self, choice: u8, plain: &[u8]) {
        self.has_jumped = true;
        self.send(EndpointId::from(choice % 2), plain);
    }

    /// A packet of one of the tracks; its bytes are step, timestamp, flags and payload.
    pub fn media(&mut self, choice: u8, bytes: &[u8]) {
        let Some((&[step, tick, flags], payload)) = bytes.split_first_chunk() else {
            return;
        };
        let is_audio = choice & 4 != 0;
        let (payload_type, ssrc) = if is_audio {
            let repeats = choice & 8 != 0;
            (if repeats { RED } else { OPUS }, MICROPHONE_SSRC)
        } else {
            let layer = u32::from(choice % 4);
            let generation = u32::from(choice >> 7);
            (
                CODECS[usize::from(choice >> 3) % 4].1,
                100 + layer * 2 + generation,
            )
        };
        let fields = Fields {
            marker: flags & 1 != 0,
            payload_type,
            sequence: self.next_sequence(ssrc, step),
            timestamp: u32::from(tick) << (flags >> 3),
            ssrc,
        };
        let rid = RIDS.get(usize::from(choice % 4)).filter(|_| !is_audio);
        let mid = if is_audio { "1" } else { "0" };
        let plain = parameters::write(&fields, (mid, rid, RID), flags & 2 != 0, &[payload]);
        self.send(PUBLISHER, &plain);
    }

    /// A retransmission of what is `back` packets behind the newest of its layer.
    pub fn repair(&mut self, choice: u8, bytes: &[u8]) {
        let Some((&[back, tick], payload)) = bytes.split_first_chunk() else {
            return;
        };
        let layer = usize::from(choice % 3);
        let (media, ssrc) = (100 + 2 * layer as u32, 200 + layer as u32);
        let publisher = &self.peers[PUBLISHER as usize];
        let highest = publisher.highest.get(&media).copied().unwrap_or(0);
        let original = (highest as u16).wrapping_sub(u16::from(back));
        let fields = Fields {
            marker: false,
            payload_type: CODECS[usize::from(choice >> 3) % 4].1 + 1,
            sequence: self.next_sequence(ssrc, 1),
            timestamp: u32::from(tick),
            ssrc,
        };
        let names = ("0", RIDS.get(layer), REPAIRED_RID);
        let plain = parameters::write(&fields, names, false, &[&original.to_be_bytes(), payload]);
        self.send(PUBLISHER, &plain);
    }

    /// Any RTCP compound, genuinely sealed.
    pub fn compound(&mut self, choice: u8, plain: &[u8]) {
        let id = EndpointId::from(choice % 2);
        let mut datagram = plain.to_vec();
        datagram.resize(plain.len() + MAX_RTCP_OVERHEAD, 0);
        let outbound = &mut self.peers[id as usize].session.outbound;
        if let Ok(len) = outbound.seal_rtcp(&mut datagram, plain.len())
            && rtp::classify(&datagram[..len]) == Kind::Rtcp
        {
            let received = self.router.receive(self.now, id, &datagram[..len]);
            assert_eq!(received, Received::Authenticated);
        }
    }

    /// The subscriber asks for packets: how far behind the newest each of them is.
    pub fn nack(&mut self, choice: u8, lost: &[u8]) {
        let consumer = 1 + u32::from(choice % 3);
        let subscriber = &self.peers[SUBSCRIBER as usize];
        let newest = subscriber.highest.get(&consumer).copied().unwrap_or(0) as u16;
        let lost: Vec<u16> = lost
            .iter()
            .map(|back| newest.wrapping_sub(u16::from(*back)))
            .collect();
        let mut plain = Vec::new();
        let mut rest = lost.as_slice();
        while !rest.is_empty() {
            rest = &rest[rtcp::write_nack(&mut plain, 5, consumer, rest)..];
        }
        self.compound(SUBSCRIBER as u8, &plain);
    }

    /// The subscriber's decoder cannot go on.
    pub fn key_frame_request(&mut self, choice: u8) {
        let mut plain = Vec::new();
        rtcp::write_pli(&mut plain, 5, 1 + u32::from(choice % 3));
        self.compound(SUBSCRIBER as u8, &plain);
    }

    /// The control plane changes something while packets are under way.
    pub fn command(&mut self, choice: u8, bytes: &[u8]) {
        let value = bytes.first().copied().unwrap_or(0);
        let wish = Wish {
            paused: value & 1 != 0,
            spatial_layer: value >> 4 & 3,
            temporal_layer: value >> 2 & 3,
            priority: value >> 6,
        };
        match choice % 5 {
            0 => self.router.set_consumer(ConsumerId(1), wish),
            1 => self.router.pause_producer(CAMERA, value & 1 != 0),
            2 => return self.publish(1 + usize::from(value % 3)),
            3 => return self.subscribe(),
            _ => {
                let there = (value & 1 == 0).then(|| path(SUBSCRIBER));
                return self.router.set_path(SUBSCRIBER, there);
            }
        }
        .expect("they are there");
    }

    /// Lets 4 ms pass for each of `steps`, timers firing when they are due.
    pub fn pass(&mut self, steps: u8) {
        let until = self.now + Duration::from_millis(4) * u32::from(steps);
        while let Some(deadline) = self.router.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(deadline);
            self.router.handle_timeout(self.now, &mut self.outbox);
            let next = self.router.deadline();
            assert!(next.is_none_or(|next| next > self.now), "time goes on");
            self.collect();
        }
        self.now = until;
    }

    pub fn flush(&mut self) {
        self.router.flush(self.now, &mut self.outbox);
        self.collect();
    }

    /// Seals `plain` if it is RTP and its number is fresh, and hands it in.
    fn send(&mut self, id: EndpointId, plain: &[u8]) {
        let Some(header) = Header::parse(plain) else {
            return;
        };
        let peer = &mut self.peers[id as usize];
        let Fields { ssrc, sequence, .. } = header.fields;
        let highest = peer.highest.get(&ssrc).copied();
        let index = seq::extend(sequence, highest.unwrap_or(u64::from(sequence)));
        let mut datagram = plain.to_vec();
        datagram.resize(plain.len() + MAX_RTP_OVERHEAD, 0);
        let outbound = &mut peer.session.outbound;
        let Some((index, len)) = index.and_then(|index| {
            let sealed = outbound.seal_rtp(&mut datagram, header.len, plain.len(), index);
            Some((index, sealed.ok()?))
        }) else {
            return;
        };
        peer.highest.insert(ssrc, index.max(highest.unwrap_or(0)));
        if rtp::classify(plain) == Kind::Rtp {
            let received = self.router.receive(self.now, id, &datagram[..len]);
            assert_eq!(received, Received::Authenticated);
        }
    }

    fn next_sequence(&mut self, ssrc: u32, step: u8) -> u16 {
        let highest = self.peers[PUBLISHER as usize].highest.get(&ssrc);
        // Mostly the next one; sometimes one or more behind, or some ahead.
        let highest = highest.map_or(1000, |highest| *highest as u16);
        highest.wrapping_add_signed(i16::from(step as i8))
    }

    /// Opens everything sent with the keys of its receiver.
    fn collect(&mut self) {
        for (to, datagram) in self.outbox.datagrams() {
            self.sent += 1;
            let peer = &mut self.peers[usize::from(to.remote.port())];
            let mut plain = vec![0; datagram.len()];
            let inbound = &mut peer.session.inbound;
            if rtp::classify(datagram) == Kind::Rtcp {
                let len = inbound.open_rtcp_into(datagram, &mut plain);
                let read = rtcp::packets(&plain[..len.expect("its own keys")]).count();
                assert!(read > 0, "what we write can be read");
                continue;
            }
            let header = Header::parse(datagram).expect("RTP");
            match inbound.open_rtp_into(datagram, &header, &mut plain) {
                Ok(opened) => {
                    let highest = peer.highest.entry(header.fields.ssrc).or_default();
                    *highest = opened.index.max(*highest);
                    let payload = header.payload_range(&plain[..opened.len]);
                    assert!(payload.is_some(), "padding makes sense");
                }
                Err(error) => assert!(self.has_jumped && error != Error::Malformed, "{error}"),
            }
        }
        assert!(self.sent <= MOST_DATAGRAMS, "no storm");
        self.outbox.clear();
        self.router.drain_events().for_each(drop);
    }
}

fn session(id: EndpointId, is_client: bool) -> Session {
    let profile = Profile::Aes128Gcm;
    let material = vec![id as u8 + 1; profile.material_len()];
    Session::new(profile, &material, is_client).expect("material fits its profile")
}

/// Endpoints are told apart by the port they are at.
fn path(id: EndpointId) -> Path {
    Path {
        remote: ([192, 0, 2, 1], id as u16).into(),
        via: Via::Udp,
    }
}
