"""SDP to ORTC parameters and back: pure functions, no I/O.

The grammar is our own. PyPI's `sdp-transform` 1.1.0 returns untyped dictionaries, every value of which would need
the checks that are made here; what it would save is a line grammar of forty lines.
"""

from signalling.client.sdp.codecs import CODECS, RtpCodecCapability
from signalling.client.sdp.description import (
    Direction,
    MediaSection,
    Msid,
    RtcpFeedback,
    SdpError,
    SectionKind,
    SessionDescription,
    Setup,
    SsrcGroup,
)
from signalling.client.sdp.parameters import consumer_parameters, producer_parameters
from signalling.client.sdp.parsing import parse
from signalling.client.sdp.plan import (
    DataChannel,
    Inactive,
    LocalTransport,
    OfferedSection,
    Receive,
    Rejected,
    SectionAnswer,
    Send,
    SendTrack,
)
from signalling.client.sdp.writing import write_answer, write_offer

__all__ = [
    "CODECS",
    "DataChannel",
    "Direction",
    "Inactive",
    "LocalTransport",
    "MediaSection",
    "Msid",
    "OfferedSection",
    "Receive",
    "Rejected",
    "RtcpFeedback",
    "RtpCodecCapability",
    "SdpError",
    "SectionAnswer",
    "SectionKind",
    "Send",
    "SendTrack",
    "SessionDescription",
    "Setup",
    "SsrcGroup",
    "consumer_parameters",
    "parse",
    "producer_parameters",
    "write_answer",
    "write_offer",
]
