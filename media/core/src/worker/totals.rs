//! What the worker itself counts.

use hoichan_router::Message;
use hoichan_wire::path::Via;

/// Totals since start.
#[derive(Debug, Default)]
pub struct Totals {
    pub datagrams_received: u64,
    pub messages_sent: u64,
    pub datagrams_sent: u64,
    pub refused: u64,
    pub fallbacks: u64,
    pub too_late: u64,
    pub tcp_slow: u64,
    pub data_events: u64,
    pub events: u64,
}

impl Totals {
    /// Counts messages that have left over UDP.
    pub fn note(&mut self, sent: &[Message]) {
        let over_udp = sent.iter().filter(|message| message.path.via == Via::Udp);
        for message in over_udp {
            self.messages_sent += 1;
            self.datagrams_sent += u64::from(message.count);
        }
    }

    /// Under their public names.
    pub fn named(&self) -> [(&'static str, u64); 9] {
        [
            ("datagrams_received", self.datagrams_received),
            ("udp_datagrams_sent", self.datagrams_sent),
            ("udp_messages_sent", self.messages_sent),
            ("udp_segmentation_fallbacks", self.fallbacks),
            ("dropped_send_refused", self.refused),
            ("dropped_send_too_late", self.too_late),
            ("dropped_tcp_slow", self.tcp_slow),
            ("dropped_data_events", self.data_events),
            ("dropped_events", self.events),
        ]
    }
}
