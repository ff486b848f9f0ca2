"""What the core reports about one client's transports, as the room should understand it."""

from __future__ import annotations

from media.events import (
    CommandFailed,
    ConsumerStreamState,
    DataChannelOpened,
    DataReceived,
    TransportConnected,
    TransportDisconnected,
    TransportFailed,
    TransportReconnected,
    TransportStats,
)
from media.events import Event as MediaEvent
from media.parameters import ConsumerId, TransportId
from rooms.live.events import (
    DataChannelReady,
    LinkMeasured,
    MediaConnected,
    MediaFailed,
    MediaInterrupted,
    StreamStarved,
)
from rooms.live.ids import Seconds
from signalling.client import data_packets
from signalling.client.data_channels import LOSSY, RELIABLE
from signalling.client.session_effects import Count, SessionEffect, TellRoom
from signalling.client.session_state import SessionState, Unlinked

_GOODBYE_SECONDS: Seconds = 2.0
"""A leaving client closes its transports first or says `leave` first, as its threads happen to run."""


def react(state: SessionState, now: Seconds, event: MediaEvent) -> list[SessionEffect]:  # noqa: PLR0911 - one line each
    match event:
        case TransportConnected() | TransportReconnected():
            return _here(state, TransportId(event.transport))
        case TransportDisconnected():
            return _away(state, TransportId(event.transport))
        case TransportFailed():
            return _failed(state, now, event)
        case DataChannelOpened():
            return _channel_opened(state, event)
        case DataReceived():
            return _data_received(state, event)
        case TransportStats():
            return _measured(state, event)
        case ConsumerStreamState():
            return _stream_state(state, event)
        case CommandFailed(command="ConnectTransport"):
            return [Count("transport_refused"), _gone(state)]
        case _:
            return []


def due(state: SessionState, now: Seconds) -> list[SessionEffect]:
    """A transport that the client closed, without a goodbye since."""
    if not any(at <= now for at in state.failing.values()):
        return []
    state.failing.clear()
    return [_gone(state)]


def _here(state: SessionState, transport: TransportId) -> list[SessionEffect]:
    if transport != state.negotiation.primary:
        return []
    return [TellRoom(MediaConnected(participant=state.participant))]


def _away(state: SessionState, transport: TransportId) -> list[SessionEffect]:
    if transport != state.negotiation.primary:
        return []
    return [TellRoom(MediaInterrupted(participant=state.participant))]


def _failed(state: SessionState, now: Seconds, event: TransportFailed) -> list[SessionEffect]:
    if event.reason == "closed-by-peer" and not isinstance(state.link, Unlinked):
        state.failing[TransportId(event.transport)] = now + _GOODBYE_SECONDS
        return []
    return [_gone(state)]


def _gone(state: SessionState) -> SessionEffect:
    return TellRoom(MediaFailed(participant=state.participant))


def _channel_opened(state: SessionState, event: DataChannelOpened) -> list[SessionEffect]:
    if event.transport != state.negotiation.downlink or event.label not in (RELIABLE, LOSSY):
        return []
    return [TellRoom(DataChannelReady(participant=state.participant, reliable=event.label == RELIABLE))]


def _data_received(state: SessionState, event: DataReceived) -> list[SessionEffect]:
    if event.label not in (RELIABLE, LOSSY):
        return [Count("data_on_unknown_channel")]
    sent = data_packets.read(state.participant, event.payload, reliable=event.label == RELIABLE)
    return [Count("data_malformed")] if sent is None else [TellRoom(sent)]


def _stream_state(state: SessionState, event: ConsumerStreamState) -> list[SessionEffect]:
    track = state.negotiation.track_of(ConsumerId(event.consumer))
    if track is None:
        return []  # Its subscription ended while the core was telling.
    return [TellRoom(StreamStarved(participant=state.participant, track=track, starved=event.paused))]


def _measured(state: SessionState, event: TransportStats) -> list[SessionEffect]:
    """With two transports each tells of one direction, with one it tells of both."""
    effects: list[SessionEffect] = []
    if event.transport == state.negotiation.uplink:
        up = LinkMeasured(
            participant=state.participant,
            direction="up",
            loss=event.uplink_loss,
            round_trip_time_ms=event.round_trip_time_ms,
            jitter_ms=event.jitter_ms,
        )
        effects.append(TellRoom(up))
    if event.transport == state.negotiation.downlink:
        down = LinkMeasured(
            participant=state.participant,
            direction="down",
            loss=event.downlink_loss,
            round_trip_time_ms=event.round_trip_time_ms,
            jitter_ms=event.jitter_ms,
            available_bps=event.available_outgoing_bitrate_bps,
        )
        effects.append(TellRoom(down))
    return effects
