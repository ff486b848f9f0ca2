"""The publisher peer connection of a client that has two: the client offers, we answer."""

from __future__ import annotations

from dataclasses import dataclass

from livekit.protocol import rtc

from signalling.client.message import Message
from signalling.client.negotiation.peer_connection import PeerConnection
from signalling.client.negotiation.receiving import Receiving
from signalling.client.sdp import parse, write_answer
from signalling.client.session_effects import AskCore, Send, SessionEffect


@dataclass(slots=True)
class Publisher:
    pc: PeerConnection
    receiving: Receiving

    def offered(self, message: rtc.SessionDescription) -> list[SessionEffect]:
        """Answer an offer, under its own number. Raises `SdpError`."""
        offer = parse(message.sdp)
        effects: list[SessionEffect] = [AskCore(command) for command in self.pc.accept_offer(offer)]
        plan, unpublished = self.receiving.accept(offer)
        answer = write_answer(offer, self.pc.local, plan, version=self.pc.next_version())
        described = rtc.SessionDescription(type="answer", sdp=answer, id=message.id)
        effects += unpublished
        effects.append(Send(Message(rtc.SignalResponse(answer=described))))
        return effects + self.receiving.answered(offer, plan)
