"""One client's side of LiveKit's signal protocol, over all the connections of one seat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from livekit.protocol import rtc

from media.events import Event as MediaEvent
from media.parameters import TransportId
from rooms.live.effects import News, Notice, Welcome
from rooms.live.events import SignalLost
from rooms.live.ids import ParticipantSid, Seconds, UnixSeconds
from rooms.live.info import ParticipantInfo
from signalling.client import media_events, notices, requests
from signalling.client.join_message import Roster
from signalling.client.local_media import LocalMedia
from signalling.client.message import Message
from signalling.client.negotiation.dual import Dual
from signalling.client.negotiation.single import Single
from signalling.client.session_effects import RenewToken, SessionEffect, TellRoom
from signalling.client.session_state import Ended, Linked, SessionState, Unlinked

TOKEN_RENEWAL_SECONDS: Seconds = 300.0

Mode = Literal["dual", "single"]


@dataclass(frozen=True, slots=True)
class Requested:
    """The client sent this."""

    request: rtc.SignalRequest


@dataclass(frozen=True, slots=True)
class Notified:
    """The room tells its participant this."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Announced:
    """The room tells several people this; `message` says it to all of them."""

    news: News
    message: Message


@dataclass(frozen=True, slots=True)
class Reported:
    """The core tells this about one of the client's transports."""

    event: MediaEvent


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection ended without a goodbye."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """The session's deadline has passed."""


SessionEvent = Requested | Notified | Announced | Reported | ConnectionLost | Timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProfile:
    """How a client talks: `protocol` is its signal protocol, `mode` the number of its peer connections.

    `only_preferred_codec` for browsers that publish what they like best whatever the answer's order says.
    """

    mode: Mode
    protocol: int
    only_preferred_codec: bool = False


@dataclass(slots=True)
class Session:
    """Invariants: the first message on a connection is `join`, `reconnect` or `leave`; a track's participant is told of
    before any description that carries it; a revoked track leaves the core before anything else is said about it.
    """

    _state: SessionState

    @classmethod
    def open(
        cls,
        now: Seconds,
        welcome: Welcome,
        profile: ClientProfile,
        *,
        media: LocalMedia,
        roster: Roster,
        node: str,
        unix_now: UnixSeconds,
    ) -> tuple[Self, list[SessionEffect]]:
        """The session of a seat that was just taken, in the room of `roster`."""
        state = SessionState(
            participant=welcome.participant.sid,
            protocol=profile.protocol,
            node=node,
            unix_offset=unix_now - now,
            media=media,
            negotiation=_negotiation(welcome.participant, profile, media),
            info=welcome.participant,
            renew_token_at=now + TOKEN_RENEWAL_SECONDS,
        )
        state.negotiation.receiving.only_preferred_codec = profile.only_preferred_codec
        return cls(state), notices.welcomed(state, welcome, roster)

    @property
    def participant(self) -> ParticipantSid:
        return self._state.participant

    @property
    def ended(self) -> bool:
        return isinstance(self._state.link, Ended)

    @property
    def mode(self) -> Mode:
        return "single" if isinstance(self._state.negotiation, Single) else "dual"

    @property
    def downlink(self) -> TransportId:
        """The transport on which the client takes media and data from us."""
        return self._state.negotiation.downlink

    @property
    def uplink(self) -> TransportId:
        """The transport on which the client sends; may be the same one."""
        return self._state.negotiation.uplink

    def handle(self, now: Seconds, event: SessionEvent) -> list[SessionEffect]:
        """Apply one event at `now`. Never raises: what the client does wrong is an effect."""
        if self.ended:
            return []
        match event:
            case Requested(request):
                return requests.react(self._state, now, request)
            case ConnectionLost():
                return _connection_lost(self._state)
            case Timeout():
                return _due(self._state, now)
            case Notified(notice):
                return notices.react(self._state, notice)
            case Announced(news, message):
                return notices.announced(self._state, news, message)
            case Reported(reported):
                return media_events.react(self._state, now, reported)

    def deadline(self) -> Seconds | None:
        """When `Timeout` is due; at once while the client should hear of what changed."""
        state = self._state
        if self.ended:
            return None
        if _must_negotiate(state):
            return 0.0
        return min(state.renew_token_at, *state.failing.values()) if state.failing else state.renew_token_at


def _negotiation(participant: ParticipantInfo, profile: ClientProfile, media: LocalMedia) -> Dual | Single:
    if profile.mode == "single":
        return Single.of(participant.sid, media)
    return Dual.of(participant.sid, media, subscriber_primary=participant.permission.can_subscribe)


def _connection_lost(state: SessionState) -> list[SessionEffect]:
    state.link = Unlinked()
    return [TellRoom(SignalLost(participant=state.participant))]


def _must_negotiate(state: SessionState) -> bool:
    return isinstance(state.link, Linked) and state.negotiation.due


def _due(state: SessionState, now: Seconds) -> list[SessionEffect]:
    effects: list[SessionEffect] = []
    if _must_negotiate(state):
        effects += state.negotiation.renegotiate()
    if state.renew_token_at <= now:
        state.renew_token_at = now + TOKEN_RENEWAL_SECONDS
        effects.append(RenewToken(state.info))
    return effects + media_events.due(state, now)
