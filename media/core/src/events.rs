//! What the core has to tell: the events of `media/_core.pyi`, in Rust.

use hoichan_router::{ConsumerId, ProducerId};

use crate::commands::TransportId;
use crate::crew::WorkerIndex;

/// One change. The rate follows changes and seconds, never packets.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "`media/_core.pyi` says it once, field by field"
)]
pub enum Event {
    TransportConnected {
        transport: TransportId,
        srtp_profile: &'static str,
        protocol: &'static str,
    },
    TransportDisconnected {
        transport: TransportId,
    },
    TransportReconnected {
        transport: TransportId,
    },
    TransportFailed {
        transport: TransportId,
        reason: &'static str,
    },
    ProducerStarted {
        producer: ProducerId,
        spatial_layer: u8,
    },
    AudioLevels {
        levels: Vec<(ProducerId, f32)>,
    },
    ConsumerLayerChanged {
        consumer: ConsumerId,
        spatial_layer: Option<u8>,
    },
    ConsumerStreamState {
        transport: TransportId,
        consumer: ConsumerId,
        paused: bool,
    },
    DataChannelOpened {
        transport: TransportId,
        label: String,
    },
    DataChannelClosed {
        transport: TransportId,
        label: String,
    },
    DataReceived {
        transport: TransportId,
        label: String,
        payload: Vec<u8>,
    },
    TransportStats(TransportStats),
    CommandFailed {
        command: &'static str,
        id: u64,
        reason: String,
    },
    WorkerFault {
        worker: WorkerIndex,
        transport: Option<TransportId>,
        message: String,
    },
}

/// How the media of one transport fared in the last 5 s.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "`media/_core.pyi` says it once, field by field"
)]
pub struct TransportStats {
    pub transport: TransportId,
    pub uplink_loss: f64,
    pub downlink_loss: f64,
    pub round_trip_time_ms: Option<f64>,
    pub jitter_ms: f64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub available_outgoing_bitrate_bps: Option<u64>,
    pub desired_outgoing_bitrate_bps: u64,
    pub allocated_outgoing_bitrate_bps: u64,
}

impl Event {
    /// The transport it is about, where it is about one.
    #[must_use]
    pub fn transport(&self) -> Option<TransportId> {
        match self {
            Self::TransportConnected { transport, .. }
            | Self::TransportDisconnected { transport }
            | Self::TransportReconnected { transport }
            | Self::TransportFailed { transport, .. }
            | Self::ConsumerStreamState { transport, .. }
            | Self::DataChannelOpened { transport, .. }
            | Self::DataChannelClosed { transport, .. }
            | Self::DataReceived { transport, .. } => Some(*transport),
            Self::TransportStats(stats) => Some(stats.transport),
            Self::WorkerFault { transport, .. } => *transport,
            Self::ProducerStarted { .. }
            | Self::AudioLevels { .. }
            | Self::ConsumerLayerChanged { .. }
            | Self::CommandFailed { .. } => None,
        }
    }

    /// Bytes of application data in it, which a bounded queue must count.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        match self {
            Self::DataReceived { payload, .. } => payload.len(),
            _ => 0,
        }
    }
}
