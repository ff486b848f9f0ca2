//! What can be asked of the core: `media/commands.py`, in Rust.

use hoichan_router::{
    ConsumerId, ConsumerParameters, ProducerId, ProducerParameters, SpeakerGroup, Wish,
};
use hoichan_transport::{DtlsRole, IceCredentials};

/// One peer's transport, as numbered by the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransportId(pub u64);

/// A certificate's hash as in SDP; read when the command is carried out, so that a bad one is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtlsFingerprint {
    /// For example "sha-256".
    pub algorithm: String,
    /// Hex pairs joined by colons.
    pub value: String,
}

/// One request. What cannot be carried out comes back as `CommandFailed`.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "`media/commands.py` says it once, field by field"
)]
pub enum Command {
    CreateTransport {
        transport: TransportId,
        ice: IceCredentials,
    },
    ConnectTransport {
        transport: TransportId,
        role: DtlsRole,
        fingerprints: Vec<DtlsFingerprint>,
    },
    RestartIce {
        transport: TransportId,
        ice: IceCredentials,
    },
    CloseTransport {
        transport: TransportId,
    },
    AddProducer {
        producer: ProducerId,
        transport: TransportId,
        parameters: ProducerParameters,
    },
    PauseProducer {
        producer: ProducerId,
        paused: bool,
    },
    RankProducer {
        producer: ProducerId,
        group: Option<SpeakerGroup>,
    },
    RemoveProducer {
        producer: ProducerId,
    },
    AddConsumer {
        consumer: ConsumerId,
        transport: TransportId,
        producer: ProducerId,
        parameters: ConsumerParameters,
        wish: Wish,
    },
    SetConsumer {
        consumer: ConsumerId,
        wish: Wish,
    },
    RemoveConsumer {
        consumer: ConsumerId,
    },
    OpenDataChannel {
        transport: TransportId,
        label: String,
        ordered: bool,
        max_retransmits: Option<u32>,
    },
    SendData {
        transports: Vec<TransportId>,
        label: String,
        payload: Vec<u8>,
    },
}

impl Command {
    /// The name of its Python class, and the id it is about (0 where there are several).
    #[must_use]
    pub fn identify(&self) -> (&'static str, u64) {
        match self {
            Self::CreateTransport { transport, .. } => ("CreateTransport", transport.0),
            Self::ConnectTransport { transport, .. } => ("ConnectTransport", transport.0),
            Self::RestartIce { transport, .. } => ("RestartIce", transport.0),
            Self::CloseTransport { transport } => ("CloseTransport", transport.0),
            Self::AddProducer { producer, .. } => ("AddProducer", producer.0),
            Self::PauseProducer { producer, .. } => ("PauseProducer", producer.0),
            Self::RankProducer { producer, .. } => ("RankProducer", producer.0),
            Self::RemoveProducer { producer } => ("RemoveProducer", producer.0),
            Self::AddConsumer { consumer, .. } => ("AddConsumer", consumer.0),
            Self::SetConsumer { consumer, .. } => ("SetConsumer", consumer.0),
            Self::RemoveConsumer { consumer } => ("RemoveConsumer", consumer.0),
            Self::OpenDataChannel { transport, .. } => ("OpenDataChannel", transport.0),
            Self::SendData { .. } => ("SendData", 0),
        }
    }

    /// Bytes of application data in it, which a bounded queue must count.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        match self {
            Self::SendData { payload, .. } => payload.len(),
            _ => 0,
        }
    }
}
