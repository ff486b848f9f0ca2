"""A client with two peer connections, as most SDKs have it by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from livekit.protocol import rtc

from media.commands import Command
from media.parameters import ConsumerId, TransportId
from rooms.live.effects import ForwardingChanged, Subscribed
from rooms.live.ids import ParticipantSid, TrackSid
from signalling.client.local_media import LocalMedia
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.negotiation.publisher import Publisher
from signalling.client.negotiation.receiving import Receiving
from signalling.client.negotiation.subscriber import Subscriber
from signalling.client.session_effects import AskCore, SessionEffect


@dataclass(slots=True)
class Dual:
    """`subscriber_primary` is told at joining: that the client counts as connected with the subscriber's connection."""

    publisher: Publisher
    subscriber: Subscriber
    subscriber_primary: bool

    @classmethod
    def of(cls, participant: ParticipantSid, media: LocalMedia, *, subscriber_primary: bool) -> Self:
        pc = PeerConnection.open(media)
        return cls(
            publisher=Publisher(pc, Receiving(participant, pc)),
            subscriber=Subscriber(participant, PeerConnection.open(media)),
            subscriber_primary=subscriber_primary,
        )

    @property
    def receiving(self) -> Receiving:
        return self.publisher.receiving

    @property
    def primary(self) -> TransportId:
        """The transport whose state is the client's media state."""
        return (self.subscriber if self.subscriber_primary else self.publisher).pc.transport

    @property
    def downlink(self) -> TransportId:
        """Where the client takes media and data from us."""
        return self.subscriber.pc.transport

    @property
    def uplink(self) -> TransportId:
        return self.publisher.pc.transport

    @property
    def transports(self) -> tuple[TransportId, ...]:
        return (self.publisher.pc.transport, self.subscriber.pc.transport)

    def open(self) -> list[SessionEffect]:
        created = [AskCore(self.publisher.pc.create()), AskCore(self.subscriber.pc.create())]
        return [*created, *self.subscriber.open_channels()]

    def offered(self, message: rtc.SessionDescription) -> list[SessionEffect]:
        return self.publisher.offered(message)

    def answered(self, message: rtc.SessionDescription) -> list[SessionEffect]:
        return self.subscriber.answered(message)

    def subscribed(self, notice: Subscribed) -> list[SessionEffect]:
        return self.subscriber.subscribed(notice)

    def unsubscribed(self, track: TrackSid) -> list[SessionEffect]:
        return self.subscriber.unsubscribed(track)

    def changed(self, notice: ForwardingChanged) -> list[SessionEffect]:
        return self.subscriber.changed(notice)

    def track_of(self, consumer: ConsumerId) -> TrackSid | None:
        return self.subscriber.track_of(consumer)

    @property
    def due(self) -> bool:
        """Whether the client should hear of what changed, by `renegotiate`."""
        return self.subscriber.due

    def renegotiate(self) -> list[SessionEffect]:
        return self.subscriber.offer()

    def resume(self) -> list[SessionEffect]:
        """The client is back on a new connection, perhaps on a new network; its publisher restarts by itself."""
        return self.subscriber.restart()

    def prefer(self, media: LocalMedia) -> None:
        self.publisher.pc.prefer(media)
        self.subscriber.pc.prefer(media)

    def close(self) -> list[Command]:
        return [self.publisher.pc.close(), self.subscriber.pc.close()]
