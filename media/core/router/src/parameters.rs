//! ORTC dictionaries as the router takes them: `media/parameters.py`, in Rust.
//!
//! They come from our own control plane, which has parsed and checked the peer's description. What would
//! still break an invariant here is refused with an [`Error`], never a panic.

use std::fmt;

/// One peer transport: a slab index that the driver chooses and may use again after `remove_endpoint`.
pub type EndpointId = u32;

/// One received track, as numbered by the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProducerId(pub u64);

/// One sent track, as numbered by the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsumerId(pub u64);

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Every packet stands for itself.
    Audio,
    /// Packets form frames, and a new receiver needs a key frame first.
    Video,
}

/// One set of producers that compete for being forwarded, as numbered by the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpeakerGroupId(pub u64);

/// A set of producers of which only the loudest are forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeakerGroup {
    /// Which set.
    pub id: SpeakerGroupId,
    /// How many at a time, 1 to 256.
    pub loudest: u16,
}

/// One codec as negotiated in one m-section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpCodecParameters {
    /// For example "video/VP8" or "audio/opus"; compared without regard to case.
    pub mime_type: String,
    /// 0 to 127.
    pub payload_type: u8,
    /// Ticks of the RTP timestamp per second.
    pub clock_rate: u32,
    /// The payload type of its retransmissions. (RFC 4588 §8)
    pub rtx_payload_type: Option<u8>,
}

/// One negotiated header extension. (RFC 8285 §5)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpHeaderExtensionParameters {
    /// As in the extmap attribute.
    pub uri: String,
    /// 1 to 255; above 14 only in two-byte blocks.
    pub id: u8,
}

/// One layer as sent by a publisher: found by `rid`, or by `ssrc`, or (neither) by MID alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RtpEncodingParameters {
    /// The restriction identifier. (RFC 8851)
    pub rid: Option<String>,
    /// The declared media SSRC.
    pub ssrc: Option<u32>,
    /// The declared SSRC of its retransmissions.
    pub rtx_ssrc: Option<u32>,
}

/// What must be known to receive one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerParameters {
    /// Audio or video.
    pub kind: MediaKind,
    /// The media identification of its m-section. (RFC 8843 §15)
    pub mid: String,
    /// All that the publisher may send.
    pub codecs: Vec<RtpCodecParameters>,
    /// All that the publisher may write into a header.
    pub header_extensions: Vec<RtpHeaderExtensionParameters>,
    /// By rising quality: the index is the spatial layer everywhere else. Never empty.
    pub encodings: Vec<RtpEncodingParameters>,
}

/// How one payload type of the producer is called towards one consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadTypeMapping {
    /// As received.
    pub producer: u8,
    /// As sent.
    pub consumer: u8,
    /// As sent in retransmissions; without it nothing is retransmitted.
    pub consumer_rtx: Option<u8>,
}

/// How Opus is sent with redundancy. (RFC 2198)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedParameters {
    /// The payload type of packets that repeat others; those that repeat none keep that of Opus.
    pub payload_type: u8,
    /// How many earlier packets each one repeats, 0 to 2; `None` for as many as the publisher did.
    pub distance: Option<u8>,
}

/// What must be known to send one track to one subscriber. SSRCs are unique within the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerParameters {
    /// The media identification of its m-section.
    pub mid: String,
    /// Under which the packets are sent.
    pub ssrc: u32,
    /// Under which retransmissions are sent.
    pub rtx_ssrc: Option<u32>,
    /// The publisher's canonical name, which ties its audio and video together. (RFC 3550 §6.5.1)
    pub cname: String,
    /// Packets of a payload type that is not listed are not sent.
    pub payload_types: Vec<PayloadTypeMapping>,
    /// For Opus, if the subscriber takes redundancy. What the publisher sends as RED is no payload type of the list
    /// above: it is taken apart on arrival.
    pub red: Option<RedParameters>,
    /// Extensions of the producer are copied if their URI is listed here; MID, abs-send-time and the
    /// transport-wide sequence number are written anew.
    pub header_extensions: Vec<RtpHeaderExtensionParameters>,
}

/// What one subscriber wants of one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Nothing at all, for now.
    pub paused: bool,
    /// At most this index into the producer's encodings; a larger one means the best there is.
    pub spatial_layer: u8,
    /// At most this temporal layer of it; a larger one means every frame there is.
    pub temporal_layer: u8,
    /// Who is served first when the link is too thin for everybody's wishes: the higher number. Audio needs none.
    pub priority: u8,
}

impl Default for Wish {
    /// The best there is, before nobody.
    fn default() -> Self {
        Wish {
            paused: false,
            spatial_layer: u8::MAX,
            temporal_layer: u8::MAX,
            priority: 0,
        }
    }
}

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// No such endpoint.
    UnknownEndpoint,
    /// No such producer.
    UnknownProducer,
    /// No such consumer.
    UnknownConsumer,
    /// A consumer of this id exists; consumers are changed or removed, not replaced.
    DuplicateConsumer,
    /// Another stream of the same endpoint is sent or received under this SSRC.
    DuplicateSsrc,
    /// No encodings or no codecs, an id or a payload type out of range, or a text too long.
    Malformed,
    /// A bound on tracks, layers or SSRCs is reached.
    TooMany,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::UnknownEndpoint => "unknown-transport",
            Error::UnknownProducer => "unknown-producer",
            Error::UnknownConsumer => "unknown-consumer",
            Error::DuplicateConsumer => "duplicate-consumer",
            Error::DuplicateSsrc => "duplicate-ssrc",
            Error::Malformed => "malformed-parameters",
            Error::TooMany => "too-many",
        })
    }
}

impl std::error::Error for Error {}
