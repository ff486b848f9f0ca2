"""Looking into a running server: who may, and what is said of each track that somebody gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from livekit.protocol import rtc

from media import commands as cmd
from media.events import ConsumerLayerChanged, ConsumerStreamState
from signalling.auth.tokens import TokenAuthority
from signalling.cli.top import client, picture
from signalling.clinic_api.live import NODE_PATH, ROOM_PATH, LiveEndpoint
from signalling.hosting import live_view
from tests.served import served
from tests.signalling.client.clinic import KEY, Client, Clinic
from tests.signalling.client.test_backup_codecs import publishes_backup, publishes_vp9, settles_without_vp9
from tests.signalling.metrics.figures import report

ROOM = "ward-3"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
async def url(clinic: Clinic) -> AsyncIterator[str]:
    endpoint = LiveEndpoint(
        authority=clinic.authority,
        rooms=clinic.registry,
        version="0.0.0",
        counters=lambda: {"packets_sent": 7},
        workers=list,
        clock=clinic.clock.time,
    )
    async with served(endpoint.routes()) as url:
        yield url


async def asked(url: str, token: str | None, **query: str) -> tuple[int, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(url, params=query, headers=headers) as response:
        return response.status, json.loads(await response.text())


def token(authority: TokenAuthority, **grants: object) -> str:
    return authority.mint(KEY, {"video": grants})


async def person(url: str, clinic: Clinic, identity: str) -> Any:
    admin = token(clinic.authority, roomAdmin=True, room=ROOM)
    status, room = await asked(url + ROOM_PATH, admin, name=ROOM)
    assert status == 200
    return next(each for each in room["participants"] if each["identity"] == identity)


async def received(url: str, clinic: Clinic) -> Any:
    """What is said of the one track that Mai gets."""
    [only] = (await person(url, clinic, "mai"))["receives"]
    return only


@pytest.mark.parametrize(
    ("path", "grants", "status"),
    [
        (NODE_PATH, {"roomList": True}, 200),
        (NODE_PATH, {"roomAdmin": True, "room": ROOM}, 403),
        (NODE_PATH, {"roomJoin": True, "room": ROOM}, 403),
        (ROOM_PATH, {"roomAdmin": True, "room": ROOM}, 200),
        (ROOM_PATH, {"roomAdmin": True, "room": "another"}, 403),
        (ROOM_PATH, {"roomAdmin": True}, 403),
        (ROOM_PATH, {"roomJoin": True, "room": ROOM}, 403),
        (ROOM_PATH, {"roomList": True}, 403),
    ],
)
async def test_only_the_right_grant_opens_each(
    url: str, clinic: Clinic, path: str, grants: Mapping[str, object], status: int
) -> None:
    clinic.enters("lan")
    got, content = await asked(url + path, token(clinic.authority, **grants), name=ROOM)
    assert got == status
    if status == 403:
        assert content["type"] == "urn:hoichan:problem:forbidden"


@pytest.mark.parametrize("path", [NODE_PATH, ROOM_PATH])
@pytest.mark.parametrize("bearer", [None, "", "not.a.token"])
async def test_without_a_token_nothing_is_said(url: str, clinic: Clinic, path: str, bearer: str | None) -> None:
    clinic.enters("lan")
    status, content = await asked(url + path, bearer, name=ROOM)
    assert status == 401
    assert content.keys() == {"type", "title", "status"}


async def test_a_token_of_another_server_opens_nothing(url: str, clinic: Clinic) -> None:
    clinic.enters("lan")
    foreign = TokenAuthority({KEY: "another-secret-of-more-than-32-characters"})
    status, _ = await asked(url + NODE_PATH, token(foreign, roomList=True))
    assert status == 401


async def test_a_room_that_is_not_open_is_said_to_be(url: str, clinic: Clinic) -> None:
    status, content = await asked(
        url + ROOM_PATH, token(clinic.authority, roomAdmin=True, room="nowhere"), name="nowhere"
    )
    assert (status, content["title"]) == (404, "There is no such room.")


async def test_the_node_tells_how_many_of_everything(url: str, clinic: Clinic) -> None:
    lan = clinic.enters("lan")
    clinic.enters("mai")
    lan.publishes("mic", "audio")
    lan.publishes("cam", "video")
    _, node = await asked(url + NODE_PATH, token(clinic.authority, roomList=True))
    assert node["counters"] == {"packets_sent": 7}
    [room] = node["rooms"]
    assert (room["name"], room["participants"]) == (ROOM, 2)
    assert room["tracks"] == {"audio": 1, "video": 1}
    assert room["subscriptions"] == {"audio": 1, "video": 1}


def watching(clinic: Clinic) -> tuple[Client, Client, cmd.AddConsumer]:
    """Mai gets Lan's camera."""
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    mai.settles()
    [consumer] = clinic.core.consumers.values()
    return lan, mai, consumer


async def test_a_track_is_followed_from_its_subscription_to_the_screen(url: str, clinic: Clinic) -> None:
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    lan.publishes("cam", "video")
    assert (await received(url, clinic))["reason"] == "negotiating"
    mai.settles()
    [consumer] = clinic.core.consumers.values()
    assert (await received(url, clinic))["reason"] == "not_published"

    clinic.reports(ConsumerLayerChanged(consumer=consumer.consumer, spatial_layer=0))
    now = await received(url, clinic)
    assert (now["reason"], now["layer"], now["wanted_layer"]) == ("wish", 0, 0)
    starved = ConsumerStreamState(transport=consumer.transport, consumer=consumer.consumer, paused=True)
    clinic.reports(ConsumerLayerChanged(consumer=consumer.consumer, spatial_layer=None), starved)
    assert (await received(url, clinic))["reason"] == "bandwidth"


async def test_what_people_chose_themselves_is_told_as_their_choice(url: str, clinic: Clinic) -> None:
    lan, mai, consumer = watching(clinic)
    clinic.reports(ConsumerLayerChanged(consumer=consumer.consumer, spatial_layer=consumer.spatial_layer))
    track = (await received(url, clinic))["track"]
    lan.says(mute=rtc.MuteTrackRequest(sid=track, muted=True))
    assert (await received(url, clinic))["reason"] == "muted"
    mai.says(track_setting=rtc.UpdateTrackSettings(track_sids=[track], disabled=True))
    clinic.wait(1)
    assert (await received(url, clinic))["reason"] == "paused"
    mai.says(subscription=rtc.UpdateSubscription(track_sids=[track], subscribe=False))
    assert (await received(url, clinic))["reason"] == "unwanted"
    mai.says(subscription=rtc.UpdateSubscription(track_sids=[track], subscribe=True))
    lan.says(subscription_permission=rtc.SubscriptionPermission(all_participants=False))
    assert (await received(url, clinic))["reason"] == "not_allowed"


async def test_the_link_is_told_as_the_core_measured_it(url: str, clinic: Clinic) -> None:
    lan = clinic.enters("lan")
    assert (await person(url, clinic, "lan"))["link"] is None

    up, down = sorted(lan.transports)
    clinic.reports(
        report(transport=up, uplink_loss=0.1, jitter_ms=12.0), report(transport=down, round_trip_time_ms=80.0)
    )
    clinic.reports(
        report(transport=up, uplink_loss=0.2, bytes_received=125_000),
        report(transport=down, downlink_loss=0.05, bytes_sent=62_500, available_outgoing_bitrate_bps=640_000),
    )
    link = (await person(url, clinic, "lan"))["link"]
    assert (link["uplink_loss"], link["downlink_loss"]) == (0.2, 0.05)
    assert (link["received_bps"], link["sent_bps"]) == (200_000, 100_000)
    assert link["available_outgoing_bitrate_bps"] == 640_000
    assert (await person(url, clinic, "lan"))["quality"] == "poor"


async def test_in_a_large_room_the_one_asked_for_is_told_whole(
    url: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lan", "mai", "hoa"):
        clinic.enters(name).publishes("mic", "audio")
    monkeypatch.setattr("signalling.hosting.room_host.MOST_SUBSCRIPTIONS", 1)
    admin = token(clinic.authority, roomAdmin=True, room=ROOM)
    _, room = await asked(url + ROOM_PATH, admin, name=ROOM, identity="hoa")
    told = {each["identity"]: each["receives"] and len(each["receives"]) for each in room["participants"]}
    assert told == {"lan": None, "mai": None, "hoa": 2}


def test_the_command_knows_every_reason_and_where_to_ask() -> None:
    assert {reason.value for reason in live_view.Reason} == picture.REASONS.keys()
    assert (client.NODE_PATH, client.ROOM_PATH) == (NODE_PATH, ROOM_PATH)


async def test_who_gets_the_second_codec_is_looked_at_as_anybody(url: str, clinic: Clinic) -> None:
    lan = clinic.enters("lan")
    sid = publishes_vp9(lan)
    publishes_backup(lan, sid)
    settles_without_vp9(clinic.enters("mai"))
    [consumer] = clinic.core.consumers.values()
    clinic.reports(ConsumerLayerChanged(consumer=consumer.consumer, spatial_layer=0))
    assert (await received(url, clinic))["reason"] == "wish"
