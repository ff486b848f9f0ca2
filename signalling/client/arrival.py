"""What a client says when it connects: query parameters of `/rtc`, or the join request of `/rtc/v1`, as one value."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from rooms.live.events import ClientTraits
from rooms.live.ids import ParticipantSid
from signalling.auth.claims import is_text
from signalling.auth.grants import Grants
from signalling.client.session import ClientProfile

MAX_JOIN_REQUEST_BYTES = 1_048_576
"""After decompression: a join request that says more is no join request."""

_MAX_CAPABILITIES = 32
_GZIP = 16 + zlib.MAX_WBITS
_MAX_DIGITS = 5


class ArrivalError(Exception):
    """The connection cannot be taken. `reason` is a plain sentence that may be shown."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A client at the door. `returning` is the seat it wants back, None for a new one.

    `metadata` and `attributes` are what it says of itself beyond its token. `requests` came with the joining and are
    to be handled in order once it is in.
    """

    profile: ClientProfile
    traits: ClientTraits
    returning: ParticipantSid | None = None
    auto_subscribe: bool = True
    adaptive_stream: bool = False
    metadata: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[rtc.SignalRequest, ...] = ()


def read_dual(query: Mapping[str, str], user_agent: str, grants: Grants) -> Arrival:
    """The parameters of `/rtc`. Raises `ArrivalError`."""
    protocol = _number(query.get("protocol", ""))
    traits = ClientTraits(
        protocol=protocol,
        client_protocol=_number(query.get("client_protocol", "")),
        capabilities=_capabilities(query.get("capabilities", "")),
    )
    prefers_its_own = _publishes_what_it_likes(query.get("browser", ""), query.get("os", ""), user_agent)
    arrival = Arrival(
        profile=ClientProfile(mode="dual", protocol=protocol, only_preferred_codec=prefers_its_own),
        traits=traits,
        returning=ParticipantSid(query.get("sid", "")) if _flag(query, "reconnect", default=False) else None,
        auto_subscribe=_flag(query, "auto_subscribe", default=True),
        adaptive_stream=_flag(query, "adaptive_stream", default=False),
        attributes=_attributes(query.get("attributes", "")),
    )
    return _entitled(arrival, grants)


def read_single(join_request: str, user_agent: str, grants: Grants) -> Arrival:
    """The `join_request` parameter of `/rtc/v1`. Raises `ArrivalError`."""
    request = _unwrapped(join_request)
    client = request.client_info
    arrival = Arrival(
        profile=ClientProfile(
            mode="single",
            protocol=client.protocol,
            only_preferred_codec=_publishes_what_it_likes(client.browser, client.os, user_agent),
        ),
        traits=ClientTraits(
            protocol=client.protocol,
            client_protocol=client.client_protocol,
            capabilities=tuple(client.capabilities[:_MAX_CAPABILITIES]),
        ),
        returning=ParticipantSid(request.participant_sid) if request.reconnect else None,
        auto_subscribe=request.connection_settings.auto_subscribe,
        adaptive_stream=request.connection_settings.adaptive_stream,
        metadata=request.metadata,
        attributes=dict(request.participant_attributes),
        requests=tuple(_carried(request)),
    )
    return _entitled(arrival, grants)


def _carried(request: rtc.JoinRequest) -> list[rtc.SignalRequest]:
    """Requests that came along: tracks before the offer that carries them."""
    carried = [rtc.SignalRequest(add_track=add_track) for add_track in request.add_track_requests]
    if request.HasField("publisher_offer"):
        carried.append(rtc.SignalRequest(offer=request.publisher_offer))
    if request.HasField("sync_state"):
        carried.append(rtc.SignalRequest(sync_state=request.sync_state))
    return carried


def _entitled(arrival: Arrival, grants: Grants) -> Arrival:
    if (arrival.metadata or arrival.attributes) and not grants.permission.can_update_own_metadata:
        raise ArrivalError(HTTPStatus.UNAUTHORIZED, "The access token does not allow to set metadata or attributes.")
    return arrival


def _unwrapped(text: str) -> rtc.JoinRequest:
    try:
        wrapped = rtc.WrappedJoinRequest.FromString(_base64url(text))
        content = wrapped.join_request
        if wrapped.compression == rtc.WrappedJoinRequest.Compression.GZIP:
            content = _gunzipped(content)
        return rtc.JoinRequest.FromString(content)
    except (DecodeError, ValueError, zlib.error):
        raise ArrivalError(HTTPStatus.BAD_REQUEST, "The join_request cannot be read.") from None


def _gunzipped(content: bytes) -> bytes:
    inflate = zlib.decompressobj(_GZIP)
    plain = inflate.decompress(content, MAX_JOIN_REQUEST_BYTES)
    if inflate.unconsumed_tail:
        raise ArrivalError(HTTPStatus.BAD_REQUEST, f"The join_request has more than {MAX_JOIN_REQUEST_BYTES} bytes.")
    return plain


def _attributes(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        attributes = json.loads(_base64url(text))
    except (ValueError, RecursionError):
        attributes = None
    if not isinstance(attributes, dict) or not all(is_text(each) for item in attributes.items() for each in item):
        raise ArrivalError(HTTPStatus.BAD_REQUEST, "The attributes are no JSON object of texts in base64url.")
    return attributes


def _base64url(text: str) -> bytes:
    """Padded or not, in either alphabet: clients differ. Raises ValueError."""
    try:
        standard = text.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _capabilities(names: str) -> tuple[int, ...]:
    """Enum names; those we do not know are of no use to others either."""
    known = dict(models.ClientInfo.Capability.items())
    return tuple(known[name] for name in names.split(",")[:_MAX_CAPABILITIES] if name in known)


def _publishes_what_it_likes(browser: str, system: str, user_agent: str) -> bool:
    """Firefox on Linux and Android does not follow the answer's order of codecs."""
    browser, system, agent = browser.lower(), system.lower(), user_agent.lower()
    firefox = "firefox" in browser or "firefox" in agent
    return firefox and any(name in where for name in ("linux", "android") for where in (system, agent))


def _flag(query: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = query.get(name, "")
    return value.lower() in ("1", "true") if value else default


def _number(text: str) -> int:
    """0, as the oldest clients would mean it, for whatever is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 0
