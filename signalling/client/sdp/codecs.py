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


VIDEO_FEEDBACK = ("transport-cc", "ccm fir", "nack", "nack pli")


def _video(name: str, payload_type: int, *parameters: tuple[str, str]) -> RtpCodecCapability:
    return RtpCodecCapability(
        mime_type=f"video/{name}",
        clock_rate=90_000,
        payload_type=payload_type,
        rtx_payload_type=payload_type + 1,
        parameters=parameters,
        feedback=VIDEO_FEEDBACK,
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
        feedback=("nack",),
    ),
    _video("VP8", 96),
    _h264("42e01f", 98),
    _h264("42001f", 100),
    _h264("4d001f", 102),
    _video("VP9", 104, ("profile-id", "0")),
    _video("AV1", 106),
)
"""In the order of our offers. No H264 High (signalling of it differs between browsers), no RED."""
