//! What a turn sends: to peers, and to other workers.

use std::time::{Duration, Instant};

use hoichan_wire::path::Via;
use hoichan_wire::rtp::{Kind, classify};

use super::Worker;
use crate::net::poll::{Interest, Source};
use crate::net::tcp::{Class, Sent};

/// A blocked socket's outbox grows no larger.
const OUTBOX_BYTES: usize = 16 << 20;
/// What could not be sent for so long is of no use any more.
pub(super) const OUTBOX_LIFE: Duration = Duration::from_millis(50);

impl Worker {
    /// Sends the outbox; what the UDP socket does not take waits for it to be writable, but not for long.
    pub(super) fn send(&mut self, now: Instant) {
        self.send_over_tcp(now);
        if self.hub.outbox().messages().len() > self.outgoing.for_udp {
            let before = self.outgoing.for_udp;
            let sent = self.udp.send(self.hub.outbox(), before);
            self.totals
                .note(&self.hub.outbox().messages()[before..sent.messages]);
            self.totals.refused.add(&sent.refused);
            self.totals.fallbacks += sent.fallbacks;
            self.outgoing.for_udp = sent.messages;
            self.watch_room(now, sent.is_blocked);
        }
        self.drop_if_late(now);
        if self.outgoing.for_udp == self.hub.outbox().messages().len() {
            self.hub.outbox_mut().clear();
            self.outgoing.for_udp = 0;
            self.outgoing.for_tcp = 0;
        }
    }

    fn send_over_tcp(&mut self, now: Instant) {
        let Some(tcp) = &mut self.tcp else { return };
        let outbox = self.hub.outbox();
        let mut stuck = Vec::new();
        for message in &outbox.messages()[self.outgoing.for_tcp..] {
            let Via::Tcp(number) = message.path.via else {
                continue;
            };
            for datagram in outbox.bytes(message).chunks(message.segment.into()) {
                match tcp.send(number, datagram, class_of(datagram)) {
                    Sent::Queued => {}
                    Sent::Dropped => self.totals.tcp_slow += 1,
                    Sent::Stuck => stuck.push(number),
                }
            }
        }
        self.outgoing.for_tcp = outbox.messages().len();
        stuck.extend(tcp.flush(&self.poll));
        for number in stuck {
            self.lose_connection(now, number);
        }
    }

    /// Asks to be told when the UDP socket has room, exactly while it has none.
    pub(super) fn watch_room(&mut self, now: Instant, is_blocked: bool) {
        if is_blocked == self.outgoing.blocked_since.is_some() {
            return;
        }
        self.outgoing.blocked_since = is_blocked.then_some(now);
        let interest = if is_blocked {
            Interest::ReadWrite
        } else {
            Interest::Read
        };
        self.poll
            .modify(&self.udp, Source::Udp, interest)
            .expect("the socket is watched since the start");
    }

    fn drop_if_late(&mut self, now: Instant) {
        let Some(since) = self.outgoing.blocked_since else {
            return;
        };
        if now >= since + OUTBOX_LIFE || self.hub.outbox().arena().len() > OUTBOX_BYTES {
            let late = &self.hub.outbox().messages()[self.outgoing.for_udp..];
            self.totals.too_late += late.iter().map(|late| u64::from(late.count)).sum::<u64>();
            self.outgoing.for_udp = self.hub.outbox().messages().len();
            self.watch_room(now, false);
        }
    }

    /// Sends other workers what this turn has brought for them. Who has not opened the last parcels gets it later, with
    /// what comes until then.
    pub(super) fn post(&mut self) {
        self.mail_waits = false;
        for (to, parcel) in self.hub.mail() {
            self.mail_waits |= !self.exchange.send(to, parcel);
        }
        self.mail_waits |= self.hub.has_more_mail();
    }
}

fn class_of(datagram: &[u8]) -> Class {
    match classify(datagram) {
        Kind::Rtp | Kind::Rtcp => Class::Media,
        Kind::Stun | Kind::Dtls | Kind::Unknown => Class::Control,
    }
}
