//! Totals since start, under W3C webrtc-stats names (in snake_case) where one exists.

use crate::event::DropReason;

/// Declares the counters once: field, name and meaning.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Totals since start.
        #[derive(Clone, Copy, Debug, Default)]
        pub(crate) struct Counters {
            $($(#[$doc])* pub(crate) $name: u64,)+
        }

        impl Counters {
            /// Names and values.
            pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
                [$((stringify!($name), self.$name)),+].into_iter()
            }
        }
    };
}

counters! {
    /// RTP and RTCP datagrams that were authentic.
    packets_received,
    /// Their bytes.
    bytes_received,
    /// RTP packets put into the outbox for subscribers, retransmissions left out.
    packets_sent,
    /// Packets of nothing but padding, sent to find out what links carry.
    padding_packets_sent,
    /// Packets sent again on request.
    retransmitted_packets_sent,
    /// Repaired packets that came in.
    retransmitted_packets_received,
    /// Lost audio packets that came back in later ones.
    recovered_packets,
    /// Packets handed to routers of other workers, each time.
    packets_relayed,
    /// NACK packets received.
    nack_count,
    /// NACK packets sent to publishers.
    nacks_sent,
    /// PLI packets received.
    pli_count,
    /// FIR requests received.
    fir_count,
    /// Key frames asked of publishers.
    key_frames_requested,
    /// Layer switches, first ones included.
    layer_switches,
    /// Videos held back because a subscriber's link does not carry even their least layer.
    streams_paused,
    /// Datagrams to endpoints without keys.
    dropped_no_keys,
    /// Datagrams that are no readable RTP or RTCP, before or after decryption.
    dropped_malformed,
    /// Authentic RTP of an SSRC that belongs to no producer.
    dropped_unknown_ssrc,
    /// Authentic RTP of a payload type that was not negotiated.
    dropped_unknown_payload_type,
    /// Datagrams whose tag is wrong.
    dropped_bad_tag,
    /// Datagrams seen before.
    dropped_replayed,
    /// Authentic packets the ring holds already, or that are older than all it holds.
    dropped_duplicate,
    /// Requests to send again what may not be, or is not there.
    dropped_nack,
    /// Packets not handed to a router of another worker, which was slow for too long.
    dropped_relay_slow,
    /// Packets of other workers that nothing here wishes for any more.
    dropped_relay_stale,
    /// Feedback about an SSRC that is not sent to that peer.
    dropped_foreign_feedback,
}

impl Counters {
    /// The counter of datagrams dropped for this reason.
    pub(crate) fn of(&mut self, reason: DropReason) -> &mut u64 {
        match reason {
            DropReason::NoKeys => &mut self.dropped_no_keys,
            DropReason::Malformed => &mut self.dropped_malformed,
            DropReason::BadTag => &mut self.dropped_bad_tag,
            DropReason::Replayed => &mut self.dropped_replayed,
        }
    }
}
