"""Handing out passes from a terminal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from livekit import api
from typer.testing import CliRunner, Result

from rooms.live.permission import TrackSource
from signalling.auth.tokens import AccessToken, TokenAuthority
from signalling.cli import app
from signalling.cli.token import FLAGS
from tests.cli.command import KEYS

SECRET = KEYS["HOICHAN_AUTH_API_KEYS"].removeprefix("ward: ")
AUTHORITY = TokenAuthority({"ward": SECRET})


def run(*arguments: str) -> Result:
    """In this process: a token's way leads past no shell."""
    return CliRunner().invoke(app, ["token", "create", "--room", "r", "--identity", "i", *arguments], env=KEYS)


def create(*arguments: str) -> AccessToken:
    made = run(*arguments)
    assert made.exit_code == 0, made.output
    return AUTHORITY.verify_join(made.stdout.strip())


def refused(*arguments: str) -> str:
    made = run(*arguments)
    assert made.exit_code == 2
    return " ".join(made.stderr.replace("│", " ").split())


def test_a_token_opens_one_room_for_one_identity() -> None:
    grants = create("--name", "BS. Hòa", "--metadata", "khoa nội").grants
    assert (grants.room, grants.identity, grants.name, grants.metadata) == ("r", "i", "BS. Hòa", "khoa nội")
    assert not grants.room_admin


def test_livekits_own_library_accepts_it() -> None:
    made = run()
    claims = api.TokenVerifier("ward", SECRET).verify(made.stdout.strip())
    assert claims.identity == "i"
    assert claims.video is not None
    assert claims.video.room_join
    assert claims.video.room == "r"


def test_grants_narrow_and_widen_what_the_bearer_may_do() -> None:
    grants = create(
        "--grant", "canPublishData=false", "--grant", "roomAdmin", "--grant", "canPublishSources=camera,microphone"
    ).grants
    assert not grants.permission.can_publish_data
    assert grants.room_admin
    assert grants.permission.can_publish_sources == {TrackSource.CAMERA, TrackSource.MICROPHONE}


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag != "roomJoin"])
def test_every_offered_grant_means_something_to_the_server(flag: str) -> None:
    assert create("--grant", f"{flag}=true").grants != create("--grant", f"{flag}=false").grants


def test_it_is_good_for_as_long_as_was_said() -> None:
    remaining = create("--ttl", "30m").expires_at - datetime.now(UTC)
    assert timedelta(minutes=29) < remaining <= timedelta(minutes=30)


def test_a_link_keeps_the_token_where_no_server_logs_it() -> None:
    made = run("--link", "https://meet.example/")
    page, _, fragment = made.stdout.strip().partition("#")
    assert page == "https://meet.example/"
    assert AUTHORITY.verify_join(fragment.removeprefix("token=")).grants.room == "r"


def test_a_script_gets_json() -> None:
    made = run("--ttl", "90s", "--json")
    answer = json.loads(made.stdout)
    assert answer.keys() == {"token", "room", "identity", "ttl_seconds"}
    assert answer["ttl_seconds"] == 90


def test_a_mistake_is_told_with_what_was_meant() -> None:
    assert "did you mean canPublish?" in refused("--grant", "canPublsh=false")
    assert "canPublish is true or false, not 'perhaps'" in refused("--grant", "canPublish=perhaps")
    assert "canPublishSources is not one of" in refused("--grant", "canPublishSources=telescope")
    assert "expected a time such as" in refused("--ttl", "soon")
    assert "expected a time such as" in refused("--ttl", "9999d")
    assert "none of the configured API keys" in refused("--key", "other")
    assert "http" in refused("--link", "meet.example")
    assert "must not be empty" in refused("--room", " ")
