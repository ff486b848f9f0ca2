"""Which address of this machine a client can reach."""

from __future__ import annotations

import ipaddress
import socket

DOCUMENTATION = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Nobody's (RFC 5737, RFC 3849): connecting a UDP socket there sends nothing, it only asks for the route."""


def is_wildcard(ip: str) -> bool:
    return ipaddress.ip_address(ip).is_unspecified


def is_loopback(ip: str) -> bool:
    return ipaddress.ip_address(ip).is_loopback


def own_addresses(host: str) -> tuple[str, ...]:
    """What to announce for a server bound to `host`: itself, or for a wildcard the address of the default route.

    A machine without a route announces loopback: it can only be talking to itself.
    """
    if not is_wildcard(host):
        return (host,)
    is_ipv6 = ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - the version's own number
    family, loopback = (socket.AF_INET6, "::1") if is_ipv6 else (socket.AF_INET, "127.0.0.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((DOCUMENTATION[family], 9))
        except OSError:
            return (loopback,)
        return (str(probe.getsockname()[0]),)
