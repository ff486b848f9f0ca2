"""The claims of an access token as a value, and back (LiveKit's names on the wire)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rooms.live.ids import Identity
from rooms.live.info import ParticipantKind
from rooms.live.permission import Permission, TrackSource
from signalling.auth.claims import Claims, written
from signalling.hosting.rooms import RoomOptions

_NOBODY = Identity("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What the bearer is and may do.

    `room` limits `room_join` and `room_admin`; `permission` holds within it. `room_options` is how the room is to be
    opened if it is not yet open. `sha256` is the digest of a body that the token signs, as in webhooks, in base64.
    """

    identity: Identity = _NOBODY
    name: str = ""
    kind: ParticipantKind = ParticipantKind.STANDARD
    metadata: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    room: str = ""
    room_join: bool = False
    room_create: bool = False
    room_list: bool = False
    room_admin: bool = False
    permission: Permission = field(default_factory=Permission)
    room_options: RoomOptions = field(default_factory=RoomOptions)
    sha256: str = ""

    def may_administer(self, room: str) -> bool:
        """Whether `room_admin` reaches to `room`; a token that names no room reaches nowhere."""
        return self.room_admin and bool(room) and room == self.room


def read_grants(claims: Claims) -> Grants:
    """The grants of a payload whose signature was verified. Raises `ClaimError` naming the wrong claim."""
    video = claims.table("video")
    return Grants(
        identity=Identity(claims.text("sub")),
        name=claims.text("name"),
        kind=ParticipantKind(claims.choice("kind", ParticipantKind, ParticipantKind.STANDARD)),
        metadata=claims.text("metadata"),
        attributes=claims.texts("attributes"),
        room=video.text("room"),
        room_join=video.flag("roomJoin"),
        room_create=video.flag("roomCreate"),
        room_list=video.flag("roomList"),
        room_admin=video.flag("roomAdmin"),
        permission=_permission(video),
        room_options=_room_options(claims.table("roomConfig")),
        sha256=claims.text("sha256"),
    )


def write_claims(grants: Grants) -> dict[str, object]:
    """The claims of `grants`, without those that PyJWT and `mint` add. What is empty is left out."""
    permission = grants.permission
    video = {
        "room": grants.room,
        "roomJoin": grants.room_join,
        "roomCreate": grants.room_create,
        "roomList": grants.room_list,
        "roomAdmin": grants.room_admin,
        "canPublishSources": sorted(permission.can_publish_sources),
        "canUpdateOwnMetadata": permission.can_update_own_metadata,
        "canSubscribeMetrics": permission.can_subscribe_metrics,
        "hidden": permission.hidden,
        "recorder": permission.recorder,
        "agent": permission.agent,
    }
    may = {
        "canSubscribe": permission.can_subscribe,
        "canPublish": permission.can_publish,
        "canPublishData": permission.can_publish_data,
    }
    return written(
        {
            "sub": grants.identity,
            "name": grants.name,
            "kind": grants.kind.value,
            "metadata": grants.metadata,
            "attributes": dict(grants.attributes),
            "roomConfig": _written_room_options(grants.room_options),
            "sha256": grants.sha256,
        }
    ) | {"video": written(video) | may}


def _permission(video: Claims) -> Permission:
    """Publishing and subscribing are allowed where nothing is said; data as publishing."""
    can_publish = video.flag("canPublish", default=True)
    return Permission(
        can_subscribe=video.flag("canSubscribe", default=True),
        can_publish=can_publish,
        can_publish_data=video.flag("canPublishData", default=can_publish),
        can_publish_sources=frozenset(video.choices("canPublishSources", TrackSource)),
        can_update_own_metadata=video.flag("canUpdateOwnMetadata"),
        can_subscribe_metrics=video.flag("canSubscribeMetrics"),
        hidden=video.flag("hidden"),
        recorder=video.flag("recorder"),
        agent=video.flag("agent"),
    )


def _room_options(config: Claims) -> RoomOptions:
    """Of RoomConfiguration, what applies to this server. 0 is protobuf's "not set"."""
    return RoomOptions(
        empty_timeout_seconds=config.count("emptyTimeout") or None,
        departure_timeout_seconds=config.count("departureTimeout") or None,
        max_participants=config.count("maxParticipants") or None,
        metadata=config.text("metadata") or None,
    )


def _written_room_options(options: RoomOptions) -> dict[str, object]:
    return written(
        {
            "emptyTimeout": round(options.empty_timeout_seconds or 0),
            "departureTimeout": round(options.departure_timeout_seconds or 0),
            "maxParticipants": options.max_participants,
            "metadata": options.metadata,
        }
    )
