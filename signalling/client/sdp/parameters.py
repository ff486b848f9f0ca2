"""m-sections to the ORTC dictionaries that the media core takes."""

from __future__ import annotations

from media.parameters import ConsumerParameters, ProducerParameters
from signalling.client.sdp.description import MediaSection
from signalling.client.sdp.plan import Receive, SendTrack


def producer_parameters(section: MediaSection, receive: Receive) -> ProducerParameters:
    """What the core must know to receive `section` after we answered it with `receive`.

    Raises `SdpError` if the peer does not send on it, or offers no codec of ours.
    """
    raise NotImplementedError


def consumer_parameters(
    section: MediaSection, track: SendTrack, producer: ProducerParameters
) -> ConsumerParameters:
    """What the core must know to send `producer` to the peer that wrote `section`.

    `section` is the peer's: its answer to our offer (two peer connections) or its offer (one). Raises `SdpError` if
    the peer does not receive on it, or takes none of the producer's codecs.
    """
    raise NotImplementedError
