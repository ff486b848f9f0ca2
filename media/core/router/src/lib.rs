//! Forwarding as a value: producers, consumers and the fan-out between them.
//!
//! SRTP goes in, SRTP comes out; between them lies one plaintext ring per published layer, which is also the
//! retransmission store of everyone who gets the layer. Nothing here reads a clock, owns a socket, logs, or
//! allocates per packet once warm.
//!
//! | module | holds |
//! | --- | --- |
//! | [`Router`] | everything of one worker; the calls |
//! | `endpoint` | one transport: keys, path, SSRC table, arrival register |
//! | `producer` | one received track: layers, rings, loss, key-frame requests |
//! | `consumer` | one sent track: numbering, headers, retransmission budget |
//! | `relay` | tracks whose publisher lives on another worker than their subscribers |
//! | `allocation` | what a link carries, shared among videos |
//! | `ring`, `outbox`, `runs` | where packets lie, before and after |
//! | `codec`, `layers`, `extensions`, `audio` | what is looked at in a packet, once |

mod allocation;
mod audio;
mod codec;
mod consumer;
mod counters;
mod endpoint;
mod event;
mod extensions;
mod layers;
mod moment;
mod outbox;
mod parameters;
mod producer;
mod random;
mod relay;
mod ring;
mod router;
mod runs;

pub use event::{DropReason, Event, Received, TransportStats};
pub use outbox::{MAX_MESSAGE_LEN, MAX_SEGMENTS, Message, Outbox};
pub use parameters::{
    ConsumerId, ConsumerParameters, EndpointId, Error, MediaKind, PayloadTypeMapping, ProducerId,
    ProducerParameters, RedParameters, RtpCodecParameters, RtpEncodingParameters,
    RtpHeaderExtensionParameters, SpeakerGroup, SpeakerGroupId, Wish,
};
pub use relay::{Post, RouterIndex};
pub use router::Router;
