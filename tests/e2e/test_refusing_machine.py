"""What the machine itself may refuse the server's socket: a call goes on after each of them, and the figures tell.

Two refusals are not among them. Of a device's full queue a UDP socket is not told (ENOBUFS needs IP_RECVERR), which
makes it loss like any other; a full send buffer (EAGAIN) takes a device that is slow for everybody. The core's own
tests give it both.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.bad_network import PERSON, SERVER, BadNetwork, bad_network, missing
from tests.e2e.meeting import CURRENT, Meeting, meet_at
from tests.e2e.peer import Peer
from tests.e2e.scraped import figure
from tests.running import free_port

pytestmark = pytest.mark.e2e

MARKER, HERTZ = 3, 880
MOST_LINES = 20
"""Of the log while thousands of packets come to nothing."""
TO_THE_COMMUNE = f"ipproto udp to {PERSON}"
"""Its WebSocket is left alone: what is refused is media."""


@dataclass(frozen=True)
class Fault:
    """Commands that begin and end it; `told` is the figure that must grow by `by` in between, with its labels."""

    name: str
    begins: str
    ends: str
    told: str
    by: int
    labels: dict[str, str] = field(default_factory=dict)


def faults(network: str) -> list[Fault]:
    """`network` is the namespace before the commune's own."""
    return [
        Fault(
            "a rule of this machine forbids it (EACCES)",
            f"ip rule add pref 10 {TO_THE_COMMUNE} prohibit",
            f"ip rule del pref 10 {TO_THE_COMMUNE} prohibit",
            "hoichan_dropped_total",
            100,
            {"reason": "send_not_permitted"},
        ),
        Fault(
            "there is no way (EHOSTUNREACH)",
            f"ip rule add pref 10 {TO_THE_COMMUNE} unreachable",
            f"ip rule del pref 10 {TO_THE_COMMUNE} unreachable",
            "hoichan_dropped_total",
            100,
            {"reason": "send_unreachable"},
        ),
        Fault(
            "packets are larger than the way (lost there, then EMSGSIZE)",
            f"ip -n {network} link set dev inside mtu 700",
            f"ip -n {network} link set dev inside mtu 1500",
            "hoichan_udp_segmentation_fallbacks_total",
            1,
        ),
    ]


@pytest.fixture
def network() -> Iterator[BadNetwork]:
    if reason := missing():
        pytest.skip(reason)
    with bad_network() as there:
        yield there


@contextlib.contextmanager
def suffered(fault: Fault) -> Iterator[None]:
    subprocess.run(fault.begins.split(), check=True)
    try:
        yield
    finally:
        subprocess.run(fault.ends.split(), check=True)


@pytest.mark.timeout(180)
async def test_a_call_outlives_whatever_the_machine_refuses(
    network: BadNetwork, capfd: pytest.CaptureFixture[str], sdks: Path, artifacts: Path, tmp_path: Path
) -> None:
    port = free_port(socket.SOCK_STREAM)
    watched = {"HOICHAN_METRICS_ENABLED": "true", "HOICHAN_METRICS_PORT": str(port)}
    async with meet_at(SERVER, tmp_path, sdks, artifacts, **watched) as meeting:
        expert = await meeting.join("expert", CURRENT, {})
        commune = await meeting.join("commune", CURRENT, {}, prefix=network.prefix)
        await a_doctor_is_seen(meeting, commune)
        assert "room opened" in capfd.readouterr().err, "else nothing is proved of the log below"
        for fault in faults(network.network):
            await drill(fault, port, expert, commune)
            log = capfd.readouterr().err.splitlines()
            assert len(log) < MOST_LINES, f"{fault.name}: {log[:5]}"
        assert not [event for event in commune.events if event["event"] == "disconnected"]


async def a_doctor_is_seen(meeting: Meeting, commune: Peer) -> None:
    doctor = await meeting.join("doctor", CURRENT, {})
    await doctor.do(
        "publish_video", marker=MARKER, width=640, height=360, fps=15, simulcast=False, codec="VP8", busy=True
    )
    await doctor.do("publish_audio", hertz=HERTZ)
    await commune.sees("doctor", MARKER)
    await commune.hears("doctor", HERTZ)


async def drill(fault: Fault, port: int, expert: Peer, commune: Peer) -> None:
    """The expert notices nothing of the fault, the figures tell it, and the commune is back when it is over."""
    before = await figure(port, fault.told, **fault.labels)
    with suffered(fault):
        async with asyncio.timeout(30):
            while await figure(port, fault.told, **fault.labels) < before + fault.by:
                await asyncio.sleep(0.1)  # Time is what it takes to lose packets.
        await expert.do("watch", identity="doctor")
        await expert.sees("doctor", MARKER)
        await expert.hears("doctor", HERTZ)
    await commune.do("watch", identity="doctor")
    try:
        await commune.sees("doctor", MARKER, within=30)
        await commune.hears("doctor", HERTZ, within=30)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"the call is over after {fault.name}") from error
