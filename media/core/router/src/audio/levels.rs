//! Who is audible: loudness over a window, from levels the publishers write themselves. (RFC 6464)

/// Length of the window in milliseconds.
pub(crate) const WINDOW: u32 = 400;

/// Quieter than this is not speech, in −dBov. The value LiveKit's clients are tuned to.
const THRESHOLD: u8 = 35;

/// How much of the window must be louder than the threshold, in milliseconds: 40 %.
const MIN_ACTIVE: u32 = WINDOW * 2 / 5;

/// The same for who was audible in the window before: 20 %, so that a speaker who takes breath stays one.
const MIN_STILL_ACTIVE: u32 = WINDOW / 5;

/// Longest time one packet may stand for, in milliseconds. What is longer is a pause (DTX).
const MAX_PACKET_TIME: u32 = 60;

/// What was heard of one track since the window began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LevelWindow {
    /// Milliseconds louder than the threshold.
    active: u32,
    /// Level times milliseconds, over the same.
    weighted: u32,
    last_timestamp: Option<u32>,
    /// In the window before.
    was_audible: bool,
}

impl LevelWindow {
    /// Takes in one packet: its level in −dBov, 0 (loudest) to 127, and its timestamp.
    pub(crate) fn record(&mut self, level: u8, timestamp: u32, clock_rate: u32) {
        let ticks = self
            .last_timestamp
            .replace(timestamp)
            .map_or(clock_rate / 50, |last| timestamp.wrapping_sub(last));
        let millis = u64::from(ticks) * 1000 / u64::from(clock_rate);
        let millis = millis.min(u64::from(MAX_PACKET_TIME)) as u32;
        if level <= THRESHOLD {
            self.active += millis;
            self.weighted += millis * u32::from(level);
        }
    }

    /// Ends the window: the loudness in it, 0.0 to 1.0, if the track was audible.
    ///
    /// The mean level of the audible part, as an amplitude, scaled by how much of the window it filled.
    pub(crate) fn take(&mut self) -> Option<f32> {
        let least = if self.was_audible {
            MIN_STILL_ACTIVE
        } else {
            MIN_ACTIVE
        };
        let is_audible = self.active >= least;
        let next = LevelWindow {
            last_timestamp: self.last_timestamp,
            was_audible: is_audible,
            ..LevelWindow::default()
        };
        let window = std::mem::replace(self, next);
        if !is_audible {
            return None;
        }
        let mean = window.weighted as f32 / window.active as f32;
        let share = (window.active as f32 / WINDOW as f32).min(1.0);
        Some(10_f32.powf(-mean / 20.0) * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of 20 ms, one level each.
    fn heard(levels: &[u8]) -> Option<f32> {
        let mut window = LevelWindow::default();
        for (step, level) in (0..).zip(levels) {
            window.record(*level, step * 960, 48_000);
        }
        window.take()
    }

    #[test]
    fn speech_in_two_fifths_of_the_window_is_audible_and_less_is_not() {
        let mut levels = [127; 20];
        levels[..7].fill(20);
        assert_eq!(heard(&levels), None);
        levels[7] = 20;
        let level = heard(&levels).expect("8 of 20 packets");
        assert!(
            (level - 0.04).abs() < 0.001,
            "−20 dBov in 40 % of it: {level}"
        );
    }

    #[test]
    fn a_speaker_who_takes_breath_stays_one_and_who_stops_does_not() {
        let mut window = LevelWindow::default();
        let mut step = 0;
        let mut audible = |spoken: usize| {
            for packet in 0..20 {
                let level = if packet < spoken { 20 } else { 127 };
                window.record(level, step * 960, 48_000);
                step += 1;
            }
            window.take().is_some()
        };
        assert_eq!(
            [5, 9, 5, 4, 3, 5].map(&mut audible),
            [false, true, true, true, false, false]
        );
    }

    #[test]
    fn noise_below_the_threshold_is_silence_however_long() {
        assert_eq!(heard(&[36; 20]), None);
        assert!(heard(&[35; 20]).is_some());
    }

    #[test]
    fn louder_is_more_and_full_scale_is_one() {
        assert!(heard(&[10; 20]) > heard(&[30; 20]));
        assert_eq!(heard(&[0; 20]), Some(1.0));
    }

    #[test]
    fn a_window_forgets_the_one_before() {
        let mut window = LevelWindow::default();
        (0..20).for_each(|step| window.record(0, step * 960, 48_000));
        assert!(window.take().is_some());
        assert_eq!(window.take(), None);
    }
}
