"""A hospital's own software administers rooms with LiveKit's server SDK."""

from __future__ import annotations

import pytest
from livekit import api
from livekit.protocol import models

from rooms.live.effects import DeliverData, Dismissed, TrackMuted
from rooms.live.info import DisconnectReason
from rooms.live.permission import Permission, TrackSource
from tests.signalling.server_api.hall import MAX_ROOMS, Hall


async def test_a_room_is_created_once_listed_and_deleted(livekit: api.LiveKitAPI, hall: Hall) -> None:
    wanted = api.CreateRoomRequest(name="tim mạch", empty_timeout=60, max_participants=8, metadata="ca 12")
    created = await livekit.room.create_room(wanted)
    assert created.sid.startswith("RM_")
    assert (created.name, created.empty_timeout, created.max_participants) == ("tim mạch", 60, 8)
    assert (created.metadata, created.creation_time) == ("ca 12", 1_000_000_000)
    again = await livekit.room.create_room(api.CreateRoomRequest(name="tim mạch", metadata="ca 13"))
    assert (again.sid, again.metadata) == (created.sid, "ca 12")
    await livekit.room.create_room(api.CreateRoomRequest(name="ngoại"))
    every = await livekit.room.list_rooms(api.ListRoomsRequest())
    assert [room.name for room in every.rooms] == ["tim mạch", "ngoại"]
    some = await livekit.room.list_rooms(api.ListRoomsRequest(names=["ngoại", "nowhere"]))
    assert [room.name for room in some.rooms] == ["ngoại"]

    lan = hall.enter("ngoại", "lan")
    await livekit.room.delete_room(api.DeleteRoomRequest(room="ngoại"))
    assert [room.name for room in (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms] == ["tim mạch"]
    dismissals = [told.notice for told in hall.told if told.participant == lan and isinstance(told.notice, Dismissed)]
    assert [notice.reason for notice in dismissals] == [DisconnectReason.ROOM_DELETED]


async def test_participants_are_seen_hidden_ones_too_and_removed(livekit: api.LiveKitAPI, hall: Hall) -> None:
    lan = hall.enter("ngoại", "lan")
    hall.enter("ngoại", "observer", Permission(hidden=True))
    microphone = hall.publish("ngoại", lan, "audio", TrackSource.MICROPHONE)
    listed = await livekit.room.list_participants(api.ListParticipantsRequest(room="ngoại"))
    assert [participant.identity for participant in listed.participants] == ["lan", "observer"]
    found = await livekit.room.get_participant(api.RoomParticipantIdentity(room="ngoại", identity="lan"))
    assert (found.sid, [track.sid for track in found.tracks]) == (lan, [microphone])
    assert found.state == models.ParticipantInfo.State.ACTIVE

    await livekit.room.remove_participant(api.RoomParticipantIdentity(room="ngoại", identity="lan"))
    left = await livekit.room.list_participants(api.ListParticipantsRequest(room="ngoại"))
    assert [participant.identity for participant in left.participants] == ["observer"]


async def test_a_forgotten_microphone_is_muted_but_never_opened(livekit: api.LiveKitAPI, hall: Hall) -> None:
    lan = hall.enter("ngoại", "lan")
    microphone = hall.publish("ngoại", lan, "audio", TrackSource.MICROPHONE)
    request = api.MuteRoomTrackRequest(room="ngoại", identity="lan", track_sid=microphone, muted=True)
    answer = await livekit.room.mute_published_track(request)
    assert (answer.track.sid, answer.track.muted) == (microphone, True)
    told = [notify.notice for notify in hall.told if notify.participant == lan]
    assert TrackMuted(microphone, muted=True, by_server=True) in told
    request.muted = False
    with pytest.raises(api.TwirpError) as refused:
        await livekit.room.mute_published_track(request)
    assert (refused.value.code, refused.value.status) == ("failed_precondition", 412)


async def test_a_participant_is_renamed_and_may_no_longer_publish(livekit: api.LiveKitAPI, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    updated = await livekit.room.update_participant(
        api.UpdateParticipantRequest(
            room="ngoại",
            identity="lan",
            name="Bác sĩ Lan",
            attributes={"site": "Mường Lát"},
            permission=models.ParticipantPermission(
                can_subscribe=True, can_publish_sources=[models.TrackSource.MICROPHONE]
            ),
        )
    )
    assert (updated.name, dict(updated.attributes)) == ("Bác sĩ Lan", {"site": "Mường Lát"})
    assert list(updated.permission.can_publish_sources) == [models.TrackSource.MICROPHONE]
    assert not updated.permission.can_publish_data
    (lan,) = hall.participants("ngoại") or ()
    assert lan.permission == Permission(
        can_publish=False, can_publish_data=False, can_publish_sources=frozenset({TrackSource.MICROPHONE})
    )


async def test_an_unknown_source_does_not_widen_a_permission(livekit: api.LiveKitAPI, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    strange = models.ParticipantPermission.FromString(b"\x4a\x01\x63")  # can_publish_sources: [99]
    request = api.UpdateParticipantRequest(room="ngoại", identity="lan", permission=strange)
    with pytest.raises(api.TwirpError) as refused:
        await livekit.room.update_participant(request)
    assert refused.value.code == "invalid_argument"


async def test_a_message_from_the_server_reaches_whom_it_is_for(livekit: api.LiveKitAPI, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    minh = hall.enter("ngoại", "minh")
    message = api.SendDataRequest(
        room="ngoại",
        data="hội chẩn bắt đầu".encode(),
        kind=models.DataPacket.Kind.RELIABLE,
        topic="notice",
        destination_identities=["minh"],
    )
    await livekit.room.send_data(message)
    (delivery,) = (effect for effect in hall.effects if isinstance(effect, DeliverData))
    packet = models.DataPacket.FromString(delivery.payload)
    assert (delivery.to, delivery.reliable) == ((minh,), True)
    assert (packet.user.payload.decode(), packet.user.topic) == ("hội chẩn bắt đầu", "notice")


async def test_a_subscription_and_the_rooms_metadata_are_changed(livekit: api.LiveKitAPI, hall: Hall) -> None:
    lan, minh = hall.enter("ngoại", "lan"), hall.enter("ngoại", "minh")
    camera = hall.publish("ngoại", lan, "video", TrackSource.CAMERA)
    await livekit.room.update_subscriptions(
        api.UpdateSubscriptionsRequest(
            room="ngoại",
            identity="minh",
            participant_tracks=[models.ParticipantTracks(participant_sid=lan, track_sids=[camera])],
            subscribe=False,
        )
    )
    assert [type(told.notice).__name__ for told in hall.told if told.participant == minh][-1] == "Unsubscribed"
    room = await livekit.room.update_room_metadata(api.UpdateRoomMetadataRequest(room="ngoại", metadata="ca 14"))
    assert room.metadata == "ca 14"


async def test_what_is_not_there_is_not_found(livekit: api.LiveKitAPI, hall: Hall) -> None:
    hall.enter("ngoại", "lan")
    nobody = api.RoomParticipantIdentity(room="ngoại", identity="nobody")
    nowhere = api.RoomParticipantIdentity(room="nowhere", identity="lan")
    for call in (
        livekit.room.get_participant(nobody),
        livekit.room.remove_participant(nobody),
        livekit.room.remove_participant(nowhere),
        livekit.room.list_participants(api.ListParticipantsRequest(room="nowhere")),
        livekit.room.delete_room(api.DeleteRoomRequest(room="nowhere")),
    ):
        with pytest.raises(api.TwirpError) as missing:
            await call
        assert (missing.value.code, missing.value.status) == ("not_found", 404)


async def test_there_are_only_so_many_rooms_and_names_are_short(livekit: api.LiveKitAPI) -> None:
    for number in range(MAX_ROOMS):
        await livekit.room.create_room(api.CreateRoomRequest(name=str(number)))
    for name, code in (("one more", "resource_exhausted"), ("", "invalid_argument"), ("x" * 257, "invalid_argument")):
        with pytest.raises(api.TwirpError) as refused:
            await livekit.room.create_room(api.CreateRoomRequest(name=name))
        assert refused.value.code == code


async def test_what_is_not_offered_says_so(livekit: api.LiveKitAPI) -> None:
    for call in (
        livekit.room.move_participant(api.MoveParticipantRequest(room="a", identity="b", destination_room="c")),
        livekit.room.forward_participant(api.ForwardParticipantRequest(room="a", identity="b", destination_room="c")),
        livekit.egress.list_egress(api.ListEgressRequest()),
        livekit.ingress.list_ingress(api.ListIngressRequest()),
        livekit.agent_dispatch.list_dispatch("ngoại"),
    ):
        with pytest.raises(api.TwirpError) as refused:
            await call
        assert (refused.value.code, refused.value.status) == ("unimplemented", 501)
        assert "does not offer" in refused.value.message
