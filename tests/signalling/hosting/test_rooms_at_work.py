from __future__ import annotations

from dataclasses import replace

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from media.events import AudioLevels, CommandFailed
from rooms.live.admin_actions import DeleteRoom, Done, Failure, FailureKind, RemoveParticipant
from rooms.live.ids import Identity
from rooms.live.limits import Limits
from rooms.live.room import Room
from signalling.hosting.rooms import RoomOptions, TooManyRoomsError
from tests.signalling.client.clinic import Clinic
from tests.signalling.metrics.figures import report


def test_a_room_is_opened_once_and_forgotten_when_it_closes() -> None:
    clinic = Clinic()
    first = clinic.registry.create("a", RoomOptions(metadata="m"))
    again = clinic.registry.create("a", RoomOptions(metadata="other"))
    assert first == again
    assert first.metadata == "m"
    clinic.wait(301)
    assert clinic.registry.list() == []
    assert [fact.kind.value for fact in clinic.facts] == ["room_started", "room_finished"]


def test_rooms_may_be_stricter_than_the_node_and_never_laxer() -> None:
    clinic = Clinic(limits=Limits(max_participants=5))
    limits = [
        clinic.registry.create(name, RoomOptions(max_participants=asked)).max_participants
        for name, asked in (("a", None), ("b", 2), ("c", 500))
    ]
    assert limits == [5, 2, 5]


def test_a_node_takes_only_so_many_rooms() -> None:
    clinic = Clinic()
    for number in range(10):
        clinic.registry.open(f"room{number}", RoomOptions())
    with pytest.raises(TooManyRoomsError):
        clinic.registry.open("one-more", RoomOptions())
    clinic.registry.administer("room3", DeleteRoom())
    clinic.registry.open("one-more", RoomOptions())


def test_administrators_reach_rooms_by_name() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    assert clinic.registry.administer("ward-3", RemoveParticipant(Identity("lan"))) == Done()
    assert lan.last("leave").reason == models.DisconnectReason.PARTICIPANT_REMOVED
    missing = clinic.registry.administer("nowhere", DeleteRoom())
    assert isinstance(missing, Failure)
    assert missing.kind is FailureKind.NOT_FOUND
    assert clinic.registry.participants("nowhere") is None


def test_a_changed_grant_comes_with_a_new_token() -> None:
    from rooms.live.admin_actions import UpdateParticipant
    from rooms.live.permission import Permission

    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.forget()
    less = replace(Permission(), can_publish=False)
    clinic.registry.administer("ward-3", UpdateParticipant(identity=Identity("lan"), name="BS Lan", permission=less))
    renewed = clinic.authority.verify_join(lan.last("refresh_token")).grants
    assert (renewed.name, renewed.permission.can_publish, renewed.identity) == ("BS Lan", False, "lan")


def test_levels_of_one_batch_go_to_their_rooms() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", room="a"), clinic.enters("mai", room="b")
    lan.publishes("mic", "audio")
    mai.publishes("mic", "audio")
    mine, theirs = clinic.core.producers
    clinic.reports(AudioLevels(levels=[(mine, 0.9), (theirs, 0.0), (424242, 1.0)]))
    assert lan.last("speakers_changed").speakers[0].sid == lan.sid
    assert "speakers_changed" not in mai.kinds


def test_a_refused_transport_sends_its_client_to_join_anew() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    clinic.reports(CommandFailed(command="ConnectTransport", id=mai.uplink, reason="fingerprint changed"))
    assert mai.last("leave").action == rtc.LeaveRequest.Action.RECONNECT
    assert lan.wire.hung_up == "no"


def test_a_fault_of_ours_ends_its_room_and_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", room="a"), clinic.enters("mai", room="b")
    lan.publishes("cam", "video")
    transports = set(lan.transports)
    sound = Room.handle

    def unsound(self: Room, now: float, event: object) -> object:
        if self.info().name == "a":
            raise AssertionError("a mistake of ours")
        return sound(self, now, event)  # type: ignore[arg-type]  # whatever came

    monkeypatch.setattr(Room, "handle", unsound)
    lan.says(mute=rtc.MuteTrackRequest(sid="TR_x", muted=True))
    assert lan.wire.hung_up == "abruptly"
    assert {command.transport for command in clinic.core.all(cmd.CloseTransport)} == transports
    assert clinic.registry.counters["room_faults"] == 1
    assert sum("room a failed" in record.getMessage() for record in caplog.records) == 1
    monkeypatch.undo()

    mai.says(ping=1)
    assert mai.kinds[-1] == "pong"
    back = clinic.enters("lan", room="a")
    assert back.kinds[0] == "join"


def test_the_microphones_of_one_room_compete_among_themselves() -> None:
    clinic = Clinic(limits=Limits(loudest_microphones=3))
    clinic.enters("lan").publishes("mic", "audio")
    mai = clinic.enters("mai")
    mai.publishes("mic", "audio")
    first, second = clinic.core.all(cmd.RankProducer)
    assert first.group == second.group
    assert first.group.loudest == 3
    assert [first.producer, second.producer] == list(clinic.core.producers)
    mai.publishes("screen", "video", source=models.TrackSource.SCREEN_SHARE)
    assert clinic.core.all(cmd.RankProducer)[-1] == cmd.RankProducer(producer=second.producer, group=None)


def test_a_crowds_links_are_looked_at_in_one_step() -> None:
    """The first link is news at once, and what the others are like follows together."""
    clinic = Clinic()
    lan, mai, nam = clinic.enters("lan"), clinic.enters("mai"), clinic.enters("nam")
    for client in (lan, mai, nam):
        client.settles()
    clinic.wait(1)
    for client in (lan, mai, nam):
        client.forget()
    clinic.reports(*(report(transport=transport) for client in (lan, mai, nam) for transport in client.transports))
    clinic.wait(6)
    told = [one.participant_sid for update in lan.all("connection_quality") for one in update.updates]
    assert sorted(told) == sorted([lan.sid, mai.sid, nam.sid])
    assert len(lan.all("connection_quality")) == 2
