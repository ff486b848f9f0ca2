//! When each packet of a publisher arrived, for its bandwidth estimator.
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01)

use crate::moment::Moment;
use hoichan_wire::rtcp::{Arrival, TICK, write_transport_feedback};
use hoichan_wire::seq;

/// Arrivals kept between two feedbacks, 100 ms apart: 40 000 packets a second. Beyond it the oldest go.
const MAX_ARRIVALS: usize = 4096;

/// Wide numbers begin here, so that early stragglers have room below.
const FIRST_CYCLE: u64 = 1 << 16;

/// The register of arrivals that no feedback has told yet.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// By rising sequence.
    pending: Vec<Arrival>,
    highest: Option<u64>,
    /// The first number the next feedback speaks of.
    base: u64,
    feedback_count: u8,
    /// SSRC of the latest arrival: libwebrtc drops feedback whose media source is none that it sends.
    source: u32,
}

impl Arrivals {
    /// Notes that the packet of `source` numbered `sequence` has arrived. What is older than the last feedback is
    /// left out.
    pub(crate) fn record(&mut self, moment: &Moment, source: u32, sequence: u16) {
        self.source = source;
        let first = FIRST_CYCLE + u64::from(sequence);
        let highest = *self.highest.get_or_insert_with(|| {
            self.base = first;
            first
        });
        let Some(sequence) = seq::extend(sequence, highest).filter(|wide| *wide >= self.base)
        else {
            return;
        };
        let index = self.pending.partition_point(|one| one.sequence < sequence);
        if self
            .pending
            .get(index)
            .is_some_and(|one| one.sequence == sequence)
        {
            return;
        }
        if self.pending.len() == MAX_ARRIVALS {
            self.pending.clear();
            self.base = sequence;
            return;
        }
        self.highest = Some(highest.max(sequence));
        let ticks = (moment.since_start.as_nanos() / TICK.as_nanos()) as i64;
        self.pending.insert(index, Arrival { sequence, ticks });
    }

    /// Whether there is anything to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Writes feedback packets from `sender` for all pending arrivals, each handed to `packet` in `scratch`.
    pub(crate) fn drain(
        &mut self,
        sender: u32,
        scratch: &mut Vec<u8>,
        mut packet: impl FnMut(&[u8]),
    ) {
        let ssrcs = (sender, self.source);
        let mut rest = self.pending.as_slice();
        while !rest.is_empty() {
            scratch.clear();
            let covered =
                write_transport_feedback(scratch, ssrcs, self.feedback_count, self.base, rest);
            if covered > 0 {
                self.feedback_count = self.feedback_count.wrapping_add(1);
                self.base = rest[covered - 1].sequence + 1;
                packet(scratch);
                rest = &rest[covered..];
            } else {
                self.base = rest[0].sequence; // The hole is too wide for one feedback: leave it untold.
            }
        }
        self.pending.clear();
    }
}
