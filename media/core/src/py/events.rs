//! Events as frozen Python classes.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::class::frozen_class;
use crate::events::Event;

frozen_class!(TransportConnected {
    transport: u64,
    srtp_profile: String,
    protocol: String
});
frozen_class!(TransportDisconnected { transport: u64 });
frozen_class!(TransportReconnected { transport: u64 });
frozen_class!(TransportFailed {
    transport: u64,
    reason: String
});
frozen_class!(ProducerStarted {
    producer: u64,
    spatial_layer: u8
});
frozen_class!(AudioLevels { levels: Vec<(u64, f32)> });
frozen_class!(ConsumerLayerChanged { consumer: u64, spatial_layer: Option<u8> });
frozen_class!(ConsumerStreamState {
    transport: u64,
    consumer: u64,
    paused: bool
});
frozen_class!(DataChannelOpened {
    transport: u64,
    label: String
});
frozen_class!(DataChannelClosed {
    transport: u64,
    label: String
});
frozen_class!(DataReceived { transport: u64, label: String, payload: Vec<u8> });
frozen_class!(TransportStats {
    transport: u64,
    uplink_loss: f64,
    downlink_loss: f64,
    round_trip_time_ms: Option<f64>,
    jitter_ms: f64,
    bytes_received: u64,
    bytes_sent: u64,
    packets_received: u64,
    packets_sent: u64,
    available_outgoing_bitrate_bps: Option<u64>,
    desired_outgoing_bitrate_bps: u64,
    allocated_outgoing_bitrate_bps: u64,
});
frozen_class!(CommandFailed {
    command: String,
    id: u64,
    reason: String
});
frozen_class!(WorkerFault { worker: u8, transport: Option<u64>, message: String });

/// The type of all events: `TransportConnected | TransportDisconnected | …`.
pub fn union(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let others = [
        py.get_type::<TransportDisconnected>(),
        py.get_type::<TransportReconnected>(),
        py.get_type::<TransportFailed>(),
        py.get_type::<ProducerStarted>(),
        py.get_type::<AudioLevels>(),
        py.get_type::<ConsumerLayerChanged>(),
        py.get_type::<ConsumerStreamState>(),
        py.get_type::<DataChannelOpened>(),
        py.get_type::<DataChannelClosed>(),
        py.get_type::<DataReceived>(),
        py.get_type::<TransportStats>(),
        py.get_type::<CommandFailed>(),
        py.get_type::<WorkerFault>(),
    ];
    let first = py.get_type::<TransportConnected>().into_any();
    others
        .iter()
        .try_fold(first, |union, other| union.bitor(other))
}

/// The Python object that says the same.
pub fn into_python(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    match event {
        Event::TransportConnected {
            transport: id,
            srtp_profile,
            protocol,
        } => {
            let profile = srtp_profile.to_owned();
            object(
                py,
                TransportConnected::new(id.0, profile, protocol.to_owned()),
            )
        }
        Event::TransportDisconnected { transport } => {
            object(py, TransportDisconnected::new(transport.0))
        }
        Event::TransportReconnected { transport } => {
            object(py, TransportReconnected::new(transport.0))
        }
        Event::TransportFailed { transport, reason } => {
            object(py, TransportFailed::new(transport.0, reason.to_owned()))
        }
        Event::ProducerStarted {
            producer,
            spatial_layer,
        } => object(py, ProducerStarted::new(producer.0, spatial_layer)),
        Event::AudioLevels { levels } => {
            let levels = levels.into_iter().map(|(id, level)| (id.0, level));
            object(py, AudioLevels::new(levels.collect()))
        }
        Event::ConsumerLayerChanged {
            consumer,
            spatial_layer,
        } => object(py, ConsumerLayerChanged::new(consumer.0, spatial_layer)),
        Event::ConsumerStreamState {
            transport,
            consumer,
            paused,
        } => object(
            py,
            ConsumerStreamState::new(transport.0, consumer.0, paused),
        ),
        Event::DataChannelOpened { transport, label } => {
            object(py, DataChannelOpened::new(transport.0, label))
        }
        Event::DataChannelClosed { transport, label } => {
            object(py, DataChannelClosed::new(transport.0, label))
        }
        Event::DataReceived {
            transport,
            label,
            payload,
        } => object(py, DataReceived::new(transport.0, label, payload)),
        Event::TransportStats(stats) => object(py, TransportStats::from(stats)),
        Event::CommandFailed {
            command,
            id,
            reason,
        } => object(py, CommandFailed::new(command.to_owned(), id, reason)),
        Event::WorkerFault {
            worker,
            transport,
            message,
        } => object(
            py,
            WorkerFault::new(worker, transport.map(|id| id.0), message),
        ),
    }
}

impl From<crate::events::TransportStats> for TransportStats {
    fn from(stats: crate::events::TransportStats) -> Self {
        Self {
            transport: stats.transport.0,
            uplink_loss: stats.uplink_loss,
            downlink_loss: stats.downlink_loss,
            round_trip_time_ms: stats.round_trip_time_ms,
            jitter_ms: stats.jitter_ms,
            bytes_received: stats.bytes_received,
            bytes_sent: stats.bytes_sent,
            packets_received: stats.packets_received,
            packets_sent: stats.packets_sent,
            available_outgoing_bitrate_bps: stats.available_outgoing_bitrate_bps,
            desired_outgoing_bitrate_bps: stats.desired_outgoing_bitrate_bps,
            allocated_outgoing_bitrate_bps: stats.allocated_outgoing_bitrate_bps,
        }
    }
}

fn object<T>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>>
where
    T: pyo3::PyClass,
    pyo3::PyClassInitializer<T>: From<T>,
{
    Ok(Py::new(py, value)?.into_any())
}
