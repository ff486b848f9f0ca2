//! Forwarding as a value: producers, consumers and the fan-out between them.
//!
//! SRTP goes in, SRTP comes out; between them lies one plaintext ring per published layer. Nothing here
//! reads a clock, owns a socket, or allocates per packet once warm.
//!
//! The keys of an endpoint arrive by `Router::set_keys(id, hoichan_srtp::Inbound, hoichan_srtp::Outbound)`.

mod event;
mod outbox;
mod parameters;
mod router;

pub use event::{DropReason, Event, Received, TransportStats};
pub use outbox::{MAX_MESSAGE_LEN, MAX_SEGMENTS, Message, Outbox};
pub use parameters::{
    ConsumerId, ConsumerParameters, EndpointId, Error, MediaKind, PayloadTypeMapping, ProducerId,
    ProducerParameters, RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters,
    Wish,
};
pub use router::Router;
