"""LiveKit's RoomService: who may call what, and the translation between its messages and the rooms' own words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import TypeVar

from google.protobuf.message import Message
from livekit.protocol import models
from livekit.protocol import room as proto

from rooms.live import admin_actions
from rooms.live.ids import Identity, ParticipantSid, Seconds, TrackSid
from rooms.live.info import ParticipantInfo, RoomInfo, TrackInfo
from rooms.live.limits import NAME_LENGTH_CHARACTERS
from rooms.live.permission import Permission
from signalling.auth.grants import Grants
from signalling.client.encoding import SOURCES, participant_message, room_message, track_message
from signalling.hosting.rooms import RoomAdministration, RoomOptions, TooManyRoomsError
from signalling.server_api.participant_calls import (
    DEFAULT_TIMEOUT_SECONDS,
    LONGEST_TIMEOUT_SECONDS,
    MAX_PAYLOAD_BYTES,
    CallRefusedError,
    ParticipantCalls,
    TooManyCallsError,
)
from signalling.server_api.twirp import Code, Method, TwirpError, method

SERVICE = "livekit.RoomService"
PLANNED = (
    "livekit.AgentDispatchService",
    "livekit.Connector",
    "livekit.Egress",
    "livekit.Ingress",
    "livekit.PhoneNumberService",
    "livekit.SIP",
)
"""LiveKit's other services: callers are told that they are not offered."""

_Value = TypeVar("_Value")
_CODES = {
    admin_actions.FailureKind.NOT_FOUND: Code.NOT_FOUND,
    admin_actions.FailureKind.INVALID_ARGUMENT: Code.INVALID_ARGUMENT,
    admin_actions.FailureKind.FAILED_PRECONDITION: Code.FAILED_PRECONDITION,
}
_SOURCES = {number: source for source, number in SOURCES.items()}


def room_service(rooms: RoomAdministration) -> Mapping[str, Method]:
    """The methods of RoomService over `rooms`, for `Twirp`."""
    service = _RoomService(rooms)
    return {
        "CreateRoom": method(proto.CreateRoomRequest, service.create_room),
        "ListRooms": method(proto.ListRoomsRequest, service.list_rooms),
        "DeleteRoom": method(proto.DeleteRoomRequest, service.delete_room),
        "ListParticipants": method(proto.ListParticipantsRequest, service.list_participants),
        "GetParticipant": method(proto.RoomParticipantIdentity, service.get_participant),
        "RemoveParticipant": method(proto.RoomParticipantIdentity, service.remove_participant),
        "MutePublishedTrack": method(proto.MuteRoomTrackRequest, service.mute_published_track),
        "UpdateParticipant": method(proto.UpdateParticipantRequest, service.update_participant),
        "UpdateSubscriptions": method(proto.UpdateSubscriptionsRequest, service.update_subscriptions),
        "SendData": method(proto.SendDataRequest, service.send_data),
        "UpdateRoomMetadata": method(proto.UpdateRoomMetadataRequest, service.update_room_metadata),
        "PerformRpc": method(proto.PerformRpcRequest, service.perform_rpc),
        "ForwardParticipant": method(proto.ForwardParticipantRequest, _unimplemented),
        "MoveParticipant": method(proto.MoveParticipantRequest, _unimplemented),
    }


class _RoomService:
    def __init__(self, rooms: RoomAdministration) -> None:
        self._rooms = rooms
        self._calls = ParticipantCalls()
        rooms.overhear(self._calls.hear)

    def create_room(self, grants: Grants, request: proto.CreateRoomRequest) -> models.Room:
        """Idempotent: an open room of that name is given as it is."""
        _require("roomCreate", allowed=grants.room_create)
        if not 0 < len(request.name) <= NAME_LENGTH_CHARACTERS:
            raise TwirpError(Code.INVALID_ARGUMENT, f"A room's name has 1 to {NAME_LENGTH_CHARACTERS} characters.")
        options = RoomOptions(
            empty_timeout_seconds=request.empty_timeout or None,
            departure_timeout_seconds=request.departure_timeout or None,
            max_participants=request.max_participants or None,
            metadata=request.metadata or None,
        )
        try:
            return room_message(self._rooms.create(request.name, options))
        except TooManyRoomsError as error:
            raise TwirpError(Code.RESOURCE_EXHAUSTED, str(error)) from None

    def list_rooms(self, grants: Grants, request: proto.ListRoomsRequest) -> proto.ListRoomsResponse:
        _require("roomList", allowed=grants.room_list)
        return proto.ListRoomsResponse(rooms=map(room_message, self._rooms.list(request.names)))

    def delete_room(self, grants: Grants, request: proto.DeleteRoomRequest) -> proto.DeleteRoomResponse:
        _require("roomCreate", allowed=grants.room_create)
        self._done(request.room, admin_actions.DeleteRoom())
        return proto.DeleteRoomResponse()

    def list_participants(
        self, grants: Grants, request: proto.ListParticipantsRequest
    ) -> proto.ListParticipantsResponse:
        participants = self._participants(grants, request.room)
        return proto.ListParticipantsResponse(participants=map(participant_message, participants))

    def get_participant(self, grants: Grants, request: proto.RoomParticipantIdentity) -> models.ParticipantInfo:
        for participant in self._participants(grants, request.room):
            if participant.identity == request.identity:
                return participant_message(participant)
        raise TwirpError(Code.NOT_FOUND, "There is no such participant in the room.")

    def remove_participant(
        self, grants: Grants, request: proto.RoomParticipantIdentity
    ) -> proto.RemoveParticipantResponse:
        self._administer(grants, request.room, admin_actions.RemoveParticipant(Identity(request.identity)))
        return proto.RemoveParticipantResponse()

    def mute_published_track(self, grants: Grants, request: proto.MuteRoomTrackRequest) -> proto.MuteRoomTrackResponse:
        action = admin_actions.MutePublishedTrack(
            Identity(request.identity), TrackSid(request.track_sid), muted=request.muted
        )
        track = _as(TrackInfo, self._administer(grants, request.room, action))
        return proto.MuteRoomTrackResponse(track=track_message(track))

    def update_participant(self, grants: Grants, request: proto.UpdateParticipantRequest) -> models.ParticipantInfo:
        """Protobuf cannot tell an empty text from none: what is empty stays as it is."""
        action = admin_actions.UpdateParticipant(
            identity=Identity(request.identity),
            name=request.name or None,
            metadata=request.metadata or None,
            attributes=dict(request.attributes),
            permission=_permission(request.permission) if request.HasField("permission") else None,
        )
        return participant_message(_as(ParticipantInfo, self._administer(grants, request.room, action)))

    def update_subscriptions(
        self, grants: Grants, request: proto.UpdateSubscriptionsRequest
    ) -> proto.UpdateSubscriptionsResponse:
        """Tracks are listed by themselves or under their participants; both count."""
        listed = [*request.track_sids, *(sid for tracks in request.participant_tracks for sid in tracks.track_sids)]
        action = admin_actions.UpdateSubscriptions(
            identity=Identity(request.identity),
            tracks=tuple(TrackSid(sid) for sid in dict.fromkeys(listed)),
            wanted=request.subscribe,
        )
        self._administer(grants, request.room, action)
        return proto.UpdateSubscriptionsResponse()

    def send_data(self, grants: Grants, request: proto.SendDataRequest) -> proto.SendDataResponse:
        user = models.UserPacket(payload=request.data, nonce=request.nonce)
        if request.HasField("topic"):
            user.topic = request.topic
        action = admin_actions.SendData(
            payload=models.DataPacket(kind=request.kind, user=user).SerializeToString(),
            reliable=request.kind == models.DataPacket.Kind.RELIABLE,
            to_identities=frozenset(map(Identity, request.destination_identities)),
            to_participants=frozenset(map(ParticipantSid, request.destination_sids)),
            nonce=request.nonce,
        )
        self._administer(grants, request.room, action)
        return proto.SendDataResponse()

    def update_room_metadata(self, grants: Grants, request: proto.UpdateRoomMetadataRequest) -> models.Room:
        action = admin_actions.UpdateRoomMetadata(request.metadata)
        return room_message(_as(RoomInfo, self._administer(grants, request.room, action)))

    def perform_rpc(self, grants: Grants, request: proto.PerformRpcRequest) -> Awaitable[proto.PerformRpcResponse]:
        """The method runs in the participant's own client, which must be allowed to publish data to answer."""
        participants = self._participants(grants, request.room)
        if request.destination_identity not in {participant.identity for participant in participants}:
            raise TwirpError(Code.NOT_FOUND, "There is no such participant in the room.")
        if len(request.payload.encode()) > MAX_PAYLOAD_BYTES:
            raise TwirpError(Code.INVALID_ARGUMENT, f"The payload has more than {MAX_PAYLOAD_BYTES} bytes.")
        asked = request.response_timeout_ms / 1000 or DEFAULT_TIMEOUT_SECONDS
        return self._call(request, min(asked, LONGEST_TIMEOUT_SECONDS))

    async def _call(self, request: proto.PerformRpcRequest, timeout: Seconds) -> proto.PerformRpcResponse:  # noqa: ASYNC109
        call = models.RpcRequest(
            method=request.method, payload=request.payload, response_timeout_ms=round(timeout * 1000)
        )
        callee = Identity(request.destination_identity)
        try:
            answer = self._calls.start(request.room, call, callee, partial(self._rooms.administer, request.room))
            if isinstance(answer, admin_actions.Failure):
                raise TwirpError(_CODES[answer.kind], answer.message)
            return proto.PerformRpcResponse(payload=await asyncio.wait_for(answer, timeout))
        except TooManyCallsError:
            raise TwirpError(Code.RESOURCE_EXHAUSTED, "Too many calls await their answers.") from None
        except TimeoutError:
            raise TwirpError(Code.DEADLINE_EXCEEDED, f"The participant did not answer within {timeout:g} s.") from None
        except CallRefusedError as refusal:
            meta = {"rpc_code": str(refusal.code), "rpc_data": refusal.data}
            raise TwirpError(Code.FAILED_PRECONDITION, refusal.message or "The method failed.", meta) from None

    def _participants(self, grants: Grants, room: str) -> tuple[ParticipantInfo, ...]:
        _require("roomAdmin for this room", allowed=grants.may_administer(room))
        participants = self._rooms.participants(room)
        if participants is None:
            raise TwirpError(Code.NOT_FOUND, "There is no such room.")
        return participants

    def _administer(self, grants: Grants, room: str, action: admin_actions.AdminAction) -> object:
        _require("roomAdmin for this room", allowed=grants.may_administer(room))
        return self._done(room, action)

    def _done(self, room: str, action: admin_actions.AdminAction) -> object:
        outcome = self._rooms.administer(room, action)
        match outcome:
            case admin_actions.Done(value):
                return value
            case admin_actions.Failure(kind, message):
                raise TwirpError(_CODES[kind], message)


def _require(grant: str, *, allowed: bool) -> None:
    if not allowed:
        raise TwirpError(Code.PERMISSION_DENIED, f"The access token lacks {grant}.")


def _unimplemented(_grants: Grants, request: Message) -> Message:
    raise TwirpError(Code.UNIMPLEMENTED, f"This server does not offer {request.DESCRIPTOR.name}.")


def _as(kind: type[_Value], value: object) -> _Value:
    assert isinstance(value, kind), f"the room answered {value!r}, expected {kind.__name__}"
    return value


def _permission(message: models.ParticipantPermission) -> Permission:
    unknown = [number for number in message.can_publish_sources if number not in _SOURCES]
    if unknown:
        raise TwirpError(Code.INVALID_ARGUMENT, f"{unknown[0]} is no source of tracks.")
    return Permission(
        can_subscribe=message.can_subscribe,
        can_publish=message.can_publish,
        can_publish_data=message.can_publish_data,
        can_publish_sources=frozenset(_SOURCES[number] for number in message.can_publish_sources),
        can_update_own_metadata=message.can_update_metadata,
        can_subscribe_metrics=message.can_subscribe_metrics,
        hidden=message.hidden,
        recorder=message.recorder,
        agent=message.agent,
    )
