"""What we say we are. Clients change their behaviour by these numbers (each reason is a measured one)."""

from __future__ import annotations

from typing import Final

from livekit.protocol import models

from signalling.client.sdp import CODECS

VERSION: Final = "1.13.5"
"""The LiveKit server whose behaviour clients are to expect. From 1.13.7 on, livekit-client publishes VP9 and AV1 as
simulcast; below 1.8.3 it disables RPC and sends chat twice."""

PROTOCOL: Final = 17
"""18 would make native clients open no data channels in-band."""

PING_INTERVAL_SECONDS: Final = 5
PING_TIMEOUT_SECONDS: Final = 15
"""Neither may be 0: native clients abort on it."""


def server_info(node: str) -> models.ServerInfo:
    return models.ServerInfo(
        edition=models.ServerInfo.Edition.Standard, version=VERSION, protocol=PROTOCOL, node_id=node
    )


def enabled_publish_codecs() -> list[models.Codec]:
    """Each once, video first: Flutter 2.4.2 takes the first one for video."""
    mime_types = dict.fromkeys(codec.mime_type for codec in CODECS)
    return [
        models.Codec(mime=mime_type) for mime_type in sorted(mime_types, key=lambda name: name.startswith("audio/"))
    ]
