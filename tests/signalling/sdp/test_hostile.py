"""Descriptions that are wrong, oversized or made up: an `SdpError` with a sentence, never anything else."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
from aiortc.sdp import SessionDescription as AiortcDescription
from hypothesis import given
from hypothesis import strategies as st

from media.parameters import MediaKind
from signalling.client.sdp import (
    DataChannel,
    Inactive,
    OfferedSection,
    Receive,
    Rejected,
    SdpError,
    SectionAnswer,
    Send,
    consumer_parameters,
    parse,
    producer_parameters,
    write_answer,
    write_offer,
)
from tests.signalling.sdp.samples import CAMERA, LOCAL, MICROPHONE, RECORDED, recorded

GOOD = recorded("chromium-publisher")
PRODUCER = producer_parameters(parse(GOOD).sections[1], Receive())
DIGEST = ":".join(["00"] * 32)


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        ("", "no line of a session description"),
        ("v=0\r\n", "no m-section"),
        ("hello", "no line of a session description"),
        ("v=0\r\nm=audio\r\na=mid:0\r\n", "no media line"),
        (GOOD.replace("v=0", "v=1", 1), "begins with v=0"),
        (GOOD.replace("a=ice-ufrag:", "a=ufrag:"), "ice-ufrag"),
        (GOOD.replace("a=ice-pwd:", "a=ice-pwd:short\r\na=x:"), "ice-pwd"),
        (GOOD.replace("a=fingerprint:sha-256", "a=fingerprint:sha-1"), "fingerprint"),
        (GOOD.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 zz:"), "fingerprint"),
        (GOOD.replace("a=setup:actpass", "a=setup:holdconn"), "setup:holdconn"),
        (GOOD.replace("a=mid:1", "a=mid:0"), "same mid"),
        (GOOD.replace("a=mid:1\r\n", ""), "mid of an m-section"),
        (GOOD.replace("a=mid:1", "a=mid:" + "x" * 17), "mid of an m-section"),
        (GOOD.replace("m=video 9", "m=video 99999"), "port of an m-section"),
        (GOOD.replace("a=rtpmap:96 VP8/90000", "a=rtpmap:960 VP8/90000"), "payload type"),
        (GOOD.replace("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/many"), "clock rate of VP8"),
        (GOOD.replace("opus/48000/2", "opus/48000/0"), "channels of opus"),
        (GOOD.replace("a=rtpmap:96 VP8", "a=rtpmap:96 V\x00P8"), "control characters"),
        (GOOD.replace("a=extmap:4 ", "a=extmap:0 "), "id of an extmap"),
        (GOOD.replace("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:4"), "URI"),
        (GOOD.replace("a=rid:q send", "a=rid:q\u00e9 send"), "rid"),
        (GOOD.replace("a=ssrc:", "a=ssrc:9"), "SSRC"),
        (GOOD.replace("a=sctp-port:5000", "a=sctp-port:0"), "sctp-port"),
        (GOOD.replace("size:262144", "size:-1"), "max-message-size"),
    ],
)
def test_what_is_wrong_is_named(offer: str, sentence: str) -> None:
    with pytest.raises(SdpError, match=sentence):
        parse(offer)


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        (GOOD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 10_000, "longer than"),
        (GOOD + "a=x:" + "y" * 5_000, "no line"),
        (GOOD + "".join(f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a{n}\r\n" for n in range(200)), "200 m-sections"),
        (GOOD.replace("UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF " + " ".join(map(str, range(200)))), "128 formats"),
        (GOOD.replace("a=fmtp:111 ", "a=fmtp:111 " + "".join(f"k{n}=v;" for n in range(40))), "32 parameters"),
        (
            GOOD.replace("a=sctp-port", "".join(f"a=ssrc:{n} cname:x\r\n" for n in range(80)) + "a=sctp-port"),
            "64 SSRCs",
        ),
    ],
)
def test_every_list_has_an_end(offer: str, sentence: str) -> None:
    with pytest.raises(SdpError, match=sentence):
        parse(offer)


def test_more_codecs_than_anybody_has_are_refused() -> None:
    numbers = range(128)
    section = "m=video 9 UDP/TLS/RTP/SAVPF " + " ".join(map(str, numbers)) + "\r\na=mid:9\r\n"
    section += "".join(f"a=rtpmap:{number} VP8/90000\r\n" for number in numbers)
    with pytest.raises(SdpError, match="64 codecs"):
        parse(GOOD + section)


def test_other_line_ends_of_unicode_start_no_line() -> None:
    """A fingerprint smuggled in behind U+2028 would be one that a proxy did not see."""
    smuggled = GOOD.replace("a=setup:actpass", f"a=note:x\u2028a=fingerprint:sha-256 {DIGEST}\r\na=setup:actpass")
    assert parse(smuggled).dtls == parse(GOOD).dtls


def test_candidates_are_no_business_of_an_ice_lite_agent() -> None:
    offer = GOOD.replace(
        "a=mid:0\r\n", "a=mid:0\r\na=candidate:nonsense\r\na=candidate:1 1 udp 1 x.local 9 typ host\r\n"
    )
    assert parse(offer) == parse(GOOD)


def test_ids_that_reserve_a_place_in_the_extension_map_are_skipped() -> None:
    section = parse(GOOD.replace("a=extmap:13 ", "a=extmap:4096 ")).section("1")
    assert section is not None
    assert "urn:3gpp:video-orientation" not in {extension.uri for extension in section.extensions}


LINES = sorted({line for name in RECORDED for line in recorded(name).splitlines()})
FRAGMENTS = st.sampled_from(LINES) | st.text(max_size=40) | st.builds("a={}:{}".format, st.text(max_size=9), st.text())


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A recorded description with lines dropped, doubled, moved and made up, and characters changed."""
    lines = recorded(draw(st.sampled_from(RECORDED))).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "insert", "replace", "cut", "number"])):
            case "drop":
                del lines[at : at + draw(st.integers(1, 5))]
            case "insert":
                lines.insert(at, draw(FRAGMENTS))
            case "replace":
                lines[at] = draw(FRAGMENTS)
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case _:
                lines[at] = lines[at].replace("1", draw(st.sampled_from(["0", "-1", "99999999999", "²", " "])))
        if not lines:
            break
    return "\r\n".join(lines) + "\r\n"


PLANS: list[SectionAnswer] = [
    Receive(),
    Receive(preferred_mime_type="video/VP9", only_preferred=True, stereo=True),
    Send(CAMERA),
    Send(MICROPHONE),
    Inactive(),
    Rejected(),
    DataChannel(),
]


@given(st.text() | st.builds("v=0\r\n{}".format, st.text()) | mutations(), st.randoms())
def test_anything_at_all_is_a_description_or_an_sdp_error(text: str, random: Random) -> None:
    """And what was accepted is answered with something that two parsers accept."""
    try:
        offer = parse(text)
    except SdpError:
        return
    plan = {section.mid: random.choice(PLANS) for section in offer.sections}
    answer = write_answer(offer, LOCAL, plan, version=1)
    AiortcDescription.parse(answer)
    if any(line.startswith("a=group:") for line in answer.split("\r\n")):
        reread = parse(answer)
        assert [section.mid for section in reread.sections] == [section.mid for section in offer.sections]
        assert reread.ice == LOCAL.ice
    for section in offer.sections:
        with suppress(SdpError):
            assert producer_parameters(section, Receive()).encodings
        with suppress(SdpError):
            assert consumer_parameters(section, CAMERA, PRODUCER).payload_types


KINDS: list[MediaKind] = ["audio", "video"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["send", "idle", "over"])), max_size=30))
def test_whatever_we_offer_two_parsers_accept(sections: list[tuple[MediaKind, str]]) -> None:
    plans: dict[str, Inactive | Rejected] = {"idle": Inactive(), "over": Rejected()}
    offered = [OfferedSection(mid="d", kind="application", plan=DataChannel())]
    for mid, (kind, plan) in enumerate(sections):
        track = CAMERA if kind == "video" else MICROPHONE
        offered.append(OfferedSection(mid=str(mid), kind=kind, plan=plans.get(plan) or Send(track)))
    text = write_offer(LOCAL, offered, version=1)
    AiortcDescription.parse(text)
    assert [section.mid for section in parse(text).sections] == [section.mid for section in offered]
