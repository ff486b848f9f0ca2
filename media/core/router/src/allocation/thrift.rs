//! When voices do without repetition.

/// On a link of less, in bit/s, the repetition of one voice (48 kbit/s, libwebrtc's default) costs about what the
/// smallest picture lacks: with it, 300 kbit/s carried a voice and no picture; without it, both.
const THIN: u64 = 400_000;

/// Repetition mends what is lost: of less than this share there is nothing to mend that concealment does not.
const NOTABLE: f64 = 0.02;

/// After a loss, voices are repeated for so long, in milliseconds: losses come in gusts.
const GUST: u32 = 5_000;

/// Remembers when packets were lost on the way to one subscriber.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Thrift {
    lossy_at: Option<u32>,
}

impl Thrift {
    /// Whether to send voices without repetition at `millis` on a link that carries `available` bit/s and has lost
    /// this share (0.0 to 1.0) of late.
    pub(crate) fn spares(&mut self, millis: u32, available: u64, loss: f64) -> bool {
        if loss >= NOTABLE {
            self.lossy_at = Some(millis);
        }
        let is_lossy = self
            .lossy_at
            .is_some_and(|at| millis.wrapping_sub(at) < GUST);
        available < THIN && !is_lossy
    }

    /// Of what a repeated voice costs, what it costs plainly: headers stay.
    pub(crate) fn plain(repeated: u64) -> u64 {
        repeated * 5 / 8
    }
}

#[cfg(test)]
mod tests {
    use super::{GUST, THIN, Thrift};

    #[test]
    fn voices_are_repeated_where_packets_get_lost_and_for_a_while_after() {
        let mut thrift = Thrift::default();
        assert!(thrift.spares(0, THIN - 1, 0.0));
        assert!(!thrift.spares(100, THIN - 1, 0.1));
        assert!(!thrift.spares(100 + GUST - 1, THIN - 1, 0.0));
        assert!(thrift.spares(100 + GUST, THIN - 1, 0.0));
    }

    #[test]
    fn a_link_that_is_wide_enough_carries_repetitions() {
        assert!(!Thrift::default().spares(0, THIN, 0.0));
    }
}
