"""One track on its way to the client: its consumer in the core and its line in our descriptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from media.commands import AddConsumer, RemoveConsumer, SetConsumer
from media.parameters import (
    ConsumerId,
    ConsumerParameters,
    MediaKind,
    ProducerId,
    ProducerParameters,
    TransportId,
)
from rooms.live.effects import ForwardingChanged, Subscribed
from rooms.live.events import SubscriptionImpossible
from rooms.live.ids import ParticipantSid, TrackSid
from rooms.live.track import Encoding
from signalling.client.local_media import LocalMedia
from signalling.client.sdp import MediaSection, SdpError, SendTrack, consumer_parameters
from signalling.client.session_effects import AskCore, SessionEffect, TellRoom


@dataclass(slots=True)
class Sender:
    """`parameters` is None until the client has made room for the track; from then on the core sends it.

    `forwarding` is what the room said last of how.
    """

    consumer: ConsumerId
    subscribed: Subscribed
    track: SendTrack
    forwarding: Subscribed | ForwardingChanged
    parameters: ConsumerParameters | None = None

    @classmethod
    def of(cls, subscribed: Subscribed, media: LocalMedia) -> Self:
        """`stream_id` and `track_id` are what every LiveKit client finds the publication by."""
        info = subscribed.track
        track = SendTrack(
            stream_id=f"{subscribed.publisher}|{info.sid}",
            track_id=info.sid,
            cname=subscribed.publisher,
            ssrc=media.ssrc(),
            rtx_ssrc=media.ssrc() if info.kind == "video" else None,
            mime_type=info.mime_type,
            stereo=info.stereo,
        )
        return cls(media.consumer_id(), subscribed, track, subscribed)

    @property
    def sid(self) -> TrackSid:
        return self.subscribed.track.sid

    @property
    def kind(self) -> MediaKind:
        return self.subscribed.track.kind

    def start(self, participant: ParticipantSid, transport: TransportId, section: MediaSection) -> list[SessionEffect]:
        """The client has described, in `section`, how it takes the track."""
        if self.parameters is not None:
            return []
        agreed = self._agreed(section)
        if agreed is None:
            return [TellRoom(SubscriptionImpossible(participant=participant, track=self.sid))]
        producer, parameters = agreed
        self.parameters = parameters
        add = AddConsumer(
            consumer=self.consumer,
            transport=transport,
            producer=producer,
            parameters=parameters,
            paused=self.forwarding.paused,
            spatial_layer=self.forwarding.spatial_layer,
            temporal_layer=self.forwarding.temporal_layer,
            priority=self.forwarding.priority,
        )
        return [AskCore(add)]

    def _agreed(self, section: MediaSection) -> tuple[ProducerId, ConsumerParameters] | None:
        """The first of the track's codecs that the client takes; None if it takes neither."""
        first = Encoding(self.subscribed.producer, self.subscribed.parameters)
        for encoding in filter(None, (first, self.subscribed.backup)):
            parameters = self._taken(section, encoding.parameters)
            if parameters is not None:
                return encoding.producer, parameters
        return None

    def _taken(self, section: MediaSection, producer: ProducerParameters) -> ConsumerParameters | None:
        """None if the client does not take the codec that is sent: the publisher's first, as we answered it."""
        try:
            parameters = consumer_parameters(section, self.track, producer)
        except SdpError:
            return None
        taken = {mapping.producer for mapping in parameters.payload_types}
        return parameters if producer.codecs[0].payload_type in taken else None

    def change(self, notice: ForwardingChanged) -> list[SessionEffect]:
        self.forwarding = notice
        if self.parameters is None:
            return []
        change = SetConsumer(
            consumer=self.consumer,
            paused=notice.paused,
            spatial_layer=notice.spatial_layer,
            temporal_layer=notice.temporal_layer,
            priority=notice.priority,
        )
        return [AskCore(change)]

    def stop(self) -> list[SessionEffect]:
        """At once: a revoked subscription gets nothing more, whatever is still being negotiated."""
        if self.parameters is None:
            return []
        self.parameters = None
        return [AskCore(RemoveConsumer(consumer=self.consumer))]
