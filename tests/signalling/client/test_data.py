from __future__ import annotations

from livekit.protocol import models

from media import commands as cmd
from media.events import DataChannelOpened, DataReceived
from rooms.live.permission import Permission
from tests.signalling.client.clinic import Client, Clinic


def talking(clinic: Clinic, *names: str, mode: str = "dual") -> list[Client]:
    people = [clinic.enters(name, mode) for name in names]  # type: ignore[arg-type]  # both are modes
    for person in people:
        person.connects()
    return people


def user(payload: bytes, **more: object) -> models.DataPacket:
    return models.DataPacket(user=models.UserPacket(payload=payload), **more)  # type: ignore[arg-type]  # fields of the packet


def test_channels_down_are_opened_by_us_with_two_connections_and_by_the_client_with_one() -> None:
    clinic = Clinic()
    dual = clinic.enters("dual")
    clinic.enters("single", "single")
    opened = clinic.core.all(cmd.OpenDataChannel)
    assert [(channel.label, channel.ordered, channel.max_retransmits) for channel in opened] == [
        ("_reliable", True, None),
        ("_lossy", False, 0),
    ]
    assert {channel.transport for channel in opened} == {dual.downlink}


def test_a_message_arrives_under_its_senders_true_name() -> None:
    clinic = Clinic()
    lan, mai = talking(clinic, "lan", "mai")
    forged = user(b"hi", participant_identity="director", participant_sid="PA_forged", sequence=3)
    forged.user.participant_identity = "director"
    forged.user.participant_sid = "PA_forged"
    lan.sends_data(forged)
    [packet] = mai.got_data
    assert (packet.participant_identity, packet.participant_sid) == ("lan", lan.sid)
    assert (packet.user.participant_identity, packet.user.participant_sid) == ("lan", lan.sid)
    assert (packet.sequence, packet.user.payload, packet.kind) == (3, b"hi", models.DataPacket.Kind.RELIABLE)
    assert lan.got_data == []


def test_it_goes_down_the_channel_it_came_up() -> None:
    clinic = Clinic()
    lan, mai = talking(clinic, "lan", "mai", mode="single")
    lan.sends_data(user(b"x", kind=models.DataPacket.Kind.RELIABLE), reliable=False)
    [sent] = clinic.core.all(cmd.SendData)
    assert (sent.label, sent.transports) == ("_lossy", (mai.downlink,))
    assert mai.got_data[0].kind == models.DataPacket.Kind.LOSSY


def test_one_message_to_many_is_one_command() -> None:
    clinic = Clinic()
    lan, *others = talking(clinic, "lan", *(f"guest{number}" for number in range(20)))
    lan.sends_data(user(b"x"))
    [sent] = clinic.core.all(cmd.SendData)
    assert len(sent.transports) == len(others)


def test_old_and_new_ways_of_naming_recipients_count() -> None:
    clinic = Clinic()
    lan, mai, nam = talking(clinic, "lan", "mai", "nam")
    lan.sends_data(user(b"new", destination_identities=["mai"]))
    old = user(b"old")
    old.user.destination_identities.append("nam")
    lan.sends_data(old)
    by_sid = user(b"sid")
    by_sid.user.destination_sids.append(nam.sid)
    lan.sends_data(by_sid)
    assert [packet.user.payload for packet in mai.got_data] == [b"new"]
    assert [packet.user.payload for packet in nam.got_data] == [b"old", b"sid"]


def test_encrypted_rpc_and_stream_packets_pass_untouched() -> None:
    clinic = Clinic()
    lan, mai = talking(clinic, "lan", "mai")
    packets = [
        models.DataPacket(rpc_request=models.RpcRequest(id="1", method="m", payload="p")),
        models.DataPacket(stream_chunk=models.DataStream.Chunk(stream_id="s", content=b"c")),
        models.DataPacket(encrypted_packet=models.EncryptedPacket(encrypted_value=b"e")),
    ]
    for packet in packets:
        lan.sends_data(packet)
    kinds = [packet.WhichOneof("value") for packet in mai.got_data]
    assert kinds == ["rpc_request", "stream_chunk", "encrypted_packet"]
    assert mai.got_data[2].encrypted_packet.encrypted_value == b"e"


def test_garbage_and_what_only_servers_say_is_dropped_and_counted() -> None:
    clinic = Clinic()
    lan, mai = talking(clinic, "lan", "mai")
    for payload in (b"\xff\xff\xff", b"", models.DataPacket(speaker=models.ActiveSpeakerUpdate()).SerializeToString()):
        clinic.reports(DataReceived(transport=lan.uplink, label="_reliable", payload=payload))
    clinic.reports(DataReceived(transport=lan.uplink, label="_data_track", payload=b"x"))
    assert mai.got_data == []
    assert clinic.registry.counters["data_malformed"] == 3
    assert clinic.registry.counters["data_on_unknown_channel"] == 1


def test_without_the_grant_nothing_arrives() -> None:
    clinic = Clinic()
    lan, mai = talking(clinic, "lan", "mai")
    mute = clinic.enters("mute", permission=Permission(can_publish_data=False))
    mute.connects()
    mute.sends_data(user(b"x"))
    assert lan.got_data == mai.got_data == []
    assert clinic.registry.counters["data_not_allowed"] == 1


def test_messages_wait_a_little_for_a_channel_that_opens() -> None:
    clinic = Clinic()
    [lan] = talking(clinic, "lan")
    mai = clinic.enters("mai")
    lan.sends_data(user(b"early", sequence=1))
    assert mai.got_data == []
    clinic.reports(DataChannelOpened(transport=mai.downlink, label="_reliable"))
    assert [(packet.user.payload, packet.participant_identity) for packet in mai.got_data] == [(b"early", "lan")]
