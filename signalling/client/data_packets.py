"""LiveKit's DataPacket: what of it decides where it goes, and the sender's name on it."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from livekit.protocol import models

from rooms.live.data_subject import DataSubject
from rooms.live.effects import DeliverData
from rooms.live.events import DataSent
from rooms.live.ids import Identity, ParticipantSid

_SUBJECTS = {"transcription": DataSubject.TRANSCRIPTION, "metrics": DataSubject.METRICS}
_FROM_SERVERS_ONLY = frozenset({"speaker"})


def read(participant: ParticipantSid, payload: bytes, *, reliable: bool) -> DataSent | None:
    """A client's message; None if it is none, or of a kind that only servers send."""
    try:
        packet = models.DataPacket.FromString(payload)
    except DecodeError:
        return None
    value = packet.WhichOneof("value")
    if value is None or value in _FROM_SERVERS_ONLY:
        return None
    user = packet.user if value == "user" else models.UserPacket()
    identities = packet.destination_identities or user.destination_identities
    return DataSent(
        participant=participant,
        reliable=reliable,
        sequence=packet.sequence,
        subject=_SUBJECTS.get(value, DataSubject.ORDINARY),
        to_identities=frozenset(Identity(identity) for identity in identities),
        to_participants=frozenset(ParticipantSid(sid) for sid in user.destination_sids),
        payload=payload,
    )


def write(delivery: DeliverData) -> bytes:
    """The message under the sender's true name, whatever its client wrote. The sender's `sequence` stays."""
    packet = models.DataPacket.FromString(delivery.payload)
    packet.kind = models.DataPacket.Kind.RELIABLE if delivery.reliable else models.DataPacket.Kind.LOSSY
    packet.participant_identity = delivery.sender_identity
    packet.participant_sid = delivery.sender
    if packet.WhichOneof("value") == "user":
        # Clients older than protocol 12 look here.
        packet.user.participant_identity = delivery.sender_identity
        packet.user.participant_sid = delivery.sender
    return packet.SerializeToString()
