//! Making packets equal, so that the kernel can take a whole frame in one call.
//!
//! Encoders cut a frame into packets that differ by a byte or so. Segmentation offload wants them equal, and
//! saves a multiple of what a few bytes of padding cost.

/// Sizes that differ by no more are made equal, in bytes: 1.3 % of a full packet.
const TOLERANCE: usize = 16;

/// Raises each length of a batch to that of its run.
///
/// A run is a stretch of lengths within [`TOLERANCE`] of each other. All of it is raised to its largest,
/// except a last packet that may stay shorter because nothing after it could join the run.
pub(crate) fn equalise<T>(
    batch: &mut [T],
    len: impl Fn(&T) -> usize,
    raise: impl Fn(&mut T, usize),
) {
    let mut start = 0;
    while start < batch.len() {
        let (end, largest) = run_from(&batch[start..], &len);
        let end = start + end;
        let next_joins = batch.get(end).is_some_and(|next| len(next) < largest);
        let raised = if next_joins { end } else { end - 1 };
        if end - start > 1 {
            batch[start..raised]
                .iter_mut()
                .for_each(|one| raise(one, largest));
        }
        start = end;
    }
}

/// How many from the beginning belong together, and the largest length among them.
fn run_from<T>(batch: &[T], len: &impl Fn(&T) -> usize) -> (usize, usize) {
    let (mut smallest, mut largest) = (usize::MAX, 0);
    for (index, one) in batch.iter().enumerate() {
        let (low, high) = (smallest.min(len(one)), largest.max(len(one)));
        if high - low > TOLERANCE {
            return (index, largest);
        }
        (smallest, largest) = (low, high);
    }
    (batch.len(), largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn equalised(lens: &[usize]) -> Vec<usize> {
        let mut lens = lens.to_vec();
        equalise(&mut lens, |len| *len, |len, raised| *len = raised);
        lens
    }

    /// Messages that a batch takes: a run goes on while lengths are equal, and one shorter packet ends it.
    fn messages(lens: &[usize]) -> usize {
        let (mut messages, mut segment, mut open) = (0, 0, false);
        for len in lens {
            if open && *len <= segment {
                open = *len == segment;
            } else {
                (messages, segment, open) = (messages + 1, *len, true);
            }
        }
        messages
    }

    #[test]
    fn a_frame_of_almost_equal_packets_becomes_one_run() {
        assert_eq!(equalised(&[624, 625, 624, 625]), [625; 4]);
        assert_eq!(messages(&equalised(&[1180, 1181, 1181, 700])), 1);
    }

    #[test]
    fn what_ends_a_batch_is_not_padded_for_nothing() {
        assert_eq!(equalised(&[1000, 990]), [1000, 990]);
        assert_eq!(equalised(&[100]), [100]);
        assert_eq!(equalised(&[300, 900, 905]), [300, 905, 905]);
    }

    proptest! {
        #[test]
        fn lengths_grow_by_the_tolerance_at_most_and_messages_never_become_more(
            lens in prop::collection::vec(1_usize..1400, 0..80)
        ) {
            let raised = equalised(&lens);
            for (before, after) in lens.iter().zip(&raised) {
                prop_assert!(before <= after && after - before <= TOLERANCE);
            }
            prop_assert!(messages(&raised) <= messages(&lens));
        }
    }
}
