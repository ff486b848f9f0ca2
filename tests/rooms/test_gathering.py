"""A crowd at the door: who only listens is told of with others, a moment later; who publishes, at once."""

from __future__ import annotations

import pytest

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import UpdateParticipant
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.ids import ParticipantSid
from rooms.live.info import DisconnectReason, ParticipantInfo, ParticipantState
from rooms.live.permission import Permission
from tests.rooms.stage import MICROPHONE, Person, Stage

HIDDEN = Permission(hidden=True)


def busy(*names: str, protocol: int = 17) -> tuple[Stage, list[Person]]:
    """A room in which something has just been told, so that what comes next has to wait."""
    stage = Stage()
    people = [stage.enters(name, protocol=protocol) for name in names]
    stage.wait(GATHERING_SECONDS)
    stage.leaves(stage.enters("somebody"))
    stage.wait(0.01)
    for person in people:
        person.forget()
    return stage, people


def told(person: Person) -> list[list[ParticipantInfo]]:
    """Of whom this person was told, message by message."""
    return [list(news.participants) for news in person.notices(fx.ParticipantsChanged)]


def test_the_first_who_comes_is_told_of_at_once() -> None:
    stage = Stage()
    lan = stage.enters("lan")
    mai = stage.enters("mai")
    assert [info.identity for [info] in told(lan)] == ["mai"]
    assert told(mai) == []


def test_a_crowd_is_one_message() -> None:
    stage, [lan] = busy("lan")
    stage.wait(1)
    lan.forget()
    crowd = [stage.enters(f"guest{number}") for number in range(20)]
    for guest in crowd:
        guest.connects()
    assert [len(message) for message in told(lan)] == [1]
    stage.wait(GATHERING_SECONDS)
    assert [len(message) for message in told(lan)] == [1, 20]
    assert {info.state for info in told(lan)[-1]} == {ParticipantState.ACTIVE}
    assert set(lan.knows) == {guest.sid for guest in crowd}


def test_nothing_waits_longer_than_a_quarter_of_a_second_however_many_come() -> None:
    stage, [lan] = busy("lan")
    waited = []
    for number in range(50):
        guest, since = stage.enters(f"guest{number}"), stage.now
        while guest.sid not in lan.knows:
            stage.wait(0.01)
        waited.append(stage.now - since)
    assert max(waited) <= GATHERING_SECONDS + 0.01


def test_those_who_join_meanwhile_know_everybody_and_learn_what_changed() -> None:
    stage, _ = busy("lan")
    first = stage.enters("first")
    second = stage.enters("second")
    assert first.sid in second.knows
    first.connects()
    assert second.knows[first.sid].state is ParticipantState.JOINED
    stage.wait(GATHERING_SECONDS)
    assert second.knows[first.sid].state is ParticipantState.ACTIVE
    assert first.knows[second.sid].identity == "second"


def test_a_publisher_is_told_of_at_once_and_everybody_before_it() -> None:
    stage, [lan] = busy("lan")
    stage.enters("guest")
    speaker = stage.enters("speaker")
    speaker.publishes(MICROPHONE)
    [message] = told(lan)
    assert [info.identity for info in message] == ["somebody", "guest", "speaker"]
    kinds = [type(notice) for notice in lan.heard]
    assert kinds.index(fx.ParticipantsChanged) < kinds.index(fx.Subscribed)


def test_a_publisher_who_leaves_is_told_of_at_once() -> None:
    stage, [lan, speaker] = busy("lan", "speaker")
    speaker.publishes(MICROPHONE)
    stage.leaves(speaker)
    assert speaker.sid not in lan.knows


@pytest.mark.parametrize("protocol", [9, 17])
def test_who_leaves_and_comes_back_in_one_breath_is_there(protocol: int) -> None:
    """Clients go by identity: a "has left" after the return would take away the person who is back."""
    stage, [lan, nam] = busy("lan", "nam", protocol=protocol)
    stage.leaves(nam)
    back = stage.enters("nam", protocol=protocol)
    late = stage.enters("late", protocol=protocol)
    stage.wait(GATHERING_SECONDS)
    story = [(info.sid, info.disconnect_reason) for message in told(lan) for info in message if info.identity == "nam"]
    assert story == [(nam.sid, DisconnectReason.CLIENT_INITIATED), (back.sid, None)]
    assert all(info.sid != nam.sid for message in told(late) for info in message)
    assert back.sid in late.knows


@pytest.mark.parametrize("protocol", [9, 17])
def test_a_second_device_of_somebody_is_told_of_at_once(protocol: int) -> None:
    stage, [lan, first] = busy("lan", "doctor", protocol=protocol)
    second = stage.enters("doctor", protocol=protocol)
    story = [info.sid for message in told(lan) for info in message if info.identity == "doctor"]
    assert story == ([first.sid, second.sid] if protocol == 9 else [second.sid])


def test_who_comes_and_leaves_in_one_breath_is_gone() -> None:
    stage, [lan] = busy("lan")
    guest = stage.enters("guest")
    late = stage.enters("late")
    stage.leaves(guest)
    stage.wait(GATHERING_SECONDS)
    for person in (lan, late):
        assert guest.sid not in person.knows


def test_who_is_hidden_before_the_others_were_told_stays_unknown() -> None:
    stage, [lan] = busy("lan")
    guest = stage.enters("guest")
    stage.administers(UpdateParticipant(identity=guest.identity, permission=HIDDEN))
    stage.wait(GATHERING_SECONDS)
    seen = [info for message in told(lan) for info in message if info.sid == guest.sid]
    assert [info.state for info in seen] == [ParticipantState.DISCONNECTED]
    assert guest.sid not in _departed(guest)


def test_who_returns_to_its_seat_first_hears_of_those_who_left_meanwhile() -> None:
    stage, [lan, nam] = busy("lan", "nam")
    lan.connects()
    lan.does(ev.SignalLost(participant=lan.sid))
    stage.leaves(nam)
    lan.does(ev.Resume(connection=stage.connection(), participant=lan.sid, identity=lan.identity))
    last = [type(notice) for notice in lan.heard][-2:]
    assert last == [fx.ParticipantsChanged, fx.WelcomeBack]
    assert _departed(lan) == {nam.sid}


def test_whoever_says_something_is_known_to_those_who_hear_it() -> None:
    stage, [lan] = busy("lan")
    lan.opens_channels()
    guest = stage.enters("guest")
    guest.says(b"good morning")
    assert guest.sid in lan.knows


def _departed(person: Person) -> set[ParticipantSid]:
    infos = [info for message in told(person) for info in message if info.identity != "somebody"]
    return {info.sid for info in infos if info.state is ParticipantState.DISCONNECTED}
