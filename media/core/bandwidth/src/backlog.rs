//! What of ours waits before the bottleneck, if that is as fast as we believe.
//!
//! We forward frames as they come, so a key frame makes a queue that is no sign of too much being sent. What this
//! little model explains of a queue is not held against the link.

/// Bits that wait.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    bits: f64,
    /// When they were counted, in µs.
    since: u64,
}

impl Backlog {
    /// A packet leaves at `now` µs, towards a link that carries `rate` bit/s. Returns how long it waits, in µs.
    pub(crate) fn push(&mut self, now: u64, bytes: usize, rate: f64) -> u64 {
        let wait = self.wait(now, rate) * 1000.0;
        self.bits = wait * rate / 1e6 + bytes as f64 * 8.0;
        self.since = now;
        wait as u64
    }

    /// How long a packet would wait now, in ms.
    pub(crate) fn wait(&self, now: u64, rate: f64) -> f64 {
        let passed = rate * now.saturating_sub(self.since) as f64 / 1e6;
        (self.bits - passed).max(0.0) / rate * 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_waits_for_those_before_it_and_not_for_itself() {
        let mut backlog = Backlog::default();
        assert_eq!(backlog.push(0, 1000, 1e6), 0);
        assert_eq!(backlog.push(0, 1000, 1e6), 8_000);
        assert_eq!(backlog.push(4_000, 1000, 1e6), 12_000);
        assert_eq!(backlog.push(60_000, 1000, 1e6), 0);
    }
}
