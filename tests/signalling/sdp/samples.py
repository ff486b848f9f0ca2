"""Our side of a peer connection, a track, and the recorded descriptions of real clients."""

from __future__ import annotations

from pathlib import Path

from media.parameters import DtlsFingerprint, IceCandidate, IceParameters
from signalling.client.sdp import LocalTransport, SendTrack

OFFERS = Path(__file__).parent / "offers"
RECORDED = sorted(path.stem for path in OFFERS.glob("*.sdp"))

LOCAL = LocalTransport(
    session_id=4_711,
    ice=IceParameters(username_fragment="Hoic", password="han0123456789abcdefghi"),
    fingerprint=DtlsFingerprint(algorithm="sha-256", value=":".join(["5A"] * 32)),
    candidates=(
        IceCandidate(foundation="1", priority=2_130_706_431, ip="127.0.0.1", port=7882, protocol="udp"),
        IceCandidate(foundation="2", priority=1_694_498_815, ip="127.0.0.1", port=7881, protocol="tcp"),
    ),
)

CAMERA = SendTrack(
    stream_id="PA_lan|TR_VCcamera",
    track_id="TR_VCcamera",
    cname="PA_lan",
    ssrc=0x1111_1111,
    rtx_ssrc=0x2222_2222,
    mime_type="video/VP8",
)
MICROPHONE = SendTrack(
    stream_id="PA_lan|TR_AMmicro",
    track_id="TR_AMmicro",
    cname="PA_lan",
    ssrc=0x3333_3333,
    rtx_ssrc=None,
    mime_type="audio/opus",
)


def recorded(name: str) -> str:
    """The description as the client sent it, line ends included."""
    return (OFFERS / f"{name}.sdp").read_bytes().decode()


def section_lines(description: str, mid: str) -> list[str]:
    """The lines of the m-section called `mid`, from its m= line on."""
    for block in description.split("\r\nm=")[1:]:
        lines = ("m=" + block).strip().split("\r\n")
        if f"a=mid:{mid}" in lines:
            return lines
    raise AssertionError(f"no section {mid} in:\n{description}")
