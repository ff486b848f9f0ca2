//! What is going on, for whoever waits.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::options::Options;
use super::participant::{Participant, State};

/// A bar on standard error: first of joins, then of the measured time.
pub struct Progress {
    bar: ProgressBar,
    duration: Duration,
    measured_since: Option<Instant>,
    packets: u64,
}

impl Progress {
    /// A bar that is drawn only where somebody looks.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let bar = if options.quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(options.participants() as u64)
        };
        let style = ProgressStyle::with_template("{prefix:>9} [{bar:40}] {pos}/{len}  {msg}");
        bar.set_style(style.expect("the template is right").progress_chars("=> "));
        bar.set_prefix("joining");
        Self {
            bar,
            duration: Duration::from_secs_f64(options.duration),
            measured_since: None,
            packets: 0,
        }
    }

    /// From now on it shows the measured time.
    pub fn measure(&mut self) {
        self.measured_since = Some(Instant::now());
        self.bar.set_length(self.duration.as_secs());
        self.bar.set_prefix("measuring");
    }

    /// Draws it. To be called once a second.
    pub fn show(&mut self, participants: &[Option<Participant>]) {
        if self.bar.is_hidden() {
            return;
        }
        let everybody = || participants.iter().flatten();
        let position = match self.measured_since {
            Some(since) => since.elapsed().as_secs(),
            None => everybody()
                .filter(|one| matches!(one.state(), State::Joined(_)))
                .count() as u64,
        };
        let packets = everybody()
            .flat_map(Participant::peers)
            .map(|peer| peer.reception().totals().packets)
            .sum();
        self.bar.set_position(position);
        self.bar
            .set_message(format!("{} packets/s received", packets - self.packets));
        self.packets = packets;
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
