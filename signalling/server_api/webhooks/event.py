"""Facts of a room as LiveKit's WebhookEvent, and its signature."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from google.protobuf import json_format
from livekit.protocol import models
from livekit.protocol import webhook as proto

from rooms.live.effects import Fact
from rooms.live.ids import UnixSeconds
from rooms.live.info import DisconnectReason
from signalling.auth.grants import Grants, write_claims
from signalling.auth.tokens import TokenAuthority
from signalling.client.encoding import participant_message, room_message, track_message

CONTENT_TYPE = "application/webhook+json"
_SIGNATURE_TTL = timedelta(minutes=5)
_END_REASONS = {
    DisconnectReason.ROOM_DELETED: models.RoomEndReason.ROOM_END_API_DELETE,
    DisconnectReason.ROOM_CLOSED: models.RoomEndReason.ROOM_END_IDLE_TIMEOUT,
    DisconnectReason.SERVER_SHUTDOWN: models.RoomEndReason.ROOM_END_SERVER_SHUTDOWN,
}


def event_message(fact: Fact, *, event_id: str, now: UnixSeconds) -> proto.WebhookEvent:
    """What a receiver learns of `fact`. `event_id` is the same in every retry."""
    return proto.WebhookEvent(
        event=fact.kind.value,
        id=event_id,
        created_at=int(now),
        room=room_message(fact.room),
        participant=participant_message(fact.participant) if fact.participant else None,
        track=track_message(fact.track) if fact.track else None,
        room_end_reason=_END_REASONS[fact.ended] if fact.ended else None,
    )


def encode(message: proto.WebhookEvent, *, dropped: int) -> bytes:
    """The body. `dropped` counts events that this receiver has not been told."""
    complete = proto.WebhookEvent()
    complete.CopyFrom(message)
    complete.num_dropped = dropped
    return json_format.MessageToJson(complete, indent=None).encode()


def sign(authority: TokenAuthority, api_key: str, body: bytes) -> str:
    """The Authorization header: a token over the body's SHA-256, without "Bearer"."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return authority.mint(api_key, write_claims(Grants(sha256=digest)), _SIGNATURE_TTL)
