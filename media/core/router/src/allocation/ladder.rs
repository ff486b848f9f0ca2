//! What can be sent of one video, from the least to the best.

/// Levels of one ladder at most: three spatial layers of four temporal ones each, and room.
const MAX_LEVELS: usize = 16;

/// One way to send a video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// As in wishes: the encoding, or the spatial layer of a stream that holds several.
    pub(crate) spatial: u8,
    /// The highest temporal layer sent.
    pub(crate) temporal: u8,
    /// What it costs.
    pub(crate) bps: u64,
}

/// Levels by rising quality, each dearer than the one before; at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ladder {
    levels: [Level; MAX_LEVELS],
    len: usize,
}

impl Ladder {
    /// A ladder of these, by rising quality; `None` if there are none. What costs no more than something better is
    /// left out, and so are the best if they are too many.
    pub(crate) fn new(levels: impl Iterator<Item = Level>) -> Option<Self> {
        let mut ladder = Ladder {
            levels: [Level::default(); MAX_LEVELS],
            len: 0,
        };
        for level in levels {
            while ladder.len > 0 && ladder.levels[ladder.len - 1].bps >= level.bps {
                ladder.len -= 1;
            }
            if ladder.len < MAX_LEVELS {
                ladder.levels[ladder.len] = level;
                ladder.len += 1;
            }
        }
        (ladder.len > 0).then_some(ladder)
    }

    /// From the least to the best.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels[..self.len]
    }

    /// The best.
    pub(crate) fn top(&self) -> Level {
        self.levels[self.len - 1]
    }

    /// The index of the best level that is within these layers; `None` if none is.
    pub(crate) fn within(&self, spatial: u8, temporal: u8) -> Option<usize> {
        self.levels()
            .iter()
            .rposition(|level| (level.spatial, level.temporal) <= (spatial, temporal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(spatial: u8, bps: u64) -> Level {
        Level {
            spatial,
            temporal: 2,
            bps,
        }
    }

    #[test]
    fn a_better_layer_that_costs_less_takes_the_place_of_a_worse_one() {
        let still_screen = [level(0, 90_000), level(1, 20_000), level(2, 300_000)];
        let ladder = Ladder::new(still_screen.into_iter()).expect("levels");
        assert_eq!(ladder.levels(), [level(1, 20_000), level(2, 300_000)]);
    }

    #[test]
    fn there_is_no_ladder_without_levels() {
        assert!(Ladder::new(std::iter::empty()).is_none());
    }

    #[test]
    fn what_one_has_is_found_though_the_ladder_has_changed() {
        let ladder = Ladder::new([level(0, 1), level(2, 3)].into_iter()).expect("levels");
        assert_eq!(ladder.within(0, 2), Some(0));
        assert_eq!(ladder.within(1, 0), Some(0));
        assert_eq!(ladder.within(u8::MAX, u8::MAX), Some(1));
        assert_eq!(ladder.within(0, 1), None);
    }
}
