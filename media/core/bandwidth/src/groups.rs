//! Packets that left together, seen as one measurement of the way.

use crate::history::SentPacket;

/// Packets sent within this time form one group, in µs. (draft-ietf-rmcat-gcc-02 §5.1, burst_time)
const BURST: u64 = 5_000;

/// Packets that arrive within [`BURST`] of each other, faster than they were sent, were released together by
/// something on the way (Wi-Fi, a handover); so long may such a group become, in µs. (libwebrtc's bound)
const MAX_RELEASE: u64 = 100_000;

/// A time of arrival that differs from the expected one by more comes from another clock, in µs.
const CLOCK_STEP: i64 = 3_000_000;

/// How one group fared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Passage {
    /// When the first packet arrived, in µs of the receiver's clock.
    pub(crate) arrival: i64,
    /// How long the least delayed packet took, in µs, plus the unknown difference of the clocks.
    pub(crate) delay: i64,
    /// How much of that is our own doing: the wait behind what we had sent before, if the link is as believed. In µs.
    pub(crate) expected_wait: i64,
    /// The group as a train; `None` if its packets did not leave together.
    pub(crate) train: Option<Train>,
}

/// Packets that left together: how long they are in coming in is how fast the way is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Train {
    /// When the last packet arrived, in µs of the receiver's clock.
    pub(crate) arrival: i64,
    /// All but the first, whose own time on the way is not seen.
    pub(crate) packets: u32,
    pub(crate) bits: f64,
    /// From the first to the last, in µs.
    pub(crate) span: i64,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: u64,
    first_arrival: i64,
    last_arrival: i64,
    last_sent: u64,
    delay: i64,
    expected_wait: i64,
    /// Of all packets but the first.
    packets_after_first: u32,
    bytes_after_first: u64,
}

/// Gathers packets into groups.
///
/// The delay of a group is that of its quickest packet. We forward whole frames at once, so the last packet of a
/// group tells how long the frame takes to cross the link; the first tells what was queued before it, which is what
/// the estimator wants to know. (GCC takes the last one, for senders that pace.)
#[derive(Debug, Default)]
pub(crate) struct Groups {
    current: Option<Group>,
}

impl Groups {
    /// Takes a packet in the order of departure. Returns the group before it, if it begins another one.
    pub(crate) fn push(&mut self, packet: &SentPacket, arrival: i64) -> Option<Passage> {
        let sent = packet.sent;
        let delay = arrival - sent as i64;
        let fresh = Group {
            first_sent: sent,
            first_arrival: arrival,
            last_arrival: arrival,
            last_sent: sent,
            delay,
            expected_wait: i64::from(packet.expected_wait) * 100,
            packets_after_first: 0,
            bytes_after_first: 0,
        };
        let Some(group) = &mut self.current else {
            self.current = Some(fresh);
            return None;
        };
        if (delay - group.delay).abs() > CLOCK_STEP {
            self.current = Some(fresh);
            return None;
        }
        if sent < group.first_sent {
            return None; // Overtaken, and told too late.
        }
        if group.takes(sent, arrival) {
            group.last_sent = group.last_sent.max(sent);
            group.first_arrival = group.first_arrival.min(arrival);
            group.last_arrival = group.last_arrival.max(arrival);
            group.delay = group.delay.min(delay);
            group.packets_after_first += 1;
            group.bytes_after_first += u64::from(packet.bytes);
            return None;
        }
        let done = Passage {
            arrival: group.first_arrival,
            delay: group.delay,
            expected_wait: group.expected_wait,
            train: group.train(),
        };
        self.current = Some(fresh);
        Some(done)
    }

    /// How fast the present group is coming in, in bit/s, if it has been coming in for at least `span` µs.
    pub(crate) fn trickle(&self, span: i64) -> Option<f64> {
        let train = self.current.as_ref()?.train()?;
        (train.span >= span).then(|| train.bits * 1e6 / train.span as f64)
    }
}

impl Group {
    fn train(&self) -> Option<Train> {
        let sent_together = self.last_sent - self.first_sent <= BURST;
        sent_together.then(|| Train {
            arrival: self.last_arrival,
            packets: self.packets_after_first,
            bits: self.bytes_after_first as f64 * 8.0,
            span: self.last_arrival - self.first_arrival,
        })
    }

    fn takes(&self, sent: u64, arrival: i64) -> bool {
        let sent_together = sent - self.first_sent <= BURST;
        let gap = arrival - self.last_arrival;
        let is_released = gap <= BURST as i64
            && gap < sent.saturating_sub(self.last_sent) as i64
            && arrival - self.first_arrival < MAX_RELEASE as i64;
        sent_together || is_released
    }
}
