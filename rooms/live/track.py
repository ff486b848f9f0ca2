"""One published track: declared by signalling first, live once the core can receive it."""

from __future__ import annotations

from dataclasses import dataclass, field

from media.parameters import ProducerId, ProducerParameters
from rooms.live.ids import ParticipantSid, SidGenerator, TrackSid
from rooms.live.info import AudioFeature, CodecInfo, TrackInfo, TrackRequest, VideoLayer
from rooms.live.permission import TrackSource

_MARKERS = {
    TrackSource.CAMERA: "C",
    TrackSource.MICROPHONE: "M",
    TrackSource.SCREEN_SHARE: "S",
    TrackSource.SCREEN_SHARE_AUDIO: "s",
}
_STREAMS = {
    TrackSource.CAMERA: "camera",
    TrackSource.MICROPHONE: "camera",
    TrackSource.SCREEN_SHARE: "screen",
    TrackSource.SCREEN_SHARE_AUDIO: "screen",
}
_DEFAULT_MIME_TYPES = {"audio": "audio/opus", "video": "video/VP8"}


@dataclass(frozen=True, slots=True)
class Declared:
    """Announced by its publisher; nothing was negotiated yet, so nobody else knows of it."""


@dataclass(slots=True)
class Live:
    """The core receives it as `producer`. `subscribers` get it now; `wanted_once` stays true after the first.

    `competes` says whether it is forwarded only while it is among the loudest.
    """

    producer: ProducerId
    parameters: ProducerParameters
    subscribers: set[ParticipantSid] = field(default_factory=set)
    wanted_once: bool = False
    competes: bool = False


@dataclass(frozen=True, slots=True)
class Encoding:
    """One codec of a track as the core receives it."""

    producer: ProducerId
    parameters: ProducerParameters


@dataclass(slots=True)
class Backup:
    """A second codec of a track; `encoding` is there once the core can receive it."""

    codec: CodecInfo
    encoding: Encoding | None = None


@dataclass(slots=True)
class Track:
    """Invariant: `version` grows with every change that others can see."""

    sid: TrackSid
    publisher: ParticipantSid
    request: TrackRequest
    muted: bool
    width: int
    height: int
    audio_features: frozenset[AudioFeature]
    media: Declared | Live = field(default_factory=Declared)
    backup: Backup | None = None
    version: int = 1

    @property
    def layers(self) -> tuple[VideoLayer, ...]:
        """As declared, by rising quality: the index is the spatial layer."""
        if self.request.codecs and self.request.codecs[0].layers:
            return self.request.codecs[0].layers
        return self.request.layers

    @property
    def unsent_codec(self) -> str | None:
        """The MIME type of the second codec that its publisher could send, and does not."""
        if self.backup is not None:
            return None if self.backup.encoding else self.backup.codec.mime_type
        return next((codec.mime_type for codec in self.request.codecs[1:]), None)

    def info(self) -> TrackInfo:
        request = self.request
        mime_type, mid = self._described()
        return TrackInfo(
            sid=self.sid,
            kind=request.kind,
            source=request.source,
            name=request.name,
            muted=self.muted,
            width=self.width,
            height=self.height,
            layers=self.layers,
            codecs=self._codecs(mime_type),
            mime_type=mime_type,
            mid=mid,
            simulcast=len(self.layers) > 1,
            disable_dtx=request.disable_dtx,
            stereo=request.stereo,
            disable_red=request.disable_red,
            encryption=request.encryption,
            stream=request.stream or _STREAMS.get(request.source, ""),
            audio_features=self.audio_features,
            backup_codec_policy=request.backup_codec_policy,
            version=self.version,
        )

    def _described(self) -> tuple[str, str]:
        match self.media:
            case Live(parameters=parameters):
                return parameters.codecs[0].mime_type, parameters.mid
            case Declared() if self.request.codecs:
                return self.request.codecs[0].mime_type, ""
            case Declared():
                return _DEFAULT_MIME_TYPES[self.request.kind], ""

    def _codecs(self, mime_type: str) -> tuple[CodecInfo, ...]:
        """Those that are sent: promising a backup would make clients publish it unasked."""
        first = self.request.codecs[0] if self.request.codecs else CodecInfo(mime_type=mime_type, cid=self.request.cid)
        sent = CodecInfo(
            mime_type=mime_type,
            cid=first.cid or self.request.cid,
            layers=self.layers,
            layer_mode=first.layer_mode,
        )
        return (sent,) if self.backup is None else (sent, self.backup.codec)


def declare(sids: SidGenerator, publisher: ParticipantSid, request: TrackRequest) -> Track:
    """A new track, under a sid that tells its kind and source (`TR_VC…` is a camera)."""
    marker = ("A" if request.kind == "audio" else "V") + _MARKERS.get(request.source, "")
    return Track(
        sid=sids.track(marker),
        publisher=publisher,
        request=request,
        muted=request.muted,
        width=request.width,
        height=request.height,
        audio_features=request.audio_features,
    )
