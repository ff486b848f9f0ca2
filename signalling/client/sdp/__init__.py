"""SDP to ORTC parameters and back: pure functions, no I/O.

The grammar is our own. PyPI's `sdp-transform` was last released in 2020, returns untyped dictionaries that would
need the same checks again, and has no bounds; the line grammar it would replace is some forty lines.
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
