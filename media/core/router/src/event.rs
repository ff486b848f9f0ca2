//! What the router has to tell: changes, never packets.

use crate::parameters::{ConsumerId, EndpointId, ProducerId};
use std::time::Duration;

/// Something the control plane should know. The rate follows changes (and seconds), not packets.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first authenticated RTP packet of one layer.
    ProducerStarted {
        /// Whose layer it is.
        producer: ProducerId,
        /// Index into the producer's encodings.
        spatial_layer: u8,
    },
    /// Who was audible in the last 400 ms, loudest first, 0.0 to 1.0. Empty once when all fell silent.
    AudioLevels(Vec<(ProducerId, f32)>),
    /// The layer now forwarded, or `None` when nothing is.
    ConsumerLayerChanged {
        /// To which subscription.
        consumer: ConsumerId,
        /// Index into the producer's encodings.
        spatial_layer: Option<u8>,
    },
    /// The subscriber's link does not carry even the least of this video, or carries it again. Told of changes only;
    /// a consumer begins as not paused. What the subscriber or the publisher has paused itself is not told.
    ConsumerStreamState {
        /// To whom.
        endpoint: EndpointId,
        /// To which subscription.
        consumer: ConsumerId,
        /// Whether it is held back for want of bit rate.
        paused: bool,
    },
    /// Every 5 s for each endpoint that has keys.
    TransportStats(TransportStats),
}

/// How the media of one endpoint fared in the last 5 s, and totals since it was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransportStats {
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// Share of the packets the peer sent that never arrived, 0.0 to 1.0.
    pub uplink_loss: f64,
    /// Share of the packets we sent that the peer reports lost, 0.0 to 1.0.
    pub downlink_loss: f64,
    /// From the peer's latest report; `None` before the first.
    pub round_trip_time: Option<Duration>,
    /// The largest interarrival jitter among the streams received. (RFC 3550 §6.4.1)
    pub jitter: Duration,
    /// Datagrams' bytes, as encrypted, without IP and UDP.
    pub bytes_received: u64,
    /// See `bytes_received`.
    pub bytes_sent: u64,
    /// RTP and RTCP.
    pub packets_received: u64,
    /// RTP and RTCP.
    pub packets_sent: u64,
    /// What the link towards the peer is estimated to carry, in bit/s; `None` while the peer gives no feedback.
    pub available_outgoing_bitrate: Option<u64>,
    /// What all that the peer wishes for would take, in bit/s, as far as publishers send it.
    pub desired_outgoing_bitrate: u64,
    /// What it has been given of that.
    pub allocated_outgoing_bitrate: u64,
}

/// What became of one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The peer's keys made it, and it was not a replay: a sign of life.
    Authenticated,
    /// Nothing came of it; the counter of this reason was raised.
    Dropped(DropReason),
}

/// Why a datagram was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// No such endpoint, or it has no keys yet.
    NoKeys,
    /// Not a readable RTP or RTCP packet.
    Malformed,
    /// The authentication tag is wrong.
    BadTag,
    /// Seen before, or too old to tell.
    Replayed,
}
