"""What `hoichan top` draws: readable in 80 columns, without colour, whatever people are called."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from signalling.cli.top.keys import keys_in
from signalling.cli.top.picture import REASONS, picture
from signalling.cli.top.state import Key, Screen
from signalling.hosting.live_answers import Link, Node, Participant, Published, Received, Room, RoomSummary

COLUMNS = 80


def summary(name: str, **qualities: int) -> RoomSummary:
    return RoomSummary(
        sid=f"RM_{name}",
        name=name,
        created_at=1.7e9,
        participants=2,
        tracks={"audio": 2, "video": 1},
        subscriptions={"audio": 2, "video": 1},
        qualities=qualities,
    )


def node(clock: float, *rooms: RoomSummary, packets: int = 0, cpu: float = 0.0) -> Node:
    return Node(
        version="0.1.0",
        clock_seconds=clock,
        event_loop_cpu_seconds=cpu / 10,
        workers=[
            {
                "worker": 0,
                "cpu_seconds": cpu,
                "busy_share": 0.1,
                "transports": 4,
                "producers": 3,
                "consumers": 3,
                "commands_waiting": 0,
                "restarts": 0,
            }
        ],
        counters={"packets_sent": packets, "packets_received": packets // 10},
        rooms=list(rooms),
    )


def person(identity: str, *receives: Received, quality: str = "good") -> Participant:
    return Participant(
        sid=f"PA_{identity}",
        identity=identity,
        name="",
        state="active",
        hidden=False,
        joined_at=1.7e9,
        signal=True,
        media="here",
        quality=quality,
        score=3.5,
        link=Link(
            round_trip_time_ms=180.0,
            uplink_loss=0.0,
            downlink_loss=0.025,
            jitter_ms=4.0,
            available_outgoing_bitrate_bps=310_000,
            desired_outgoing_bitrate_bps=1_700_000,
            allocated_outgoing_bitrate_bps=280_000,
            received_bps=1_250_000,
            sent_bps=290_000,
        ),
        publishes=[
            Published(
                track="TR_VC1",
                kind="video",
                source="camera",
                mime_type="video/VP8",
                muted=False,
                layers=[0, 1, 2],
                layers_offered=3,
                subscribers=1,
            )
        ],
        receives=list(receives),
    )


def camera_of(publisher: str, reason: str = "bandwidth") -> Received:
    return Received(
        track="TR_VC2",
        publisher=publisher,
        kind="video",
        source="camera",
        reason=reason,
        wanted_layer=2,
        layer=0,
        width=1280,
        height=720,
        priority=50,
    )


def ward(*people: Participant) -> Room:
    return Room(sid="RM_ward", name="ward", created_at=1.7e9, clock_seconds=1.0, participants=list(people))


def drawn(screen: Screen, *, colour: bool = False) -> str:
    console = Console(
        width=COLUMNS, height=60, file=io.StringIO(), force_terminal=colour, no_color=not colour, highlight=False
    )
    with console.capture() as capture:
        console.print(picture(screen, keys=True))
    return capture.get()


def test_who_gets_less_than_wished_is_shown_with_the_reason() -> None:
    screen = Screen(node(1.0, summary("ward", poor=1)), room_name="ward", room=ward(person("lan", camera_of("mai"))))
    lines = drawn(screen).splitlines()
    [received] = [line.split() for line in lines if "gets" in line]
    assert " ".join(received) == "gets camera of mai layer 0, wished 2, 720p p50 link too thin"
    assert "  rtt 180 ms   loss 0.0% up, 2.5% down   up 1.2 M   down 290 k" in lines
    assert "  link carries 310 k   given 280 k of 1.7 M wished" in lines
    assert any(line.split() == [">", "ward", "2", "2", "1", "3", "1"] for line in lines)


def test_two_answers_make_rates_and_one_makes_none() -> None:
    first = Screen(node(10.0, packets=1_000, cpu=5.0))
    assert "out ?/s" in drawn(first)
    second = first.answered(node(12.0, packets=9_000, cpu=5.4))
    assert "CPU Python 2%   worker 0 20%" in drawn(second)
    assert "packets in 400/s  out 4,000/s" in drawn(second)


def test_a_worker_that_is_new_has_used_what_it_has_used() -> None:
    first = node(10.0)
    first["workers"] = []
    assert "worker 0 50%" in drawn(Screen(first).answered(node(11.0, cpu=0.5)))


def test_a_room_that_has_closed_is_said_to_be() -> None:
    assert "ward is not open any more." in drawn(Screen(node(1.0), room_name="ward"))


def test_an_idle_server_says_so() -> None:
    assert "No room is open." in drawn(Screen(node(1.0)))


def test_keys_walk_through_the_rooms_and_down_the_people() -> None:
    screen = Screen(node(1.0)).answered(node(2.0, summary("a"), summary("b"), summary("c")))
    assert screen.room_name == "a"
    assert screen.pressed(Key.NEXT_ROOM).room_name == "b"
    assert screen.pressed(Key.PREVIOUS_ROOM).room_name == "c"
    assert Screen(node(1.0)).pressed(Key.NEXT_ROOM).room_name == ""

    screen = screen.room_answered(ward(person("lan"), person("mai")))
    below = screen.pressed(Key.DOWN).pressed(Key.DOWN).pressed(Key.DOWN)
    assert "lan" not in drawn(below)
    assert "People (from 2 of 2) in ward" in drawn(below)
    assert "lan" in drawn(below.pressed(Key.UP).pressed(Key.UP))


def test_keys_that_are_read_at_once_are_told_apart() -> None:
    assert keys_in(b"\x1b[C\x1b[Bzq") == [Key.NEXT_ROOM, Key.DOWN, Key.QUIT]
    assert keys_in(b"\x1b[5~\xc4\x91\x1b") == []


def test_the_picked_room_is_in_the_list_however_many_there_are() -> None:
    rooms = [summary(f"room-{number:03}") for number in range(100)]
    assert "> room-077" in drawn(Screen(node(1.0, *rooms), room_name="room-077"))


def test_without_colour_nothing_is_lost() -> None:
    screen = Screen(node(1.0, summary("ward")), room_name="ward", room=ward(person("lan", camera_of("mai"))))
    plain = drawn(screen)
    assert "\x1b" not in plain
    assert "\x1b" in drawn(screen, colour=True)
    assert "good" in plain


@given(
    names=st.lists(st.text(min_size=1, max_size=120), min_size=2, max_size=2), reason=st.sampled_from(sorted(REASONS))
)
def test_any_name_is_shown_in_80_columns_and_steers_no_terminal(names: list[str], reason: str) -> None:
    room, identity = names
    people = ward(person(identity, camera_of(identity, reason)))
    text = drawn(Screen(node(1.0, summary(room)), room_name=room, room=people))
    assert max(cell_len(line) for line in text.splitlines()) <= COLUMNS
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "camera of" in text
    assert "layer 0, wished 2, 720p" in text
    assert REASONS[reason] in text


@pytest.mark.parametrize("identity", ["[bold]", "[/nothing]", "\x1b]0;title\x07", "BS. Nguyễn Thị Hồng Hạnh"])
def test_a_name_is_text_and_no_instruction(identity: str) -> None:
    text = drawn(Screen(node(1.0, summary(identity)), room_name=identity, room=ward(person(identity))))
    shown = identity.replace("\x1b", "?").replace("\x07", "?")
    assert f"> {shown}" in text
    assert f"\n{shown}  link good" in text
