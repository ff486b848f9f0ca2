from __future__ import annotations

import base64
import gzip
import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models, rtc

from rooms.live.permission import Permission
from signalling.auth.grants import Grants
from signalling.client.arrival import MAX_JOIN_REQUEST_BYTES, ArrivalError, read_dual, read_single

GRANTS = Grants(permission=Permission(can_update_own_metadata=True))
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
Compression = rtc.WrappedJoinRequest.Compression


def wrapped(request: rtc.JoinRequest, *, compressed: bool = False, padded: bool = True) -> str:
    content = request.SerializeToString()
    message = rtc.WrappedJoinRequest(
        compression=Compression.GZIP if compressed else Compression.NONE,
        join_request=gzip.compress(content) if compressed else content,
    )
    text = base64.urlsafe_b64encode(message.SerializeToString()).decode()
    return text if padded else text.rstrip("=")


def base64url(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_what_the_python_sdk_sends_is_understood() -> None:
    query = {
        "sdk": "python",
        "protocol": "17",
        "client_protocol": "1",
        "auto_subscribe": "1",
        "adaptive_stream": "0",
        "capabilities": "CAP_PACKET_TRAILER,CAP_FROM_THE_FUTURE",
    }
    arrival = read_dual(query, "", GRANTS)
    assert (arrival.profile.mode, arrival.profile.protocol) == ("dual", 17)
    assert (arrival.traits.client_protocol, arrival.traits.capabilities) == (1, (1,))
    assert (arrival.auto_subscribe, arrival.adaptive_stream, arrival.returning) == (True, False, None)


def test_what_go_leaves_out_has_its_default() -> None:
    arrival = read_dual({"version": "2.18", "protocol": "17", "sdk": "go", "": ""}, "", GRANTS)
    assert arrival.auto_subscribe
    assert not read_dual({"auto_subscribe": "0"}, "", GRANTS).auto_subscribe
    assert not read_dual({"auto_subscribe": "false"}, "", GRANTS).auto_subscribe


@pytest.mark.parametrize("nonsense", ["", "-1", "1e9", "seventeen", "9" * 5000, "١٧"])
def test_a_protocol_that_is_no_number_is_the_oldest(nonsense: str) -> None:
    assert read_dual({"protocol": nonsense}, "", GRANTS).profile.protocol == 0


def test_a_client_that_comes_back_names_its_seat() -> None:
    assert read_dual({"reconnect": "1", "sid": "PA_x"}, "", GRANTS).returning == "PA_x"
    request = rtc.JoinRequest(reconnect=True, participant_sid="PA_x", sync_state=rtc.SyncState())
    arrival = read_single(wrapped(request), "", GRANTS)
    assert arrival.returning == "PA_x"
    assert [carried.WhichOneof("message") for carried in arrival.requests] == ["sync_state"]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_a_join_request_brings_tracks_before_their_offer(compressed: bool, padded: bool) -> None:  # noqa: FBT001 - drawn
    request = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, protocol=17, client_protocol=2),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=True, adaptive_stream=True),
        metadata="m",
        participant_attributes={"a": "1"},
        add_track_requests=[rtc.AddTrackRequest(cid="cam")],
        publisher_offer=rtc.SessionDescription(type="offer", sdp="v=0", id=1),
    )
    arrival = read_single(wrapped(request, compressed=compressed, padded=padded), CHROME, GRANTS)
    assert (arrival.profile.mode, arrival.profile.protocol, arrival.profile.only_preferred_codec) == (
        "single",
        17,
        False,
    )
    assert (arrival.adaptive_stream, arrival.metadata, arrival.attributes) == (True, "m", {"a": "1"})
    assert [carried.WhichOneof("message") for carried in arrival.requests] == ["add_track", "offer"]


def test_firefox_on_linux_is_known_by_either_of_its_names() -> None:
    assert read_dual({"browser": "Firefox", "os": "Linux"}, "", GRANTS).profile.only_preferred_codec
    assert read_single(wrapped(rtc.JoinRequest()), FIREFOX, GRANTS).profile.only_preferred_codec
    assert not read_dual({}, CHROME, GRANTS).profile.only_preferred_codec


def test_attributes_of_the_query_need_the_grant() -> None:
    query = {"attributes": base64url({"a": "1"})}
    assert read_dual(query, "", GRANTS).attributes == {"a": "1"}
    with pytest.raises(ArrivalError) as refused:
        read_dual(query, "", Grants())
    assert refused.value.status is HTTPStatus.UNAUTHORIZED
    with pytest.raises(ArrivalError):
        read_single(wrapped(rtc.JoinRequest(metadata="m")), "", Grants())


@pytest.mark.parametrize("bad", [base64url([1]), base64url({"a": 1}), "!!!", base64url("x"), "W" * 9999])
def test_attributes_that_are_none_are_refused_in_words(bad: str) -> None:
    with pytest.raises(ArrivalError) as refused:
        read_dual({"attributes": bad}, "", GRANTS)
    assert refused.value.status is HTTPStatus.BAD_REQUEST


def test_a_bomb_is_not_inflated() -> None:
    bomb = rtc.WrappedJoinRequest(
        compression=Compression.GZIP, join_request=gzip.compress(bytes(50 * MAX_JOIN_REQUEST_BYTES))
    )
    with pytest.raises(ArrivalError) as refused:
        read_single(base64.urlsafe_b64encode(bomb.SerializeToString()).decode(), "", GRANTS)
    assert str(MAX_JOIN_REQUEST_BYTES) in refused.value.reason


@given(st.text() | st.binary(max_size=300).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_anything_is_a_join_request_or_an_error_that_says_so(text: str) -> None:
    try:
        read_single(text, "", GRANTS)
    except ArrivalError as error:
        assert error.reason  # noqa: PT017 - both outcomes are right


@given(
    st.dictionaries(
        st.sampled_from(["protocol", "sid", "reconnect", "attributes", "capabilities", "browser"]), st.text()
    )
)
def test_any_query_is_an_arrival_or_an_error_that_says_why_not(query: dict[str, str]) -> None:
    try:
        read_dual(query, "", GRANTS)
    except ArrivalError as error:
        assert error.reason  # noqa: PT017 - both outcomes are right
