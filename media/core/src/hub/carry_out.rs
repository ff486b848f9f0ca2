//! What the control plane wants done.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use hoichan_router::{EndpointId, Error as RouterError};
use hoichan_transport::{
    DtlsRole, Event as TransportEvent, Fingerprint, IceCredentials, Transport,
};

use super::{Hub, Peer};
use crate::commands::{Command, DtlsFingerprint, TransportId};

/// Why a command was not carried out. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The id is in use.
    DuplicateTransport,
    /// No such transport, or it has failed meanwhile.
    UnknownTransport,
    /// Too short, too long, or with characters that ICE does not know (RFC 8839 §5.4).
    MalformedIce,
    /// The username fragment is in use.
    DuplicateFragment,
    /// The username fragment names another worker than the one the transport lives on.
    ForeignFragment,
    /// Not one fingerprint of a hash we know, well written (RFC 8122 §5).
    UnusableFingerprint,
    /// The router's answer.
    Router(RouterError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DuplicateTransport => "duplicate-transport",
            Self::UnknownTransport => "unknown-transport",
            Self::MalformedIce => "malformed-ice",
            Self::DuplicateFragment => "duplicate-fragment",
            Self::ForeignFragment => "foreign-fragment",
            Self::UnusableFingerprint => "unusable-fingerprint",
            Self::Router(error) => return error.fmt(f),
        })
    }
}

impl From<RouterError> for Refusal {
    fn from(error: RouterError) -> Self {
        Self::Router(error)
    }
}

impl Hub {
    /// Carries out one command. Dispatches only.
    pub(super) fn carry_out(&mut self, now: Instant, command: Command) -> Result<(), Refusal> {
        match command {
            Command::CreateTransport { transport, ice } => self.create(transport, ice)?,
            Command::ConnectTransport {
                transport,
                role,
                fingerprints,
            } => self.connect(now, transport, role, &fingerprints)?,
            Command::RestartIce { transport, ice } => self.restart_ice(now, transport, ice)?,
            Command::CloseTransport { transport } => self.close_transport(now, transport),
            Command::AddProducer {
                producer,
                transport,
                parameters,
            } => {
                let endpoint = self.endpoint(transport)?;
                self.router.add_producer(producer, endpoint, &parameters)?;
            }
            Command::PauseProducer { producer, paused } => {
                self.router.pause_producer(producer, paused)?;
            }
            Command::RankProducer { producer, group } => {
                self.router.rank_producer(producer, group)?;
            }
            Command::RemoveProducer { producer } => self.router.remove_producer(producer)?,
            Command::AddConsumer {
                consumer,
                transport,
                producer,
                parameters,
                wish,
            } => {
                let endpoint = self.endpoint(transport)?;
                self.router
                    .add_consumer(consumer, endpoint, producer, &parameters, wish)?;
            }
            Command::SetConsumer { consumer, wish } => {
                self.router.set_consumer(consumer, wish)?;
            }
            Command::RemoveConsumer { consumer } => self.router.remove_consumer(consumer)?,
            Command::OpenDataChannel {
                transport,
                label,
                ordered,
                max_retransmits,
            } => {
                let endpoint = self.endpoint(transport)?;
                let event = TransportEvent::OpenChannel {
                    label: &label,
                    ordered,
                    max_retransmits,
                };
                self.tell(now, endpoint, event);
            }
            Command::SendData {
                transports,
                label,
                payload,
            } => self.send_data(now, &transports, &label, &payload),
        }
        Ok(())
    }

    fn endpoint(&self, transport: TransportId) -> Result<EndpointId, Refusal> {
        let endpoint = self.by_id.get(&transport);
        endpoint.copied().ok_or(Refusal::UnknownTransport)
    }

    fn create(&mut self, id: TransportId, ice: IceCredentials) -> Result<(), Refusal> {
        check(&ice)?;
        if self.by_id.contains_key(&id) {
            return Err(Refusal::DuplicateTransport);
        }
        let slot = self.peers.vacant_entry();
        let endpoint = EndpointId::try_from(slot.key()).expect("peers are fewer than 2^32");
        if !self.demux.register(&ice.username_fragment, endpoint) {
            return Err(Refusal::DuplicateFragment);
        }
        slot.insert(Peer::new(
            id,
            Transport::new(ice, Arc::clone(&self.certificate)),
        ));
        self.by_id.insert(id, endpoint);
        self.router.add_endpoint(endpoint);
        Ok(())
    }

    fn connect(
        &mut self,
        now: Instant,
        transport: TransportId,
        role: DtlsRole,
        fingerprints: &[DtlsFingerprint],
    ) -> Result<(), Refusal> {
        let endpoint = self.endpoint(transport)?;
        let usable: Vec<Fingerprint> = fingerprints
            .iter()
            .filter_map(|text| Fingerprint::parse(&text.algorithm, &text.value).ok())
            .collect();
        if usable.is_empty() {
            return Err(Refusal::UnusableFingerprint);
        }
        let event = TransportEvent::Connect {
            role,
            fingerprints: usable,
        };
        self.tell(now, endpoint, event);
        Ok(())
    }

    fn restart_ice(
        &mut self,
        now: Instant,
        transport: TransportId,
        ice: IceCredentials,
    ) -> Result<(), Refusal> {
        check(&ice)?;
        let endpoint = self.endpoint(transport)?;
        if !self.neighbours.is_ours(&ice.username_fragment) {
            return Err(Refusal::ForeignFragment);
        }
        if !self.demux.register(&ice.username_fragment, endpoint) {
            return Err(Refusal::DuplicateFragment);
        }
        self.tell(now, endpoint, TransportEvent::RestartIce(ice));
        Ok(())
    }

    /// A transport that is gone already was closed by an event that crossed the command: all is well.
    fn close_transport(&mut self, now: Instant, transport: TransportId) {
        if let Ok(endpoint) = self.endpoint(transport) {
            self.tell(now, endpoint, TransportEvent::Close);
            self.remove(endpoint);
        }
    }

    fn send_data(&mut self, now: Instant, transports: &[TransportId], label: &str, payload: &[u8]) {
        for &transport in transports {
            match self.endpoint(transport) {
                Ok(endpoint) => {
                    self.tell(now, endpoint, TransportEvent::SendData { label, payload });
                }
                Err(_) => self.count("dropped_data_without_channel"),
            }
        }
    }
}

/// RFC 8839 §5.4: 4 to 256 and 22 to 256 ice-chars.
fn check(ice: &IceCredentials) -> Result<(), Refusal> {
    let is_ice_text = |text: &str, shortest: usize| {
        (shortest..=256).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    let is_well_formed = is_ice_text(&ice.username_fragment, 4) && is_ice_text(&ice.password, 22);
    is_well_formed.then_some(()).ok_or(Refusal::MalformedIce)
}
