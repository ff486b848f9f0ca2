//! Bytes per time, over the last moments.

/// Width of one bin in µs, and how many are kept: 1 s.
const BIN: i64 = 10_000;
const BINS: usize = 100;

/// Counts bytes in bins of 10 ms.
#[derive(Debug)]
pub(crate) struct Throughput {
    bins: [u32; BINS],
    /// The number of the newest bin, counted from the epoch of the times; `None` before the first byte.
    newest: Option<i64>,
    /// The number of the bin with the first byte.
    oldest: i64,
}

impl Throughput {
    pub(crate) fn new() -> Self {
        Throughput {
            bins: [0; BINS],
            newest: None,
            oldest: 0,
        }
    }

    /// Notes `bytes` at `time` µs; what is older than all bins is left out.
    pub(crate) fn record(&mut self, time: i64, bytes: u32) {
        let bin = time.div_euclid(BIN);
        if self.newest.is_none() {
            self.oldest = bin;
        }
        self.advance(bin);
        let newest = self.newest.unwrap_or(bin);
        if newest - bin < BINS as i64 {
            let slot = &mut self.bins[bin.rem_euclid(BINS as i64) as usize];
            *slot = slot.saturating_add(bytes);
        }
    }

    /// The mean over the last `window` ms up to `time` µs, in bit/s; `None` before there is half a window to see.
    ///
    /// The bin of `time` itself is not full yet, so it is left out.
    pub(crate) fn rate(&self, time: i64, window: i64) -> Option<f64> {
        let newest = self.newest?;
        let end = time.div_euclid(BIN);
        let wanted = (window * 1000 / BIN).min(BINS as i64 - 1);
        let begin = (end - wanted).max(self.oldest);
        let span = end - begin;
        if span * 2 < wanted {
            return None;
        }
        let kept = begin.max(newest - BINS as i64 + 1)..end.min(newest + 1);
        let bytes: u64 = kept
            .map(|bin| u64::from(self.bins[bin.rem_euclid(BINS as i64) as usize]))
            .sum();
        Some(bytes as f64 * 8e6 / (span * BIN) as f64)
    }

    fn advance(&mut self, bin: i64) {
        let newest = *self.newest.get_or_insert(bin);
        if bin <= newest {
            return;
        }
        let passed = (bin - newest).min(BINS as i64);
        for step in 0..passed {
            self.bins[(bin - step).rem_euclid(BINS as i64) as usize] = 0;
        }
        self.newest = Some(bin);
    }
}
