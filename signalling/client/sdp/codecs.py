"""The codecs we carry, and when two descriptions of a codec mean the same one."""

from __future__ import annotations

from dataclasses import dataclass

from media.parameters import RtpCodecParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpCodecCapability:
    """A codec we can forward (W3C RTCRtpCodec). `payload_type` and `rtx_payload_type` are used in our own offers.

    `parameters` are the fmtp pairs that tell it from its siblings, `feedback` the RTCP messages we understand for it.
    """

    mime_type: str
    clock_rate: int
    payload_type: int
    rtx_payload_type: int | None = None
    channels: int = 1
    parameters: tuple[tuple[str, str], ...] = ()
    feedback: tuple[str, ...] = ()

    def as_parameters(self) -> RtpCodecParameters:
        """The codec as we would offer it."""
        return RtpCodecParameters(
            mime_type=self.mime_type,
            payload_type=self.payload_type,
            clock_rate=self.clock_rate,
            channels=self.channels,
            rtx_payload_type=self.rtx_payload_type,
            parameters=self.parameters,
        )


def negotiate(
    offered: tuple[RtpCodecParameters, ...],
    accepted: tuple[RtpCodecCapability, ...],
    preferred_mime_type: str | None = None,
) -> tuple[RtpCodecParameters, ...]:
    """What both sides can do, as `offered` words it: the preferred codec first, else in the offered order.

    Redundancy is left out if it is of something else than one of the others.
    """
    known = {identity(capability) for capability in accepted}
    common = [codec for codec in offered if identity(codec) in known]
    plain = {codec.payload_type for codec in common if not is_red(codec)}
    common = [codec for codec in common if not is_red(codec) or repeated_type(codec) in plain]
    preferred = (preferred_mime_type or "").lower()
    return tuple(sorted(common, key=lambda codec: codec.mime_type.lower() != preferred))


def is_red(codec: RtpCodecParameters | RtpCodecCapability) -> bool:
    """Whether it repeats packets of another codec rather than being one (RFC 2198)."""
    return codec.mime_type.lower() == "audio/red"


def repeated_type(red: RtpCodecParameters) -> int | None:
    """The payload type of what `red` carries: its fmtp line lists it once for each block, as `111/111`."""
    listed = {text for value, _ in red.parameters[:1] for text in value.split("/")}
    match tuple(listed):
        case (text,) if text.isdecimal():
            return int(text)
        case _:
            return None


def identity(codec: RtpCodecParameters | RtpCodecCapability) -> tuple[str, ...]:
    """Equal for two descriptions of one codec, whatever their payload types and levels.

    H264 is told apart by profile and packetization mode (RFC 6184 §8.2.2), VP9 and AV1 by profile.
    """
    name = codec.mime_type.lower()
    parameters = {key.lower(): value for key, value in codec.parameters}
    variant: tuple[str, ...]
    match name:
        case "video/h264":
            variant = (
                _h264_profile(parameters.get("profile-level-id", _H264_DEFAULT_PROFILE)),
                parameters.get("packetization-mode", "0"),
            )
        case "video/vp9":
            variant = (parameters.get("profile-id", "0"),)
        case "video/av1":
            variant = (parameters.get("profile", "0"),)
        case _:
            variant = ()
    return (name, str(codec.clock_rate), str(codec.channels), *variant)


_H264_DEFAULT_PROFILE = "420010"  # RFC 6184 §8.1: Baseline where nothing is said.
_H264_PROFILES = (
    (0x42, 0x4F, 0x40, "constrained-baseline"),
    (0x4D, 0x8F, 0x80, "constrained-baseline"),
    (0x58, 0xCF, 0xC0, "constrained-baseline"),
    (0x42, 0x4F, 0x00, "baseline"),
    (0x58, 0xCF, 0x80, "baseline"),
    (0x4D, 0xAF, 0x00, "main"),
)
"""profile_idc, mask and value of profile-iop, name (RFC 6184 §8.1, table 5; only those that we accept)."""


def _h264_profile(profile_level_id: str) -> str:
    try:
        profile_idc, profile_iop, _level = bytes.fromhex(profile_level_id)
    except ValueError:
        return profile_level_id
    for idc, mask, value, name in _H264_PROFILES:
        if profile_idc == idc and profile_iop & mask == value:
            return name
    return profile_level_id


_VIDEO_FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


def _video(name: str, payload_type: int, *parameters: tuple[str, str]) -> RtpCodecCapability:
    return RtpCodecCapability(
        mime_type=f"video/{name}",
        clock_rate=90_000,
        payload_type=payload_type,
        rtx_payload_type=payload_type + 1,
        parameters=parameters,
        feedback=_VIDEO_FEEDBACK,
    )


def _h264(profile_level_id: str, payload_type: int) -> RtpCodecCapability:
    return _video(
        "H264",
        payload_type,
        ("level-asymmetry-allowed", "1"),
        ("packetization-mode", "1"),
        ("profile-level-id", profile_level_id),
    )


CODECS: tuple[RtpCodecCapability, ...] = (
    RtpCodecCapability(
        mime_type="audio/opus",
        clock_rate=48_000,
        payload_type=111,
        channels=2,
        parameters=(("minptime", "10"), ("useinbandfec", "1")),
        feedback=("transport-cc",),
    ),
    RtpCodecCapability(
        mime_type="audio/red",
        clock_rate=48_000,
        payload_type=63,
        channels=2,
        parameters=(("111/111", ""),),
    ),
    _video("VP8", 96),
    _h264("42e01f", 98),
    _h264("42001f", 100),
    _h264("4d001f", 102),
    _video("VP9", 104, ("profile-id", "0")),
    _video("AV1", 106),
)
"""In the order of our offers. No H264 High: signalling of it differs between browsers."""
