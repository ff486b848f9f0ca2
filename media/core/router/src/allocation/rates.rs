//! What each layer of one stream has cost lately.

use crate::layers::{Limit, Volume};

/// Seconds looked at. The middle one of five is not moved by a key frame, nor by a pause of two seconds.
const SECONDS: usize = 5;

/// What is assumed of a layer that has not sent for a whole second yet, in bit/s: of the least of several, …
const ASSUMED_LEAST: u64 = 150_000;

/// … of each next one, as multiple of the one below, …
const ASSUMED_STEP: u64 = 3;

/// … and of an only one. Browsers send 160, 450 and 1700 kbit/s for a 720p camera (measured with livekit-client).
const ASSUMED_ONLY: u64 = 1_000_000;

/// Bytes of one stream by layer, at the end of each of the last seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// A circle; the newest is at `seen - 1`.
    totals: [Volume; SECONDS + 1],
    /// Ends of seconds noted so far.
    seen: usize,
}

impl Rates {
    /// A second has passed; `total` was received so far. Seconds that are not noted count as if they had not been.
    pub(crate) fn note(&mut self, total: &Volume) {
        self.totals[self.seen % (SECONDS + 1)] = *total;
        self.seen += 1;
    }

    /// The stream has begun anew.
    pub(crate) fn clear(&mut self) {
        *self = Rates::default();
    }

    /// What the layers within `limit` cost, in bit/s; `None` before a whole second was seen.
    pub(crate) fn within(&self, limit: Limit) -> Option<u64> {
        let count = self.seen.saturating_sub(1).min(SECONDS);
        let mut seconds = [0; SECONDS];
        for (back, second) in seconds.iter_mut().take(count).enumerate() {
            let end = self.at(back).within(limit);
            *second = end.saturating_sub(self.at(back + 1).within(limit));
        }
        let seconds = &mut seconds[..count];
        seconds.sort_unstable();
        let middle = seconds.get(count / 2)?;
        Some(middle * 8)
    }

    /// Whether nothing has come since the last note.
    pub(crate) fn is_unmoved(&self, total: &Volume) -> bool {
        self.seen > 0 && self.at(0).within(Limit::NONE) == total.within(Limit::NONE)
    }

    fn at(&self, back: usize) -> &Volume {
        &self.totals[(self.seen - 1 - back) % (SECONDS + 1)]
    }
}

/// What a stream is assumed to cost that is the one numbered `index`, from 0, of `count` of one track.
pub(crate) fn assumed(index: usize, count: usize) -> u64 {
    if count == 1 {
        return ASSUMED_ONLY;
    }
    ASSUMED_LEAST * ASSUMED_STEP.pow(index.min(4) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Layers;

    fn rates(seconds: &[usize]) -> Rates {
        let mut rates = Rates::default();
        let mut total = Volume::default();
        rates.note(&total);
        for bytes in seconds {
            total.count(Layers::SINGLE, *bytes);
            rates.note(&total);
        }
        rates
    }

    #[test]
    fn nothing_is_said_before_a_second_has_passed() {
        assert_eq!(Rates::default().within(Limit::NONE), None);
        assert_eq!(rates(&[]).within(Limit::NONE), None);
        assert_eq!(rates(&[10_000]).within(Limit::NONE), Some(80_000));
    }

    #[test]
    fn a_key_frame_does_not_make_a_layer_dear_but_a_new_resolution_does() {
        let key_frame = [20_000, 20_000, 90_000, 20_000, 20_000];
        assert_eq!(rates(&key_frame).within(Limit::NONE), Some(160_000));
        let larger = [20_000, 20_000, 90_000, 90_000, 90_000];
        assert_eq!(rates(&larger).within(Limit::NONE), Some(720_000));
    }

    #[test]
    fn temporal_layers_are_counted_apart() {
        let mut total = Volume::default();
        let mut measured = Rates::default();
        for _ in 0..4 {
            measured.note(&total);
            for (temporal, bytes) in [(0, 40_000), (1, 20_000), (2, 40_000)] {
                let layers = Layers {
                    temporal,
                    ..Layers::SINGLE
                };
                total.count(layers, bytes);
            }
        }
        let within = |temporal| {
            let limit = Limit {
                temporal,
                ..Limit::NONE
            };
            measured.within(limit)
        };
        assert_eq!(within(0), Some(320_000));
        assert_eq!(within(1), Some(480_000));
        assert_eq!(within(2), Some(800_000));
    }

    #[test]
    fn each_layer_of_several_is_assumed_to_cost_thrice_the_one_below() {
        assert_eq!(assumed(0, 3), 150_000);
        assert_eq!(assumed(2, 3), 1_350_000);
        assert_eq!(assumed(0, 1), 1_000_000);
        assert_eq!(assumed(7, 8), assumed(4, 8), "and no number overflows");
    }
}
