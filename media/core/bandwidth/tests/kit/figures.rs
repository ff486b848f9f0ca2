//! What came of a call, in figures.

use super::{SAMPLE_PERIOD, World};

const PER_SECOND: usize = (1_000_000 / SAMPLE_PERIOD) as usize;

/// One caller's samples between two seconds.
pub struct Figures {
    pub estimates: Vec<f64>,
    delivered: Vec<f64>,
    voice_delay: Vec<f64>,
}

impl World {
    pub fn figures(&mut self, flow: usize, from: usize, to: usize) -> Figures {
        let span = from * PER_SECOND..to * PER_SECOND;
        let caller = self.caller(flow);
        Figures {
            estimates: caller.estimates[span.clone()].to_vec(),
            delivered: caller.delivered[span.clone()].to_vec(),
            voice_delay: caller.voice_delay[span].to_vec(),
        }
    }
}

impl Figures {
    /// Mean estimate, in bit/s.
    pub fn mean(&self) -> f64 {
        self.estimates.iter().sum::<f64>() / self.estimates.len() as f64
    }

    pub fn least(&self) -> f64 {
        self.estimates.iter().copied().fold(f64::MAX, f64::min)
    }

    pub fn most(&self) -> f64 {
        self.estimates.iter().copied().fold(0.0, f64::max)
    }

    /// Seconds until the estimate first satisfies this.
    pub fn until(&self, is_so: impl Fn(f64) -> bool) -> f64 {
        let found = self.estimates.iter().position(|estimate| is_so(*estimate));
        found.map_or(f64::INFINITY, |at| at as f64 / PER_SECOND as f64)
    }

    /// The longest that voice waited in the queue, in ms.
    pub fn queue(&self) -> f64 {
        self.voice_delay.iter().copied().fold(0.0, f64::max)
    }

    /// What voice waited at least in the worst twentieth of the time, in ms.
    pub fn usual_queue(&self) -> f64 {
        let mut sorted = self.voice_delay.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() * 19 / 20]
    }

    /// What arrived, in bit/s.
    pub fn rate(&self) -> f64 {
        self.delivered.iter().sum::<f64>() * PER_SECOND as f64 / self.delivered.len() as f64
    }

    pub fn print(&self, story: &str, capacity: f64) {
        println!(
            "{story}: estimate {:.0} kb/s ({:.0} to {:.0}), reached 70 % after {:.1} s, queue {:.0} ms, used {:.0} %",
            self.mean() / 1e3,
            self.least() / 1e3,
            self.most() / 1e3,
            self.until(|estimate| estimate > 0.7 * capacity),
            self.queue(),
            100.0 * self.rate() / capacity,
        );
    }
}
