"""What many are told is built and encoded once, and says to each of them what it would have said alone."""

from __future__ import annotations

from google.protobuf import json_format
from livekit.protocol import models, rtc

from rooms.live.gathering import GATHERING_SECONDS
from signalling.client.message import Message
from tests.signalling.client.clinic import Clinic


def test_a_crowd_hears_of_a_newcomer_in_the_very_same_bytes() -> None:
    clinic = Clinic()
    crowd = [clinic.enters(f"guest{number}") for number in range(5)]
    clinic.wait(1)
    for guest in crowd:
        guest.forget()
    clinic.enters("mai").connects()
    clinic.wait(GATHERING_SECONDS)
    for messages in zip(*(guest.wire.messages for guest in crowd), strict=True):
        assert len({id(message) for message in messages}) == 1
    said = [message.kind for message in crowd[0].wire.messages]
    assert said == ["update", "update"]


def test_a_latecomer_is_told_of_everybody_as_they_are_now() -> None:
    """Of each it is told what was encoded of them for somebody else, unless they have changed since."""
    clinic = Clinic()
    lan, _ = clinic.enters("lan"), clinic.enters("mai")
    clinic.wait(1)
    lan.publishes("cam", "video", name="ultrasound")
    clinic.enters("early")
    lan.says(update_metadata=rtc.UpdateParticipantMetadata(name="Bs Lan"))
    clinic.wait(1)
    late = clinic.enters("late")
    others = {other.identity: other for other in late.last("join").other_participants}
    assert set(others) == {"lan", "mai", "early"}
    assert (others["lan"].name, others["lan"].tracks[0].name) == ("Bs Lan", "ultrasound")
    assert others["early"].state == models.ParticipantInfo.State.JOINED


def test_a_welcome_in_text_describes_everybody_too() -> None:
    clinic = Clinic()
    clinic.enters("lan")
    mai = clinic.enters("mai")
    [welcome] = [message for message in mai.wire.messages if message.kind == "join"]
    read = json_format.Parse(welcome.text, rtc.SignalResponse())
    assert read == rtc.SignalResponse.FromString(welcome.encoded)
    assert [other.identity for other in read.join.other_participants] == ["lan"]


def test_the_bytes_of_a_welcome_are_a_response() -> None:
    """Nothing else is in them, and what strings them together agrees with the protocol's own numbers."""
    clinic = Clinic()
    clinic.enters("lan")
    mai = clinic.enters("mai")
    [welcome] = [message for message in mai.wire.messages if message.kind == "join"]
    plain = rtc.SignalResponse()
    plain.CopyFrom(welcome.response)
    plain.join.other_participants.extend(rtc.SignalResponse.FromString(welcome.encoded).join.other_participants)
    assert plain == rtc.SignalResponse.FromString(welcome.encoded)
    assert Message(plain).people == welcome.people
