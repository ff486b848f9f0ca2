"""Our end of one of a client's peer connections: a transport of the core, and how we describe it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from media.commands import CloseTransport, Command, ConnectTransport, CreateTransport, RestartIce
from media.parameters import DtlsParameters, IceParameters, TransportId
from signalling.client.local_media import LocalMedia
from signalling.client.sdp import LocalTransport, SessionDescription


@dataclass(frozen=True, slots=True)
class Remote:
    """The client's side as the core knows it."""

    ice: IceParameters
    dtls: DtlsParameters


@dataclass(slots=True)
class PeerConnection:
    """`remote` is None until the client has described itself. `version` counts our descriptions (RFC 8829 §5.3.1)."""

    transport: TransportId
    local: LocalTransport
    media: LocalMedia
    remote: Remote | None = None
    version: int = 0

    @classmethod
    def open(cls, media: LocalMedia) -> Self:
        local = LocalTransport(
            session_id=media.session_id(),
            ice=media.ice(),
            fingerprint=media.fingerprint,
            candidates=media.candidates,
        )
        return cls(transport=media.transport_id(), local=local, media=media)

    def create(self) -> Command:
        return CreateTransport(transport=self.transport, ice=self.local.ice)

    def accept_offer(self, offer: SessionDescription) -> list[Command]:
        """Take the client's side from its offer. New credentials in it ask for an ICE restart (RFC 8839 §4.4.3.1)."""
        restarts = self.remote is not None and self.remote.ice.username_fragment != offer.ice.username_fragment
        return [*(self.restart_ice() if restarts else ()), *self.connect(offer)]

    def connect(self, description: SessionDescription) -> list[Command]:
        """Take the client's side from its description, if it says anything new."""
        remote = Remote(description.ice, description.dtls)
        if remote == self.remote:
            return []
        self.remote = remote
        return [ConnectTransport(transport=self.transport, ice=remote.ice, dtls=remote.dtls)]

    def restart_ice(self) -> list[Command]:
        """Draw new credentials; they count for the core at once, for the client from our next description on."""
        self.local = replace(self.local, ice=self.media.ice())
        return [RestartIce(transport=self.transport, ice=self.local.ice)]

    def prefer(self, media: LocalMedia) -> None:
        """Describe ourselves with the candidates of `media` from now on."""
        self.local = replace(self.local, candidates=media.candidates)

    def next_version(self) -> int:
        self.version += 1
        return self.version

    def close(self) -> Command:
        return CloseTransport(transport=self.transport)
