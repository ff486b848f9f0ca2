//! Which indices of one source were used: a sliding window behind the highest. (RFC 3711 §3.3.2)

/// Indices remembered behind the highest. Late packets older than that are refused; at 1000 packets a second
/// this is one second, more than any jitter buffer waits.
pub(crate) const WINDOW_LEN: u64 = 1024;

const WORDS: usize = WINDOW_LEN as usize / 64;

/// The highest index used, and a bit for each of the `WINDOW_LEN` up to it.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    highest: u64,
    /// The bit of index `i` is bit `i % WINDOW_LEN`: nothing is shifted when the window moves.
    used: [u64; WORDS],
}

impl Window {
    /// The window of a source whose first index is `first`.
    pub(crate) fn starting_at(first: u64) -> Self {
        let mut window = Window {
            highest: first,
            used: [0; WORDS],
        };
        window.set(first);
        window
    }

    /// The highest index used.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether `index` was never used, as far as can be told: too old counts as used.
    pub(crate) fn is_fresh(&self, index: u64) -> bool {
        if index > self.highest {
            return true;
        }
        let (word, bit) = place(index);
        self.highest - index < WINDOW_LEN && self.used[word] & bit == 0
    }

    /// Records `index`, which [`Window::is_fresh`], as used.
    pub(crate) fn record(&mut self, index: u64) {
        if index > self.highest {
            if index - self.highest >= WINDOW_LEN {
                self.used = [0; WORDS];
            } else {
                (self.highest + 1..index).for_each(|skipped| self.clear(skipped));
            }
            self.highest = index;
        }
        self.set(index);
    }

    fn set(&mut self, index: u64) {
        let (word, bit) = place(index);
        self.used[word] |= bit;
    }

    fn clear(&mut self, index: u64) {
        let (word, bit) = place(index);
        self.used[word] &= !bit;
    }
}

fn place(index: u64) -> (usize, u64) {
    let slot = index % WINDOW_LEN;
    ((slot / 64) as usize, 1 << (slot % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_window_tells_the_same_as_a_list_of_all_that_was_used(
            first in 0_u64..5000,
            steps in proptest::collection::vec(
                prop_oneof![6 => -4_i64..8, 2 => -1100_i64..1100, 1 => 900_i64..200_000], 1..400),
        ) {
            let mut window = Window::starting_at(first);
            let mut used = BTreeSet::from([first]);
            let mut at = first;
            for step in steps {
                at = at.saturating_add_signed(step);
                let highest = *used.last().unwrap();
                let fresh = at + WINDOW_LEN > highest && !used.contains(&at);
                prop_assert_eq!(window.is_fresh(at), fresh, "{} behind {}", at, highest);
                if fresh {
                    window.record(at);
                    used.insert(at);
                }
                prop_assert_eq!(window.highest(), *used.last().unwrap());
            }
        }
    }

    #[test]
    fn exactly_one_window_back_is_too_old() {
        let mut window = Window::starting_at(0);
        window.record(WINDOW_LEN + 1);
        assert!(!window.is_fresh(1));
        assert!(window.is_fresh(2));
    }
}
