"""A commune station behind a bad network: two namespaces, the person's and the network's, in a row before the server.

Needs root and iproute2; `missing()` says so where they are not at hand. Nothing outside the namespaces is changed but
one interface and one route, which go when the namespaces go.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SERVER, NETWORK_OUTSIDE = "198.18.7.1", "198.18.7.2"  # RFC 2544's range: nobody's addresses.
NETWORK_INSIDE, PERSON = "198.18.7.5", "198.18.7.6"
PERSONS_LINK = "198.18.7.4/30"


def missing() -> str:
    """What this machine lacks, in words; empty if nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    return "" if shutil.which("ip") else "the `ip` command is missing: apt-get install iproute2"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@dataclass(frozen=True)
class BadNetwork:
    """`prefix` runs a command as the person behind the network."""

    person: str
    network: str

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.person)

    def goes_dark(self) -> None:
        ip("-n", self.network, "link", "set", "inside", "down")

    def comes_back(self) -> None:
        ip("-n", self.network, "link", "set", "inside", "up")

    def lets_no_udp_through(self) -> None:
        ip("-n", self.network, "rule", "add", "pref", "10", "ipproto", "udp", "blackhole")


@contextmanager
def bad_network() -> Iterator[BadNetwork]:
    there = BadNetwork(f"person-{os.getpid()}", f"network-{os.getpid()}")
    outside = f"hc{os.getpid()}"
    for namespace in (there.person, there.network):
        ip("netns", "add", namespace)
    try:
        _wire(there, outside)
        yield there
    finally:
        ip("link", "del", "dev", outside)  # The namespaces alone would take it with them, but some time later.
        for namespace in (there.person, there.network):
            ip("netns", "del", namespace)


def _wire(there: BadNetwork, outside: str) -> None:
    ip("link", "add", outside, "type", "veth", "peer", "name", "outside", "netns", there.network)
    ip("-n", there.network, "link", "add", "inside", "type", "veth", "peer", "name", "uplink", "netns", there.person)
    ip("addr", "add", f"{SERVER}/30", "dev", outside)
    ip("-n", there.network, "addr", "add", f"{NETWORK_OUTSIDE}/30", "dev", "outside")
    ip("-n", there.network, "addr", "add", f"{NETWORK_INSIDE}/30", "dev", "inside")
    ip("-n", there.person, "addr", "add", f"{PERSON}/30", "dev", "uplink")
    ip("link", "set", outside, "up")
    for namespace, link in ((there.network, "outside"), (there.network, "inside"), (there.person, "uplink")):
        ip("-n", namespace, "link", "set", "dev", link, "up")
        ip("-n", namespace, "link", "set", "lo", "up")
    forwarding = ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]
    subprocess.run(["ip", "netns", "exec", there.network, *forwarding], check=True)
    ip("route", "add", PERSONS_LINK, "via", NETWORK_OUTSIDE)
    ip("-n", there.person, "route", "add", "default", "via", NETWORK_INSIDE)
