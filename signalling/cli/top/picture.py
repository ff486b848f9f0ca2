"""The screen in words and numbers. Colour only repeats what a word says, and 80 columns are enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from signalling.cli.top.state import Screen
from signalling.hosting.live_answers import Link, Participant, Published, Received, Room, RoomSummary

MOST_ROOMS = 8
"""Rows of the list of rooms, so that the picked one's people fit below."""

UNKNOWN = "?"
_NAME_COLUMNS = 40
_TRACK_COLUMNS = 20
_STYLES = {"lost": "bold red", "poor": "red", "good": "yellow", "excellent": "green", "bandwidth": "yellow"}
REASONS = {
    "wish": "as wished",
    "bandwidth": "link too thin",
    "switching": "switching",
    "paused": "not shown",
    "muted": "muted",
    "not_published": "not published",
    "negotiating": "being negotiated",
    "unwanted": "not subscribed",
    "not_allowed": "not allowed",
    "impossible": "unknown codec",
}
_SOURCES = {"screen_share": "screen", "screen_share_audio": "screen audio"}


def picture(screen: Screen, *, keys: bool) -> RenderableType:
    """All of it; with the line that tells the keys, if there are any."""
    parts: list[RenderableType] = [*_node(screen), Text(), _rooms(screen)]
    if screen.room is not None:
        parts += [Text(), *_room(screen.room, screen.scrolled)]
    elif screen.room_name:
        parts += [Text(), _line(f"{screen.room_name} is not open any more.")]
    if keys:
        parts += [Text(), Text("←/→ room   ↑/↓ people   q quit", style="dim")]
    return Group(*parts)


def _node(screen: Screen) -> Iterator[RenderableType]:
    node = screen.node
    people = sum(room["participants"] for room in node["rooms"])
    sent = sum(sum(room["subscriptions"].values()) for room in node["rooms"])
    yield _line(
        f"Hoichan {node['version']}   rooms {len(node['rooms'])}   people {people}   tracks sent {sent}", style="bold"
    )
    cpu = [f"Python {_percent(screen.python_share())}"]
    cpu += [f"worker {each['worker']} {_percent(screen.worker_share(each['worker']))}" for each in node["workers"]]
    yield Text("CPU " + "   ".join(cpu))  # May take two lines, on large machines.
    yield _line(
        f"packets in {_count(screen.per_second('packets_received'))}/s"
        f"  out {_count(screen.per_second('packets_sent'))}/s"
        f"  sent again {_count(screen.per_second('retransmitted_packets_sent'))}/s"
        f"  key frames {_count(screen.per_second('key_frames_requested'))}/s"
    )


def _rooms(screen: Screen) -> RenderableType:
    rooms = screen.node["rooms"]
    if not rooms:
        return Text("No room is open.")
    table = _table("room", "people", "audio", "video", "sent", "poor links")
    for room in _around(rooms, screen.room_name):
        marker = "> " if room["name"] == screen.room_name else "  "
        poor = room["qualities"].get("poor", 0) + room["qualities"].get("lost", 0)
        table.add_row(
            _line(marker + room["name"]),
            str(room["participants"]),
            str(room["tracks"].get("audio", 0)),
            str(room["tracks"].get("video", 0)),
            str(sum(room["subscriptions"].values())),
            Text(str(poor), style="red" if poor else ""),
        )
    return table


def _around(rooms: list[RoomSummary], name: str) -> list[RoomSummary]:
    """At most `MOST_ROOMS`, the picked one among them."""
    at = next((index for index, room in enumerate(rooms) if room["name"] == name), 0)
    first = max(min(at - MOST_ROOMS // 2, len(rooms) - MOST_ROOMS), 0)
    return rooms[first : first + MOST_ROOMS]


def _room(room: Room, scrolled: int) -> Iterator[RenderableType]:
    people = room["participants"]
    if not people:
        yield _line(f"Nobody is in {room['name']}.")
        return
    from_where = f" (from {scrolled + 1} of {len(people)})" if scrolled else ""
    yield _line(f"People{from_where} in {room['name']}", style="bold")
    for person in people[scrolled:]:
        yield from _person(person)


def _person(person: Participant) -> Iterator[RenderableType]:
    quality = person["quality"] or UNKNOWN
    line = _line(person["identity"], style="bold")
    line.truncate(_NAME_COLUMNS, overflow="ellipsis")
    line.append("  link ", style="not bold")
    line.append(quality, style=_STYLES.get(quality, "not bold"))
    for word in _conditions(person):
        line.append(f", {word}", style="not bold yellow")
    yield line
    if person["link"] is not None:
        yield _line("  " + "   ".join(_link(person["link"])))
        yield _line("  " + "   ".join(_downlink(person["link"])))
    table = _table("", "", "", "", "")
    table.show_header = False
    table.columns[1].max_width = _TRACK_COLUMNS
    for published in person["publishes"]:
        codec = published["mime_type"].partition("/")[2]
        table.add_row("  sends", _source(published["source"]), _line(_published(published)), "", _line(codec))
    for received in person["receives"] or ():
        track = _line(f"{_source(received['source'])} of {received['publisher']}")
        reason = REASONS.get(received["reason"], received["reason"])
        priority = f"p{received['priority']}" if received["kind"] == "video" else ""
        because = _line(reason, _STYLES.get(received["reason"], ""))
        table.add_row("  gets", track, _line(_layers(received)), priority, because)
    if table.row_count:
        yield table
    if person["receives"] is None:
        yield _line(f"  gets more than fits here: --person {person['identity']}")


def _link(link: Link) -> Iterator[str]:
    if link["round_trip_time_ms"] is not None:
        yield f"rtt {link['round_trip_time_ms']:.0f} ms"
    yield f"loss {link['uplink_loss']:.1%} up, {link['downlink_loss']:.1%} down"
    yield f"up {_bits(link['received_bps'])}"
    yield f"down {_bits(link['sent_bps'])}"


def _downlink(link: Link) -> Iterator[str]:
    yield f"link carries {_bits(link['available_outgoing_bitrate_bps'])}"
    given, wished = link["allocated_outgoing_bitrate_bps"], link["desired_outgoing_bitrate_bps"]
    yield f"given {_bits(given)} of {_bits(wished)} wished"


def _conditions(person: Participant) -> Iterator[str]:
    if person["media"] == "pending":
        yield "connecting"
    if person["media"] == "gone":
        yield "media gone"
    if not person["signal"]:
        yield "signal gone"
    if person["hidden"]:
        yield "hidden"


def _published(published: Published) -> str:
    state = "muted, " if published["muted"] else ""
    layers = f"layers {_list(published['layers'])} of {published['layers_offered']}, " if _is_video(published) else ""
    return f"{state}{layers}to {published['subscribers']}"


def _layers(received: Received) -> str:
    """Counted from 0, the least."""
    if received["kind"] != "video":
        return ""
    layer, wanted = _layer(received["layer"]), _layer(received["wanted_layer"])
    wish = f", wished {wanted}" if wanted != layer else ""
    size = f", {min(received['width'], received['height'])}p" if received["width"] else ""
    return f"layer {layer}{wish}{size}"


def _layer(layer: int | None) -> str:
    return "none" if layer is None else str(layer)


def _is_video(published: Published) -> bool:
    return published["kind"] == "video"


def _list(numbers: Iterable[int]) -> str:
    return "+".join(map(str, numbers)) or "none"


def _source(source: str) -> str:
    return _SOURCES.get(source, source)


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share:.0%}"


def _count(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:,.0f}"


def _bits(per_second: float | None) -> str:
    """In bit/s."""
    if per_second is None:
        return UNKNOWN
    return f"{per_second / 1e6:.1f} M" if per_second >= 1e6 else f"{per_second / 1e3:.0f} k"  # noqa: PLR2004 - a million


def _line(text: str, style: str = "") -> Text:
    """One line, cut where it does not fit. What came from outside may hold anything, but steers no terminal here."""
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return Text(printable, style=style, no_wrap=True, overflow="ellipsis")


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
