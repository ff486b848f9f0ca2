//! SCTP over DTLS (RFC 8261) by `sctp-proto`: one association, bounded in streams and bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use sctp_proto::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event,
    Payload, ServerConfig, StreamEvent, Transmit, TransportConfig,
};

use crate::channels::{Channels, MAX_MESSAGE, Settings};
use crate::{Counter, DtlsRole, Effect};

/// A DTLS 1.2 record adds 37 bytes at most, the SCTP header 12, a DATA chunk 16: together under 1200.
const MAX_DATA_CHUNK: u32 = 1120;
/// Room for four of the largest messages; the window that the peer may fill.
const RECEIVE_BUFFER: u32 = 1024 * 1024;
/// More streams than channels, because a reset takes a round trip. A peer that opens more is cut off.
const MAX_STREAMS: usize = 64;
/// As in browsers: short enough for video calls, over the delayed acknowledgement of 200 ms (RFC 9260 §16).
const RTO_INITIAL_MS: u64 = 500;
const RTO_MIN_MS: u64 = 400;
/// A call that comes back after a cut must not wait a minute for its data.
const RTO_MAX_MS: u64 = 5_000;
/// SCTP wants an address; over DTLS there is none. Any will do, as long as it stays the same.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

/// The SCTP side of a transport, with its channels.
#[derive(Debug)]
pub struct Sctp {
    state: State,
    channels: Channels,
}

#[derive(Debug)]
enum State {
    /// DTLS is not up.
    Idle,
    /// The DTLS client sends INIT; every implementation does that when it has the role.
    Listening(Box<Endpoint>),
    /// From the first INIT on.
    Associated(Box<Associated>),
    /// Final: the channels are closed.
    Ended,
}

#[derive(Debug)]
struct Associated {
    endpoint: Endpoint,
    handle: AssociationHandle,
    association: Association,
    established: bool,
}

impl Sctp {
    /// Waits for [`Sctp::start`].
    pub fn new() -> Self {
        Self {
            state: State::Idle,
            channels: Channels::default(),
        }
    }

    /// DTLS is up, and we have `role` in it.
    pub fn start(&mut self, role: DtlsRole) {
        let mut config = EndpointConfig::new();
        config.max_payload_size(MAX_DATA_CHUNK);
        let transport = Arc::new(transport_config());
        let mut server = ServerConfig::new();
        server.transport = Arc::clone(&transport);
        let mut endpoint = Endpoint::new(Arc::new(config), Some(Arc::new(server)));
        self.channels.start(role);
        self.state = match role {
            DtlsRole::Server => State::Listening(Box::new(endpoint)),
            DtlsRole::Client => {
                let mut client = ClientConfig::new();
                client.transport = transport;
                match endpoint.connect(client, PEER) {
                    Ok((handle, association)) => Associated::begin(endpoint, handle, association),
                    Err(_) => State::Ended,
                }
            }
        };
    }

    /// Takes one packet of the peer's.
    pub fn receive(&mut self, now: Instant, packet: Vec<u8>, out: &mut Vec<Effect>) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Listening(mut endpoint) => {
                match endpoint.handle(now, PEER, None, None, packet.into()) {
                    Some((handle, DatagramEvent::NewAssociation(association))) => {
                        Associated::begin(*endpoint, handle, association)
                    }
                    _ => State::Listening(endpoint),
                }
            }
            State::Associated(mut associated) => {
                associated.receive(now, packet);
                State::Associated(associated)
            }
            other => other,
        };
        self.settle(out);
    }

    /// Opens a channel now or as soon as it can be.
    pub fn open(&mut self, label: &str, settings: Settings, out: &mut Vec<Effect>) {
        self.channels.want(label, settings, out);
        self.settle(out);
    }

    /// Sends one binary message.
    pub fn send(&mut self, label: &str, payload: &[u8], out: &mut Vec<Effect>) {
        match &mut self.state {
            State::Associated(up) => self.channels.send(&mut up.association, label, payload, out),
            _ => out.push(Effect::Count(Counter::DataWithoutChannel)),
        }
    }

    /// Carries out what is due at `now`.
    pub fn timeout(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if let State::Associated(up) = &mut self.state {
            up.association.handle_timeout(now);
            self.settle(out);
        }
    }

    /// When [`Sctp::timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Associated(up) => up.association.poll_timeout(),
            _ => None,
        }
    }

    /// The next packets to encrypt and send, if there are any.
    pub fn poll_packets(
        &mut self,
        now: Instant,
    ) -> Option<impl Iterator<Item = bytes::Bytes> + use<>> {
        let State::Associated(up) = &mut self.state else {
            return None;
        };
        let transmit = up
            .endpoint
            .poll_transmit()
            .or_else(|| up.association.poll_transmit(now));
        transmit.map(packets)
    }

    /// Takes up everything the association has to say.
    fn settle(&mut self, out: &mut Vec<Effect>) {
        let State::Associated(up) = &mut self.state else {
            return;
        };
        while let Some(event) = up.association.poll() {
            match event {
                Event::Connected => up.established = true,
                Event::HandshakeFailed { .. } | Event::AssociationLost { .. } => {
                    return self.end(out);
                }
                Event::Stream(StreamEvent::Opened { .. })
                    if up.association.stream_ids().len() > MAX_STREAMS =>
                {
                    return self.end(out);
                }
                Event::Stream(StreamEvent::Readable { id }) => {
                    self.channels.read(&mut up.association, id, out);
                }
                Event::Stream(StreamEvent::Finished { id } | StreamEvent::Stopped { id, .. }) => {
                    self.channels.close(&mut up.association, id, out);
                }
                _ => {}
            }
        }
        if up.established {
            self.channels.open_wanted(&mut up.association, out);
        }
    }

    fn end(&mut self, out: &mut Vec<Effect>) {
        self.state = State::Ended;
        self.channels.close_all(out);
        out.push(Effect::Count(Counter::SctpFailed));
    }
}

impl Associated {
    fn begin(mut endpoint: Endpoint, handle: AssociationHandle, association: Association) -> State {
        // WebRTC has one association for the life of a connection (RFC 8831 §6.2); more would cost memory.
        endpoint.reject_new_associations();
        State::Associated(Box::new(Self {
            endpoint,
            handle,
            association,
            established: false,
        }))
    }

    fn receive(&mut self, now: Instant, packet: Vec<u8>) {
        // A late repetition of INIT must not disturb the association (RFC 9260 §5.2.2); `sctp-proto` would end it.
        if self.established && is_init(&packet) {
            return;
        }
        let event = self.endpoint.handle(now, PEER, None, None, packet.into());
        if let Some((handle, DatagramEvent::AssociationEvent(event))) = event
            && handle == self.handle
        {
            self.association.handle_event(event);
        }
    }
}

/// INIT is alone in its packet, under verification tag 0 (RFC 9260 §8.5.1).
fn is_init(packet: &[u8]) -> bool {
    packet.get(4..8) == Some(&[0; 4]) && packet.get(12) == Some(&1)
}

fn packets(transmit: Transmit) -> impl Iterator<Item = bytes::Bytes> + use<> {
    match transmit.payload {
        Payload::RawEncode(packets) => packets.into_iter(),
        Payload::PartialDecode(_) => Vec::new().into_iter(),
    }
}

/// Retransmission never gives up: whether the peer is there is for ICE to say.
fn transport_config() -> TransportConfig {
    let max_message = u32::try_from(MAX_MESSAGE).unwrap_or(u32::MAX);
    TransportConfig::default()
        .with_max_init_retransmits(None)
        .with_max_data_retransmits(None)
        .with_max_receive_buffer_size(RECEIVE_BUFFER)
        .with_max_send_message_size(max_message)
        .with_max_receive_message_size(max_message)
        .with_rto_initial_ms(RTO_INITIAL_MS)
        .with_rto_min_ms(RTO_MIN_MS)
        .with_rto_max_ms(RTO_MAX_MS)
}
