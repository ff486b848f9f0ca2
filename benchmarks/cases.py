"""What is measured: the shapes of load, who meets them, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

WARM_UP_SECONDS = 8
"""Between the last join and the measured time: until estimates have risen, which takes up to six seconds with us and
ten with Galene. A server that still withholds pictures has fewer packets for the same work."""
BRIEF_WARM_UP_SECONDS = 2
"""Where only joins or memory are looked at."""

STARTING_SECONDS = 2.5
"""And ending."""


@dataclass(frozen=True)
class Load:
    """Who comes, and what they do; the names are those of the load client's options."""

    video_publishers: int = 0
    audio_publishers: int = 0
    subscribers: int = 0
    rooms: int = 1
    layout: str = "all"
    simulcast: bool = False
    talking: float = 1.0
    num_per_second: float = 50
    switch_every: float = 0

    def options(self) -> list[str]:
        numbers = {
            "video-publishers": self.video_publishers,
            "audio-publishers": self.audio_publishers,
            "subscribers": self.subscribers,
            "rooms": self.rooms,
            "talking": self.talking,
            "num-per-second": self.num_per_second,
            "switch-every": self.switch_every,
        }
        words = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
        return [*words, "--layout", self.layout, *([] if self.simulcast else ["--no-simulcast"])]

    @property
    def participants(self) -> int:
        return self.rooms * (self.video_publishers + self.audio_publishers + self.subscribers)


@dataclass(frozen=True)
class Case:
    """One load on several peers.

    Cases are called FAMILY-SIZE, or have a name of their own. Of a family that `climbs`, each case heavier than the one
    before, a peer that is saturated is spared the rest.
    `floor` names what is measured without a server before the peers, and knows only one camera: `limit`, `core`.
    """

    name: str
    load: Load
    peers: tuple[str, ...]
    rounds: int
    seconds: int
    climbs: bool = False
    floor: tuple[str, ...] = ()
    warm_up: float = WARM_UP_SECONDS

    @property
    def expected_seconds(self) -> float:
        """From the start of the server to its end."""
        return STARTING_SECONDS + self.load.participants / self.load.num_per_second + self.warm_up + self.seconds

    @property
    def family(self) -> str:
        return re.sub(r"-\d+$", "", self.name)


@dataclass(frozen=True)
class Profile:
    """A set of cases, and how long to look at each."""

    name: str
    cases: tuple[Case, ...]

    def only(self, cases: frozenset[str], peers: frozenset[str]) -> Profile:
        """What is left of it for these cases and these peers; an empty set means all. A family counts as its cases."""
        kept = [case for case in self.cases if not cases or {case.name, case.family} & cases]
        named = [replace(case, peers=tuple(each for each in case.peers if not peers or each in peers)) for case in kept]
        return Profile(self.name, tuple(case for case in named if case.peers))

    def taking(self, rounds: int | None, seconds: int | None) -> Profile:
        """With another number of rounds or seconds for every case."""
        cases = [replace(case, rounds=rounds or case.rounds, seconds=seconds or case.seconds) for case in self.cases]
        return Profile(self.name, tuple(cases))


US = ("hoichan",)
FAMILY = ("hoichan", "livekit")
ALL = ("hoichan", "livekit", "janus", "galene")
VARIANTS = (*ALL, "livekit-batched", "livekit-bwe", "janus-threads")
FIRST_IDEA = ("hoichan", "naive")
FLOORS = ("limit", "core")

ONE_CAMERA = Load(video_publishers=1)
SPEAKERS = Load(audio_publishers=10, talking=0.1, num_per_second=25)
"""Ten microphones of which one hears speech at a time; the others send what Opus sends in silence."""
FIVE_CAMERAS = Load(video_publishers=5)
MEETING = Load(video_publishers=4, audio_publishers=4, subscribers=42, simulcast=True, layout="3x3")
"""Fifty people; four cameras and four microphones are on."""
SWITCHING = replace(MEETING, switch_every=2)
"""The same, and everybody asks for another layer every two seconds."""


def camera_to(subscribers: int, joins_per_second: float = 50) -> Load:
    return replace(ONE_CAMERA, subscribers=subscribers, num_per_second=joins_per_second)


def rooms_of_five(rooms: int) -> Load:
    return Load(video_publishers=2, subscribers=3, rooms=rooms)


def memory(peers: tuple[str, ...], rounds: int) -> tuple[Case, ...]:
    """Two sizes of each, so that the difference is what one more of them costs."""
    return (
        Case("idle-10", Load(subscribers=10), peers, rounds, 2, warm_up=BRIEF_WARM_UP_SECONDS),
        Case("idle-210", Load(subscribers=210), peers, rounds, 2, warm_up=BRIEF_WARM_UP_SECONDS),
        Case("cameras-2", Load(video_publishers=2), peers, rounds, 8, warm_up=BRIEF_WARM_UP_SECONDS),
        Case("cameras-22", Load(video_publishers=22), peers, rounds, 8, warm_up=BRIEF_WARM_UP_SECONDS),
    )


def ladder(steps: tuple[int, ...], peers: tuple[str, ...], rounds: int, seconds: int) -> tuple[Case, ...]:
    """Five cameras to more and more subscribers."""
    loads = ((step, replace(FIVE_CAMERAS, subscribers=step)) for step in steps)
    return tuple(Case(f"ladder-{step}", load, peers, rounds, seconds, climbs=True) for step, load in loads)


def joins(peers: tuple[str, ...], rounds: int, people: dict[int, int]) -> tuple[Case, ...]:
    """One camera, and subscribers who come at each rate: joins per second → so many of them."""
    loads = ((rate, camera_to(many, rate)) for rate, many in people.items())
    return tuple(Case(f"joins-{rate}", load, peers, rounds, 2, warm_up=BRIEF_WARM_UP_SECONDS) for rate, load in loads)


def sizes(subscribers: tuple[int, ...], peers: tuple[str, ...], seconds: int) -> tuple[Case, ...]:
    """Rooms of so many subscribers and the one who publishes."""
    loads = ((many, camera_to(many)) for many in subscribers)
    return tuple(Case(f"room-{many + 1}", load, peers, 1, seconds, climbs=True) for many, load in loads)


def numbers(rooms: tuple[int, ...], peers: tuple[str, ...], seconds: int) -> tuple[Case, ...]:
    """So many rooms of five."""
    loads = ((many, rooms_of_five(many)) for many in rooms)
    return tuple(Case(f"rooms-{many}", load, peers, 1, seconds, climbs=True) for many, load in loads)


QUICK = Profile(
    "quick",
    (
        Case("video-50", camera_to(50, 10), (*ALL, "mediamtx"), 3, 4, floor=FLOORS),
        Case("video-25", camera_to(25), US, 2, 4, floor=FLOORS),
        Case("video-10", camera_to(10), US, 2, 4, floor=FLOORS),
        Case("video-500", camera_to(500, 25), US, 2, 4, floor=FLOORS),
        Case("audio-500", replace(SPEAKERS, subscribers=500), FAMILY, 1, 4),
        Case("meeting", MEETING, FAMILY, 2, 8),
        Case("switching", SWITCHING, (*FAMILY, "janus"), 1, 6),
        Case("video-2", camera_to(2), FIRST_IDEA, 1, 4),
        *memory(FAMILY, 1),
        *joins(FAMILY, 1, {1: 15, 10: 50, 50: 100}),
        *ladder((40, 120, 240, 360, 480), (*FAMILY, "janus"), 1, 4),
        *sizes((1, 49, 499), FAMILY, 4),
        *numbers((1, 8, 32), FAMILY, 4),
    ),
)

FULL = Profile(
    "full",
    (
        Case("video-50", camera_to(50, 10), (*VARIANTS, "mediamtx"), 5, 10, floor=FLOORS),
        Case("video-25", camera_to(25), ALL, 3, 10, floor=FLOORS),
        Case("video-10", camera_to(10), ALL, 3, 10, floor=FLOORS),
        Case("video-500", camera_to(500, 25), ALL, 3, 10, floor=FLOORS),
        Case("audio-500", replace(SPEAKERS, subscribers=500), ALL, 3, 10),
        *sizes((1, 4, 9, 24, 49, 99, 199, 499), ALL, 6),
        *numbers((1, 2, 4, 8, 16, 32), ALL, 6),
        *joins(ALL, 3, {1: 30, 10: 100, 50: 100}),
        Case("meeting", MEETING, FAMILY, 3, 15),
        Case("switching", SWITCHING, (*FAMILY, "janus"), 3, 10),
        Case("video-2", camera_to(2), FIRST_IDEA, 3, 10),
        *memory(FAMILY, 3),
        *ladder((10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 400, 480), ALL, 3, 5),
    ),
)

PROFILES = {profile.name: profile for profile in (QUICK, FULL)}
