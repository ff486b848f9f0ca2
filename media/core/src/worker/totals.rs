//! What the worker itself counts.

use hoichan_router::Message;
use hoichan_wire::path::Via;

use crate::net::refusals::Refusals;
use crate::statistics::RunLengths;

/// Totals since start.
#[derive(Debug, Default)]
pub struct Totals {
    pub datagrams_received: u64,
    pub messages_sent: u64,
    pub datagrams_sent: u64,
    pub bytes_sent: u64,
    pub refused: Refusals,
    pub fallbacks: u64,
    pub too_late: u64,
    pub tcp_slow: u64,
    pub data_events: u64,
    pub events: u64,
    pub turns: u64,
    pub restarts: u64,
    pub run_lengths: RunLengths,
}

impl Totals {
    /// Counts messages that have left over UDP.
    pub fn note(&mut self, sent: &[Message]) {
        let over_udp = sent.iter().filter(|message| message.path.via == Via::Udp);
        for message in over_udp {
            self.messages_sent += 1;
            self.run_lengths.note(message.count);
            self.datagrams_sent += u64::from(message.count);
            self.bytes_sent += message.len as u64;
        }
    }

    /// Under their public names.
    pub fn named(&self) -> [(&'static str, u64); 14] {
        [
            ("datagrams_received", self.datagrams_received),
            ("udp_datagrams_sent", self.datagrams_sent),
            ("udp_bytes_sent", self.bytes_sent),
            ("udp_messages_sent", self.messages_sent),
            ("udp_segmentation_fallbacks", self.fallbacks),
            ("dropped_send_no_buffers", self.refused.no_buffers),
            ("dropped_send_not_permitted", self.refused.not_permitted),
            ("dropped_send_too_large", self.refused.too_large),
            ("dropped_send_unreachable", self.refused.unreachable),
            ("dropped_send_refused", self.refused.other),
            ("dropped_send_too_late", self.too_late),
            ("dropped_tcp_slow", self.tcp_slow),
            ("dropped_data_events", self.data_events),
            ("dropped_events", self.events),
        ]
    }
}
