//! What was sent when: the register that feedback is matched with.

use hoichan_wire::rtcp::TransportFeedback;
use hoichan_wire::seq;

/// Places at first; 4 KiB, enough for voice.
const FIRST_CAPACITY: usize = 256;

/// Places at most: 10 Mb/s over a second of round trip and feedback, in packets of 1200 bytes, several times.
const MAX_CAPACITY: usize = 8192;

/// Wide numbers begin here, so that early feedback about nothing we sent has room below.
const FIRST_CYCLE: u64 = 1 << 16;

/// One packet that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentPacket {
    /// Time of departure, in µs.
    pub(crate) sent: u64,
    pub(crate) bytes: u16,
    /// How long it was expected to wait behind what we had sent before, in 100 µs.
    pub(crate) expected_wait: u16,
    /// The probe cluster it belongs to, 0 for none.
    pub(crate) cluster: u8,
    fate: Fate,
}

/// What feedback has said about a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Nothing yet; feedback is lost, too.
    Unknown,
    /// It had not arrived, but may have been overtaken.
    Missing,
    Arrived,
}

const NOTHING: SentPacket = SentPacket {
    sent: 0,
    bytes: 0,
    expected_wait: 0,
    cluster: 0,
    fate: Fate::Arrived,
};

/// How many packets feedback has spoken its last word about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) expected: u32,
    pub(crate) lost: u32,
}

/// The last packets sent, by transport-wide number.
///
/// Grows, by doubling, only while packets leave it before feedback about them has come; once it fits the link,
/// nothing is allocated.
#[derive(Debug)]
pub(crate) struct History {
    packets: Vec<SentPacket>,
    /// The number of the next packet.
    next: u64,
    /// The first number of those kept.
    first: u64,
    /// All before it are settled.
    settled: u64,
    /// One more than the highest number that feedback has spoken of.
    reported: u64,
    /// Whether there has been any feedback: who never reports needs no memory.
    heard: bool,
}

impl History {
    pub(crate) fn new() -> Self {
        History {
            packets: Vec::new(),
            next: FIRST_CYCLE,
            first: FIRST_CYCLE,
            settled: FIRST_CYCLE,
            reported: FIRST_CYCLE,
            heard: false,
        }
    }

    /// A packet about which there is no news yet. `expected_wait` is in µs.
    pub(crate) fn packet(sent: u64, bytes: usize, expected_wait: u64, cluster: u8) -> SentPacket {
        SentPacket {
            sent,
            bytes: bytes.min(usize::from(u16::MAX)) as u16,
            expected_wait: (expected_wait / 100).min(u64::from(u16::MAX)) as u16,
            cluster,
            fate: Fate::Unknown,
        }
    }

    /// Notes that `packet` was sent under the number `sequence`.
    pub(crate) fn record(&mut self, sequence: u16, packet: SentPacket) {
        if self.packets.is_empty() {
            self.packets.resize(FIRST_CAPACITY, NOTHING);
            self.restart(FIRST_CYCLE + u64::from(sequence));
        }
        if sequence != self.next as u16 {
            let next = seq::extend(sequence, self.next).unwrap_or(self.next);
            self.restart(next.max(self.next));
        }
        if (self.next - self.first) as usize == self.packets.len() {
            self.make_room();
        }
        let index = self.index(self.next);
        self.packets[index] = packet;
        self.next += 1;
    }

    /// Notes what `feedback` covers; its arrivals are to follow through [`History::arrive`].
    ///
    /// Returns what it settles of the packets that left at `since` µs or later: those of earlier feedback, which had
    /// until now to turn up. Those that no feedback has spoken of count neither as sent nor as lost.
    pub(crate) fn cover(&mut self, feedback: &TransportFeedback<'_>, since: u64) -> Settled {
        let Some(base) = self.widen(feedback.base_sequence) else {
            return Settled::default();
        };
        self.heard = true;
        let end = (base + u64::from(feedback.status_count)).min(self.next);
        for number in base.max(self.first)..end {
            let index = self.index(number);
            let fate = &mut self.packets[index].fate;
            if *fate == Fate::Unknown {
                *fate = Fate::Missing;
            }
        }
        let settled = self.settle(self.reported, since);
        self.reported = self.reported.max(end);
        settled
    }

    /// The packet that arrived under `sequence`; `None` if it was told before, is forgotten, or was never sent.
    pub(crate) fn arrive(&mut self, sequence: u16) -> Option<SentPacket> {
        let number = self.widen(sequence)?;
        if number < self.first || number >= self.next {
            return None;
        }
        let index = self.index(number);
        let packet = &mut self.packets[index];
        if packet.fate == Fate::Arrived {
            return None;
        }
        packet.fate = Fate::Arrived;
        Some(*packet)
    }

    /// When the oldest packet left that no feedback has spoken of, in µs; `None` if there is none.
    pub(crate) fn unreported_since(&self) -> Option<u64> {
        let number = self.reported.max(self.first);
        (number < self.next).then(|| self.packets[self.index(number)].sent)
    }

    fn settle(&mut self, end: u64, since: u64) -> Settled {
        let mut settled = Settled::default();
        for number in self.settled.max(self.first)..end {
            let packet = &self.packets[self.index(number)];
            match packet.fate {
                _ if packet.sent < since => {}
                Fate::Unknown => {}
                Fate::Missing => {
                    settled.expected += 1;
                    settled.lost += 1;
                }
                Fate::Arrived => settled.expected += 1,
            }
        }
        self.settled = self.settled.max(end);
        settled
    }

    /// The numbers went on elsewhere: nothing before is known any more.
    fn restart(&mut self, next: u64) {
        (self.next, self.first) = (next, next);
        (self.settled, self.reported) = (next, next);
    }

    /// Doubles, or forgets the oldest packet if it was settled or there are too many.
    fn make_room(&mut self) {
        let len = self.packets.len();
        if self.heard && self.first >= self.settled && len < MAX_CAPACITY {
            let mut packets = vec![NOTHING; 2 * len];
            for number in self.first..self.next {
                packets[number as usize % (2 * len)] = self.packets[self.index(number)];
            }
            self.packets = packets;
        } else {
            self.first += 1;
            self.settled = self.settled.max(self.first);
            self.reported = self.reported.max(self.first);
        }
    }

    fn widen(&self, sequence: u16) -> Option<u64> {
        seq::extend(sequence, self.next)
    }

    fn index(&self, number: u64) -> usize {
        number as usize % self.packets.len().max(1)
    }
}
