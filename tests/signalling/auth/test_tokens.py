"""Who gets in with which token."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from livekit import api
from livekit.protocol import room as proto

from rooms.live.info import ParticipantKind
from rooms.live.permission import Permission, TrackSource
from signalling.auth.grants import Grants, write_claims
from signalling.auth.tokens import TokenAuthority, TokenError
from signalling.hosting.rooms import RoomOptions

KEY, SECRET = "hospital", "a-secret-of-this-hospital-that-is-long-enough-for-HS384-too"
OTHER_KEY, OTHER_SECRET = "ministry", "a-secret-of-the-ministry-0987654321"
AUTHORITY = TokenAuthority({KEY: SECRET, OTHER_KEY: OTHER_SECRET})


def claims(**changes: object) -> dict[str, object]:
    """A good payload for joining, with changes; None takes a claim away."""
    now = datetime.now(UTC)
    payload = {
        "iss": KEY,
        "sub": "lan",
        "exp": now + timedelta(hours=1),
        "video": {"roomJoin": True, "room": "cardiology"},
        **changes,
    }
    return {name: value for name, value in payload.items() if value is not None}


def signed(payload: dict[str, object], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(payload, secret, algorithm=algorithm)


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def refusal(token: str) -> tuple[HTTPStatus, str]:
    with pytest.raises(TokenError) as caught:
        AUTHORITY.verify_join(token)
    return caught.value.status, caught.value.reason


def test_a_token_made_by_livekits_own_library_opens_the_room() -> None:
    token = (
        api.AccessToken(KEY, SECRET)
        .with_identity("lan")
        .with_name("Bác sĩ Lan")
        .with_kind("agent")
        .with_metadata("{}")
        .with_attributes({"site": "Mường Lát"})
        .with_room_config(proto.RoomConfiguration(empty_timeout=60, max_participants=8))
        .with_grants(
            api.VideoGrants(
                room_join=True,
                room="cardiology",
                can_publish_sources=["camera", "microphone"],
                can_publish_data=False,
                hidden=True,
            )
        )
        .to_jwt()
    )
    verified = AUTHORITY.verify_join(token)
    assert verified.api_key == KEY
    assert verified.grants == Grants(
        identity=verified.grants.identity,
        name="Bác sĩ Lan",
        kind=ParticipantKind.AGENT,
        metadata="{}",
        attributes={"site": "Mường Lát"},
        room="cardiology",
        room_join=True,
        permission=Permission(
            can_publish_sources=frozenset({TrackSource.CAMERA, TrackSource.MICROPHONE}),
            can_publish_data=False,
            hidden=True,
        ),
        room_options=RoomOptions(empty_timeout_seconds=60, max_participants=8),
    )
    assert verified.grants.identity == "lan"


def test_what_we_mint_livekits_own_library_accepts() -> None:
    grants = Grants(name="Lan", room="cardiology", room_join=True, permission=Permission(can_publish=False))
    token = AUTHORITY.mint(KEY, write_claims(grants) | {"sub": "lan"}, timedelta(minutes=5))
    theirs = api.TokenVerifier(KEY, SECRET).verify(token)
    assert (theirs.identity, theirs.name) == ("lan", "Lan")
    assert theirs.video is not None
    assert (theirs.video.room_join, theirs.video.room, theirs.video.can_publish) == (True, "cardiology", False)


@pytest.mark.parametrize(
    ("video", "expected"),
    [
        ({}, Permission()),
        ({"canPublish": False}, Permission(can_publish=False, can_publish_data=False)),
        ({"canPublish": False, "canPublishData": True}, Permission(can_publish=False)),
        ({"canSubscribe": False}, Permission(can_subscribe=False)),
        ({"canSubscribe": None}, Permission()),
        ({"canUpdateOwnMetadata": True}, Permission(can_update_own_metadata=True)),
        (
            {"canPublishSources": ["CAMERA", "screen_share"]},
            Permission(can_publish_sources=frozenset({TrackSource.CAMERA, TrackSource.SCREEN_SHARE})),
        ),
    ],
)
def test_what_a_token_does_not_say(video: dict[str, object], expected: Permission) -> None:
    assert AUTHORITY.verify(signed(claims(video=video))).grants.permission == expected


@pytest.mark.parametrize("seconds", [-59, 3_600])
def test_clocks_may_differ_by_a_minute(seconds: int) -> None:
    now = datetime.now(UTC)
    AUTHORITY.verify(signed(claims(exp=now + timedelta(seconds=seconds), nbf=now + timedelta(seconds=55))))


def test_tokens_that_open_nothing() -> None:
    now = datetime.now(UTC)
    table = {
        "expired": signed(claims(exp=now - timedelta(seconds=90))),
        "not valid yet": signed(claims(nbf=now + timedelta(seconds=90))),
        "lacks the claim exp": signed(claims(exp=None)),
        "API key that this server does not know": signed(claims(iss="stranger")),
        "API key that this server does not know ": signed(claims(iss=None)),
        "not valid.": signed(claims(), OTHER_SECRET),
        "not valid. ": signed(claims(), SECRET, "HS384"),
        "does not allow to join": signed(claims(video={"room": "cardiology"})),
        "does not allow to join ": signed(claims(video=None)),
        "claim video.roomJoin is not true or false": signed(claims(video={"roomJoin": "yes"})),
        "claim video.canPublish is not true or false": signed(claims(video={"roomJoin": True, "canPublish": 1})),
        "claim video.canPublishSources is not one of": signed(claims(video={"canPublishSources": ["kitchen"]})),
        "claim attributes is not": signed(claims(attributes={"a": 1})),
        "claim kind is not one of": signed(claims(kind="god")),
        "claim roomConfig.maxParticipants is not": signed(claims(roomConfig={"maxParticipants": -1})),
        "claim video is not an object": signed(claims(video=["roomJoin"])),
        "too long": "x" * 70_000,
        "no date of the calendar": signed(claims(exp=10**17)),
    }
    for reason, token in table.items():
        status, said = refusal(token)
        assert (status, reason.strip() in said) == (HTTPStatus.UNAUTHORIZED, True), (reason, said)


@pytest.mark.parametrize("missing", [{"sub": ""}, {"sub": None}, {"video": {"roomJoin": True}}])
def test_a_join_needs_a_room_and_an_identity(missing: dict[str, object]) -> None:
    status, _ = refusal(signed(claims(**missing)))
    assert status == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_alg_none_is_no_signature(name: str) -> None:
    payload = {**claims(), "exp": 4_000_000_000}
    for signature in ("", encoded(b"x")):
        assert refusal(f"{encoded({'alg': name})}.{encoded(payload)}.{signature}")[0] == HTTPStatus.UNAUTHORIZED


def test_the_secret_is_no_public_key_and_no_public_key_is_the_secret() -> None:
    """RS256 with the attacker's own key, whose public half comes along in the header (RFC 8725 §2.1)."""
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    for headers in ({}, {"jwk": jwk}, {"kid": KEY}, {"jku": "http://localhost/keys"}):
        token = jwt.encode(claims(), pem, algorithm="RS256", headers=headers)
        assert refusal(token) == (HTTPStatus.UNAUTHORIZED, "The access token is not valid.")


def test_one_hospitals_secret_makes_no_token_of_another() -> None:
    assert AUTHORITY.verify(signed(claims(iss=OTHER_KEY), OTHER_SECRET)).api_key == OTHER_KEY
    assert refusal(signed(claims(iss=OTHER_KEY), SECRET))[0] == HTTPStatus.UNAUTHORIZED


def test_one_changed_bit_of_the_payload_breaks_the_signature() -> None:
    head, payload, signature = signed(claims()).split(".")
    forged = encoded({**claims(sub="director"), "exp": 4_000_000_000})
    assert refusal(f"{head}.{forged}.{signature}")[0] == HTTPStatus.UNAUTHORIZED
    AUTHORITY.verify(f"{head}.{payload}.{signature}")


def test_administration_ends_at_the_rooms_door() -> None:
    grants = AUTHORITY.verify(signed(claims(video={"roomAdmin": True, "room": "cardiology"}))).grants
    assert grants.may_administer("cardiology")
    assert not grants.may_administer("surgery")
    nowhere = AUTHORITY.verify(signed(claims(video={"roomAdmin": True}))).grants
    assert not nowhere.may_administer("")


@pytest.mark.parametrize(("hours", "least", "most"), [(2.0, 7_190, 7_200), (0.01, 590, 600)])
def test_a_refreshed_token_lasts_as_long_as_the_old_one_but_ten_minutes_at_least(
    hours: float, least: int, most: int
) -> None:
    token = AUTHORITY.verify(signed(claims(exp=datetime.now(UTC) + timedelta(hours=hours))))
    renamed = Grants(identity=token.grants.identity, name="Lan (trực)", room="cardiology", room_join=True)
    renewed = AUTHORITY.verify_join(AUTHORITY.refresh(token, renamed))
    assert renewed.grants == renamed
    assert least <= (renewed.expires_at - datetime.now(UTC)).total_seconds() <= most


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
CLAIM_NAMES = st.sampled_from(["iss", "exp", "nbf", "iat", "sub", "aud", "jti", "name", "video", "kind", "attributes",
                               "metadata", "roomConfig", "sha256"])  # fmt: skip
VIDEO_NAMES = st.sampled_from(["room", "roomJoin", "canPublish", "canPublishSources", "hidden", "roomAdmin"])
PAYLOADS = st.dictionaries(CLAIM_NAMES, JSON_VALUES | st.dictionaries(VIDEO_NAMES, JSON_VALUES), max_size=6)


@given(PAYLOADS, st.booleans())
def test_any_payload_is_verified_or_refused(payload: dict[str, object], complete: bool) -> None:  # noqa: FBT001
    """Signed with the right secret, so that every claim is read."""
    base: dict[str, object] = {"iss": KEY, "exp": 4_000_000_000} if complete else {}
    body = encoded({**base, **payload})
    head = encoded({"alg": "HS256", "typ": "JWT"})
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{body}".encode(), SECRET.encode()
    )
    try:
        verified = AUTHORITY.verify(f"{head}.{body}.{encoded(signature)}")
    except TokenError as error:
        assert error.reason.endswith(".")  # noqa: PT017
    else:
        again = AUTHORITY.verify(AUTHORITY.mint(KEY, write_claims(verified.grants)))
        assert again.grants == verified.grants


@given(st.text() | st.lists(st.text(max_size=30), min_size=3, max_size=3).map(".".join) | st.binary().map(encoded))
def test_any_text_is_refused(token: str) -> None:
    assert refusal(token)[0] == HTTPStatus.UNAUTHORIZED


def test_a_payload_nested_without_end_is_refused() -> None:
    deep = encoded(b'{"iss":"' + KEY.encode() + b'","a":' + b"[" * 40_000)
    assert refusal(f"{encoded({'alg': 'HS256'})}.{deep}.{encoded(b'x')}")[0] == HTTPStatus.UNAUTHORIZED
