"""Everything the core has to tell, one frozen class per event. They are compiled; `media/_core.pyi` documents them."""

from media._core import (
    AudioLevels,
    CommandFailed,
    ConsumerLayerChanged,
    ConsumerStreamState,
    DataChannelClosed,
    DataChannelOpened,
    DataReceived,
    Event,
    ProducerStarted,
    TransportConnected,
    TransportDisconnected,
    TransportFailed,
    TransportReconnected,
    TransportStats,
    WorkerFault,
)

__all__ = [
    "AudioLevels",
    "CommandFailed",
    "ConsumerLayerChanged",
    "ConsumerStreamState",
    "DataChannelClosed",
    "DataChannelOpened",
    "DataReceived",
    "Event",
    "ProducerStarted",
    "TransportConnected",
    "TransportDisconnected",
    "TransportFailed",
    "TransportReconnected",
    "TransportStats",
    "WorkerFault",
]
