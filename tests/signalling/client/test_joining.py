from __future__ import annotations

import pytest
from livekit.protocol import models, rtc

from media import commands as cmd
from rooms.live.gathering import GATHERING_SECONDS
from rooms.live.permission import Permission
from signalling.client.sdp import parse
from tests.signalling.client.clinic import Clinic
from tests.signalling.client.stand_ins import Mode

MODES = pytest.mark.parametrize("mode", ["dual", "single"])


@MODES
def test_the_first_message_says_all_that_clients_insist_on(mode: Mode) -> None:
    clinic = Clinic()
    lan = clinic.enters("lan", mode)
    lan.publishes("cam", "video")
    mai = clinic.enters("mai", mode)

    assert mai.kinds[0] == "join"
    join = mai.last("join")
    assert join.room.name == "ward-3"
    assert join.room.sid.startswith("RM_")
    assert join.participant.sid == mai.sid
    assert join.participant.identity == "mai"
    assert join.participant.permission.can_publish
    assert [(other.identity, len(other.tracks)) for other in join.other_participants] == [("lan", 1)]
    assert (join.ping_interval, join.ping_timeout) == (5, 15)
    assert (join.server_version, join.server_info.version, join.server_info.protocol) == ("1.13.5", "1.13.5", 17)
    assert join.server_info.edition == models.ServerInfo.Edition.Standard
    assert join.server_info.node_id == "ND_test"
    assert join.subscriber_primary == (mode == "dual")
    assert join.fast_publish
    codecs = [codec.mime for codec in join.enabled_publish_codecs]
    assert codecs == ["video/VP8", "video/H264", "video/VP9", "video/AV1", "audio/opus", "audio/red"]
    assert list(join.ice_servers) == []
    other = join.other_participants[0]
    assert (other.client_protocol, list(other.capabilities)) == (2, [1])


def test_with_two_connections_the_server_offers_at_once_even_with_nothing_to_show() -> None:
    mai = Clinic().enters("mai", "dual")
    assert mai.kinds == ["join", "refresh_token", "offer"]
    offer = mai.last("offer")
    assert offer.id >= 1
    assert [section.kind for section in parse(offer.sdp).sections] == ["application"]


def test_with_one_connection_the_server_never_offers() -> None:
    clinic = Clinic()
    clinic.enters("lan").publishes("cam", "video")
    mai = clinic.enters("mai", "single")
    clinic.wait(60)
    assert "offer" not in mai.kinds
    assert "media_sections_requirement" not in mai.kinds, "before its first offer the client comes by itself"


def test_who_may_not_subscribe_is_not_told_to_wait_for_the_subscriber() -> None:
    mai = Clinic().enters("mai", "dual", permission=Permission(can_subscribe=False))
    assert not mai.last("join").subscriber_primary
    assert "offer" in mai.kinds, "data comes down on it all the same"


def test_who_may_not_publish_is_not_told_to_hurry() -> None:
    mute = Permission(can_publish=False, can_publish_data=False)
    assert not Clinic().enters("mai", permission=mute).last("join").fast_publish


def test_who_may_write_hurries_too() -> None:
    """Data goes up on the publisher's connection, for which native clients otherwise wait at the first message."""
    assert Clinic().enters("mai", permission=Permission(can_publish=False)).last("join").fast_publish


@MODES
def test_a_participant_becomes_active_when_its_primary_transport_connects(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", mode), clinic.enters("mai")
    mai.forget()
    lan.connects()
    clinic.wait(GATHERING_SECONDS)
    [update] = [update for update in mai.all("update") if update.participants[0].sid == lan.sid]
    assert update.participants[0].state == models.ParticipantInfo.State.ACTIVE
    assert "participant_joined" in [fact.kind.value for fact in clinic.facts]


def test_the_subscriber_connection_is_the_primary_one_of_two() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan", "dual")
    lan.forget()
    publisher, subscriber = lan.transports
    from media._core import TransportConnected

    clinic.reports(TransportConnected(transport=publisher, srtp_profile="AEAD_AES_128_GCM", protocol="udp"))
    assert "update" not in lan.kinds
    clinic.reports(TransportConnected(transport=subscriber, srtp_profile="AEAD_AES_128_GCM", protocol="udp"))
    assert lan.last("update").participants[0].state == models.ParticipantInfo.State.ACTIVE


def test_tokens_are_renewed_at_the_start_every_five_minutes_and_after_a_change() -> None:
    clinic = Clinic()
    lan = clinic.enters("lan")
    lan.settles()
    clinic.wait(901)
    tokens = lan.all("refresh_token")
    assert len(tokens) == 4
    assert clinic.authority.verify_join(tokens[-1]).grants.room == "ward-3"


@MODES
def test_leaving_closes_the_connection_and_frees_the_transports(mode: Mode) -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan", mode), clinic.enters("mai")
    transports = set(lan.transports)
    lan.says(leave=rtc.LeaveRequest(reason=models.DisconnectReason.CLIENT_INITIATED))
    assert lan.wire.hung_up == "politely"
    assert {command.transport for command in clinic.core.all(cmd.CloseTransport)} == transports
    clinic.wait(GATHERING_SECONDS)
    gone = mai.last("update").participants[0]
    assert (gone.identity, gone.state) == ("lan", models.ParticipantInfo.State.DISCONNECTED)


def test_a_second_device_sends_the_first_one_off() -> None:
    clinic = Clinic()
    first = clinic.enters("doctor")
    clinic.enters("doctor")
    leave = first.last("leave")
    assert (leave.reason, leave.action, leave.can_reconnect) == (
        models.DisconnectReason.DUPLICATE_IDENTITY,
        rtc.LeaveRequest.Action.DISCONNECT,
        False,
    )
    assert first.wire.hung_up == "politely"


def test_an_outdated_connection_has_no_say() -> None:
    clinic = Clinic()
    lan, mai = clinic.enters("lan"), clinic.enters("mai")
    old = lan.wire
    lan.connects()
    lan.loses_connection()
    lan.resume()
    mai.forget()
    lan.host.request(lan.sid, old, rtc.SignalRequest(leave=rtc.LeaveRequest()))
    lan.host.connection_lost(lan.sid, old)
    assert mai.received == []
    assert lan.wire.hung_up == "no"


def test_the_server_says_goodbye_when_it_stops() -> None:
    clinic = Clinic()
    people = [clinic.enters("lan"), clinic.enters("mai", room="other")]
    clinic.registry.shut_down()
    for person in people:
        assert person.last("leave").reason == models.DisconnectReason.SERVER_SHUTDOWN
        assert person.last("leave").action == rtc.LeaveRequest.Action.RECONNECT
        assert person.wire.hung_up == "politely"
    assert clinic.registry.list() == []
