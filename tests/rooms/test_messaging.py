from __future__ import annotations

from rooms.live import effects as fx
from rooms.live import events as ev
from rooms.live.admin_actions import Done, Failure, FailureKind, SendData
from rooms.live.data_subject import DataSubject
from rooms.live.ids import Identity
from rooms.live.limits import Limits
from rooms.live.permission import Permission
from tests.rooms.stage import Person, Stage


def ready(stage: Stage, *names: str) -> list[Person]:
    people = [stage.enters(name) for name in names]
    for person in people:
        person.opens_channels()
    return people


def test_a_message_goes_to_everybody_but_its_sender_under_the_senders_name() -> None:
    stage = Stage()
    lan, mai, nam = ready(stage, "lan", "mai", "nam")
    [delivery] = lan.says(b"chao", reliable=False)
    assert set(delivery.to) == {mai.sid, nam.sid}
    assert (delivery.sender_identity, delivery.sender, delivery.reliable) == ("lan", lan.sid, False)


def test_a_message_to_somebody_goes_to_nobody_else() -> None:
    stage = Stage()
    lan, mai, _nam = ready(stage, "lan", "mai", "nam")
    [delivery] = lan.says(b"x", to=("mai", "nobody"))
    assert delivery.to == (mai.sid,)
    assert lan.says(b"x", to=("nobody",)) == []
    assert lan.says(b"x", to=("lan",)) == [], "never back to the sender"


def test_what_names_nobody_here_may_be_for_the_server() -> None:
    stage = Stage()
    lan, _mai = ready(stage, "lan", "mai")
    lan.says(b"x", to=("RPC_1", "mai"))
    assert stage.all(fx.DataForNobody) == [
        fx.DataForNobody(sender=Identity("lan"), names=frozenset({Identity("RPC_1")}), payload=b"x")
    ]


def test_the_hidden_send_without_a_name() -> None:
    stage = Stage()
    [mai] = ready(stage, "mai")
    ghost = stage.enters("ghost", permission=Permission(hidden=True))
    [delivery] = ghost.says(b"x")
    assert delivery.to == (mai.sid,)
    assert (delivery.sender_identity, delivery.sender) == ("", "")


def test_without_the_grant_nothing_is_delivered() -> None:
    stage = Stage()
    ready(stage, "mai")
    lan = stage.enters("lan", permission=Permission(can_publish_data=False))
    assert lan.says(b"x") == []
    assert stage.all(fx.DataRefused)[-1].reason == "data_not_allowed"


def test_repeated_reliable_messages_are_dropped_and_lossy_ones_are_not() -> None:
    stage = Stage()
    lan, _ = ready(stage, "lan", "mai")
    delivered = [bool(lan.says(b"x", sequence=number)) for number in (1, 2, 2, 1, 3)]
    assert delivered == [True, True, False, False, True]
    assert all(lan.says(b"x", sequence=0) for _ in range(3)), "old clients do not number"
    assert lan.says(b"x", sequence=1, reliable=False)


def test_messages_over_the_cap_are_dropped() -> None:
    stage = Stage(limits=Limits(data_message_bytes=10))
    lan, _ = ready(stage, "lan", "mai")
    assert lan.says(b"x" * 10)
    assert lan.says(b"x" * 11) == []
    assert stage.all(fx.DataRefused)[-1].reason == "data_too_large"


def test_transcriptions_come_from_agents_and_metrics_go_to_who_may_have_them() -> None:
    stage = Stage()
    lan, _ = ready(stage, "lan", "mai")
    assert lan.says(b"x", subject=DataSubject.TRANSCRIPTION) == []
    agent = stage.enters("agent", permission=Permission(agent=True))
    assert agent.says(b"x", subject=DataSubject.TRANSCRIPTION)
    monitor = stage.enters("monitor", permission=Permission(can_subscribe_metrics=True))
    monitor.opens_channels()
    [delivery] = lan.says(b"x", subject=DataSubject.METRICS)
    assert delivery.to == (monitor.sid,)


def test_what_arrives_while_a_channel_opens_follows_in_order() -> None:
    stage = Stage()
    [lan] = ready(stage, "lan")
    mai = stage.enters("mai")
    for number in (1, 2):
        lan.says(b"%d" % number, sequence=number)
    lan.says(b"lossy", reliable=False)
    happened = mai.does(ev.DataChannelReady(participant=mai.sid, reliable=True))
    deliveries = [effect for effect in happened if isinstance(effect, fx.DeliverData)]
    assert [(delivery.to, delivery.payload) for delivery in deliveries] == [((mai.sid,), b"1"), ((mai.sid,), b"2")]
    assert mai.does(ev.DataChannelReady(participant=mai.sid, reliable=True)) == []


def test_nobody_is_given_what_was_said_before_they_came_or_too_long_ago() -> None:
    stage = Stage(limits=Limits(data_replay_seconds=2))
    lan, _nam = ready(stage, "lan", "nam")
    slow, tardy, mai = stage.enters("slow"), stage.enters("tardy"), stage.enters("mai")
    lan.says(b"old", to=("mai", "tardy"))
    stage.wait(3)
    assert tardy.does(ev.DataChannelReady(participant=tardy.sid, reliable=True)) == []
    lan.says(b"for slow", to=("slow",))
    lan.says(b"new", to=("mai",))
    happened = mai.does(ev.DataChannelReady(participant=mai.sid, reliable=True))
    late = stage.enters("late")
    assert late.does(ev.DataChannelReady(participant=late.sid, reliable=True)) == []
    assert len(slow.does(ev.DataChannelReady(participant=slow.sid, reliable=True))) == 1
    assert [effect.payload for effect in happened if isinstance(effect, fx.DeliverData)] == [b"new"]


def test_what_is_kept_for_opening_channels_is_bounded() -> None:
    stage = Stage(limits=Limits(data_replay_bytes=250))
    [lan] = ready(stage, "lan")
    mai = stage.enters("mai")
    for number in range(10):
        lan.says(b"%d" % number * 100)
    happened = mai.does(ev.DataChannelReady(participant=mai.sid, reliable=True))
    assert [effect.payload[:1] for effect in happened if isinstance(effect, fx.DeliverData)] == [b"8", b"9"]


def test_the_server_speaks_without_a_name_and_a_repeated_call_is_one_message() -> None:
    stage = Stage()
    _, mai = ready(stage, "lan", "mai")
    action = SendData(payload=b"x", reliable=True, to_identities=frozenset({Identity("mai")}), nonce=b"n" * 16)
    for _ in range(2):
        assert stage.administers(action) == Done()
    [delivery] = stage.all(fx.DeliverData)
    assert (delivery.to, delivery.sender_identity, delivery.sender) == ((mai.sid,), "", "")


def test_a_message_of_the_servers_over_the_cap_is_refused_in_words() -> None:
    stage = Stage(limits=Limits(data_message_bytes=10))
    outcome = stage.administers(SendData(payload=b"x" * 11, reliable=True))
    assert outcome == Failure(FailureKind.INVALID_ARGUMENT, "a data message has at most 10 bytes")
