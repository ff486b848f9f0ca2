from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import (
    DeleteRoom,
    Done,
    Failure,
    FailureKind,
    MutePublishedTrack,
    RemoveParticipant,
    UpdateParticipant,
    UpdateRoomMetadata,
)
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.ids import Identity, RequestId, TrackSid
from rooms.live.info import DisconnectReason, ParticipantInfo, TrackInfo
from rooms.live.limits import Limits
from rooms.live.permission import Permission
from tests.rooms.stage import CAMERA, MICROPHONE, Person, Stage

NOBODY = Identity("nobody")


def describes_itself(
    person: Person, *, name: str | None = None, metadata: str | None = None, attributes: Mapping[str, str] | None = None
) -> fx.RequestAnswered:
    person.does(
        ev.UpdateOwnMetadata(
            participant=person.sid, request=RequestId(4), name=name, metadata=metadata, attributes=attributes or {}
        )
    )
    return person.last(fx.RequestAnswered)


def test_the_removed_leave_with_the_reason() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.connects()
    assert stage.administers(RemoveParticipant(lan.identity)) == Done()
    assert lan.last(fx.Dismissed).reason is DisconnectReason.PARTICIPANT_REMOVED
    stage.wait(GATHERING_SECONDS)
    assert mai.last(fx.ParticipantsChanged).participants[0].disconnect_reason is DisconnectReason.PARTICIPANT_REMOVED
    assert stage.present == {"mai"}


def test_muting_from_afar_works_and_unmuting_does_not() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    microphone = lan.publishes(MICROPHONE)
    outcome = stage.administers(MutePublishedTrack(lan.identity, microphone, muted=True))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, TrackInfo)
    assert outcome.value.muted
    assert lan.last(fx.TrackMuted) == fx.TrackMuted(microphone, muted=True, by_server=True)
    assert mai.knows[lan.sid].tracks[0].muted
    refused = stage.administers(MutePublishedTrack(lan.identity, microphone, muted=False))
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.FAILED_PRECONDITION
    assert mai.knows[lan.sid].tracks[0].muted


def test_who_or_what_is_not_there_is_said_to_be_missing() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = mai.publishes(CAMERA)
    for action in (
        RemoveParticipant(NOBODY),
        MutePublishedTrack(NOBODY, camera, muted=True),
        MutePublishedTrack(lan.identity, TrackSid("TR_none"), muted=True),
        MutePublishedTrack(lan.identity, camera, muted=True),
        UpdateParticipant(identity=NOBODY),
    ):
        outcome = stage.administers(action)
        assert isinstance(outcome, Failure)
        assert outcome.kind is FailureKind.NOT_FOUND


def test_a_participant_is_described_by_others_and_its_token_follows() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan", attributes={"a": "1", "b": "2"}), stage.enters("mai")
    outcome = stage.administers(
        UpdateParticipant(identity=lan.identity, name="BS Lan", metadata="m", attributes={"b": "", "c": "3"})
    )
    assert isinstance(outcome, Done)
    assert isinstance(outcome.value, ParticipantInfo)
    seen = mai.knows[lan.sid]
    assert (seen.name, seen.metadata, seen.attributes) == ("BS Lan", "m", {"a": "1", "c": "3"})
    assert lan.last(fx.PermissionChanged).participant == outcome.value


def test_values_over_the_limits_change_nothing() -> None:
    stage = Stage(limits=Limits(metadata_bytes=4, attributes_bytes=4))
    lan = stage.enters("lan", permission=Permission(can_update_own_metadata=True))
    outcome = stage.administers(UpdateParticipant(identity=lan.identity, metadata="12345"))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.INVALID_ARGUMENT
    assert describes_itself(lan, attributes={"key": "value"}).status is fx.RequestStatus.LIMIT_EXCEEDED
    assert describes_itself(lan, name="x" * 257).status is fx.RequestStatus.LIMIT_EXCEEDED
    assert isinstance(stage.administers(UpdateRoomMetadata("12345")), Failure)
    assert stage.room.participants()[0].metadata == stage.room.info().metadata == ""


def test_describing_oneself_needs_the_grant() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai", permission=Permission(can_update_own_metadata=True))
    assert describes_itself(lan, metadata="x").status is fx.RequestStatus.NOT_ALLOWED
    answer = describes_itself(mai, name="Mai", metadata="y", attributes={"hand": "up"})
    assert (answer.status, answer.request) == (fx.RequestStatus.OK, 4)
    assert mai.sid in lan.knows
    assert (lan.knows[mai.sid].metadata, lan.knows[mai.sid].attributes) == ("y", {"hand": "up"})
    own = [info for notice in mai.notices(fx.ParticipantsChanged) for info in notice.participants]
    assert own[-1].metadata == "y", "clients wait for their own update"


def test_the_room_is_described_and_deleted() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    stage.administers(UpdateRoomMetadata("hoi chan"))
    assert lan.last(fx.RoomChanged).room.metadata == "hoi chan"
    assert stage.administers(DeleteRoom()) == Done()
    assert lan.last(fx.Dismissed).reason is DisconnectReason.ROOM_DELETED
    assert stage.all(fx.Closed)


def test_nobody_hears_of_the_rules_of_somebody_hidden() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    lan.publishes(CAMERA)
    lan.does(ev.SetSubscriptionPermission(participant=lan.sid, all_participants=False))
    mai.forget()
    stage.administers(UpdateParticipant(identity=lan.identity, permission=Permission(hidden=True)))
    lan.does(ev.SetSubscriptionPermission(participant=lan.sid, all_participants=True))
    assert mai.notices(fx.SubscriptionPermissionChanged) == []


def test_who_is_hidden_from_now_on_leaves_for_the_others_and_comes_back_when_shown() -> None:
    stage = Stage()
    lan, mai = stage.enters("lan"), stage.enters("mai")
    camera = lan.publishes(CAMERA)
    stage.administers(UpdateParticipant(identity=lan.identity, permission=Permission(hidden=True)))
    assert lan.sid not in mai.knows
    assert mai.receives == set()
    stage.administers(UpdateParticipant(identity=lan.identity, permission=replace(Permission(), hidden=False)))
    assert [track.sid for track in mai.knows[lan.sid].tracks] == [camera]
    assert mai.receives == {camera}
