//! Sharing what the way to one subscriber carries among the videos it wishes to see.
//!
//! [`allocate`] is a pure function: what there is, and who wants what, give who gets what. Audio does not come into
//! it: it is always sent, and what it takes is subtracted before. What has to be remembered from one call to the
//! next stands in three small values: [`Steady`] knows since when the link has carried more, [`Rates`] what each
//! layer of a track has cost lately, and [`Thrift`] whether voices need to be repeated.
//!
//! No specification exists; the rules are argued in docs/adr/0007.

mod ladder;
mod rates;
mod steady;
mod thrift;

pub(crate) use ladder::{Ladder, Level};
pub(crate) use rates::{Rates, assumed};
pub(crate) use steady::Steady;
pub(crate) use thrift::Thrift;

use std::cmp::Reverse;

/// From this priority on, a video is served in full before any below it gets its least: what is being reviewed must
/// be legible, and faces are worth less than that. `rooms.live` gives it to shared screens.
const ESSENTIAL: u8 = 192;

/// What the link must carry beyond the sum of costs before anything is raised, in percent. Layers' rates and
/// estimates both stray by some percent; a raise costs a key frame, and so does taking it back.
const MARGIN_PERCENT: u64 = 15;

/// Bytes around an RTP packet on its way to a subscriber: the SRTP tag (RFC 7714 §13.1), UDP and IPv4.
pub(crate) const DATAGRAM_OVERHEAD: usize = 16 + 8 + 20;

/// What may be spent on video, in bit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// On what is had already: all there is.
    pub(crate) keep: u64,
    /// On more than is had: what has been there for a while, less the margin.
    pub(crate) raise: u64,
    /// On the least of whoever comes first, had or not: to show something, no margin and no reserve is too much.
    pub(crate) first: u64,
}

impl Budget {
    /// Of a link that carries `available` now, has carried `steady` for a while, and carries `audio` before all.
    pub(crate) fn new(available: u64, steady: u64, audio: u64) -> Self {
        let raise = steady.min(available) * 100 / (100 + MARGIN_PERCENT);
        Budget {
            keep: available.saturating_sub(audio),
            raise: raise.saturating_sub(audio),
            first: 0,
        }
    }
}

/// What the link should be able to carry for all wishes to come true: their costs and twice the margin, so that the
/// estimate may stop a little short of it.
///
/// An estimator that sees only what is sent never learns of more than that; with this it knows how far to probe.
pub(crate) fn desired(audio: u64, demands: &[Demand]) -> u64 {
    let wished: u64 = demands.iter().map(Demand::wished_bps).sum();
    (audio + wished) * (100 + 2 * MARGIN_PERCENT) / 100
}

/// Whether to stop a layer at once rather than when a cheaper one's key frame comes.
///
/// That takes some 300 ms. What is sent meanwhile and not carried waits in the link's queue, and audio behind it: of
/// more than half of `available` in excess it would be 150 ms.
pub(crate) fn floods(available: u64, left_bps: u64, given_bps: u64) -> bool {
    left_bps.saturating_sub(given_bps) > available / 2
}

/// One video that a subscriber wishes to see now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// Whose it is, for the caller; also decides between equals.
    pub(crate) consumer: usize,
    /// The higher, the earlier served.
    pub(crate) priority: u8,
    /// What can be sent of it, up to the wish.
    pub(crate) ladder: Ladder,
    /// The index of the level it has; `None` if it has nothing.
    pub(crate) has: Option<usize>,
    /// The index of the level it gets; `None` if not even the least fits.
    pub(crate) gets: Option<usize>,
}

impl Demand {
    /// What all that can be sent of it costs, in bit/s.
    pub(crate) fn wished_bps(&self) -> u64 {
        self.ladder.top().bps
    }

    /// What it is given costs, in bit/s.
    pub(crate) fn given_bps(&self) -> u64 {
        self.gets.map_or(0, |gets| self.ladder.levels()[gets].bps)
    }

    fn had_bps(&self) -> u64 {
        self.has.map_or(0, |has| self.ladder.levels()[has].bps)
    }
}

/// Decides what each demand gets, and leaves them in the order in which they were served.
///
/// Essential videos come first, each priority in full. Then each of the others gets its least, by priority; then
/// they are raised, by priority, and within one priority level by level, so that equals stay equal. Nothing is raised
/// above what it has, nor resumed, unless `budget.raise` allows it, or what the others have given up. The costs of
/// what is given never exceed `budget.keep`, but for one least level that `budget.first` allows.
pub(crate) fn allocate(budget: Budget, demands: &mut [Demand]) {
    demands.sort_unstable_by_key(|demand| (Reverse(demand.priority), demand.consumer));
    for demand in demands.iter_mut() {
        demand.gets = None;
    }
    let essential = demands.partition_point(|demand| demand.priority >= ESSENTIAL);
    let had: u64 = demands.iter().map(Demand::had_bps).sum();
    let budget = Budget {
        raise: budget.raise.max(had).min(budget.keep),
        ..budget
    };
    let (essential, others) = demands.split_at_mut(essential);
    let mut spending = Spending { budget, spent: 0 };
    for equals in essential.chunk_by_mut(|a, b| a.priority == b.priority) {
        spending.raise(equals);
    }
    for demand in others.iter_mut() {
        spending.step(demand);
    }
    for equals in others.chunk_by_mut(|a, b| a.priority == b.priority) {
        spending.raise(equals);
    }
}

/// [`allocate`], while what the link carries is a guess: whoever comes first gets its least whatever that costs, so
/// that there is something to see at once, and to measure the link with.
pub(crate) fn begin(budget: Budget, demands: &mut [Demand]) {
    allocate(budget, demands);
    if let Some(first) = demands.first_mut() {
        first.gets = first.gets.or(Some(0));
    }
}

/// A budget, and what is spent of it.
struct Spending {
    budget: Budget,
    spent: u64,
}

impl Spending {
    /// Raises all of them as far as they go, one level each in turn.
    fn raise(&mut self, demands: &mut [Demand]) {
        let mut goes_on = true;
        while goes_on {
            goes_on = demands
                .iter_mut()
                .fold(false, |any, demand| self.step(demand) | any);
        }
    }

    /// Gives one level more, if there is one and the budget bears it. Returns whether it was given.
    fn step(&mut self, demand: &mut Demand) -> bool {
        let levels = demand.ladder.levels();
        let next = demand.gets.map_or(0, |index| index + 1);
        let Some(level) = levels.get(next) else {
            return false;
        };
        let paid = demand.gets.map_or(0, |index| levels[index].bps);
        let is_had = demand.has.is_some_and(|has| next <= has);
        let limit = match (is_had, self.spent) {
            (true, 0) => self.budget.keep.max(self.budget.first),
            (true, _) => self.budget.keep,
            (false, 0) => self.budget.raise.max(self.budget.first),
            (false, _) => self.budget.raise,
        };
        let spent = self.spent + (level.bps - paid);
        if spent > limit {
            return false;
        }
        self.spent = spent;
        demand.gets = Some(next);
        true
    }
}

#[cfg(test)]
mod tests;
