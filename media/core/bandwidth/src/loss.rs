//! Loss, and whose fault it is.
//!
//! A radio link loses packets whatever is sent; a full queue, or a policer, loses those that were too many. Only the
//! second kind is a reason to send less, and loss alone does not tell them apart. Two things do: before a queue
//! overflows it is long; and where there is no queue, one can ask, by sending less for a moment: what was lost for
//! being too much is lost no more, what the air takes it takes still.

use crate::history::Settled;

/// A window is judged when it is so long, in µs, and has so many packets: by then a tenth of loss stands out.
const WINDOW: u64 = 400_000;
const MIN_PACKETS: u32 = 25;

/// Share of loss beyond the inherent that is worth asking about. (draft-ietf-rmcat-gcc-02 §6: 10 %)
const NOTABLE: f64 = 0.10;

/// Share of loss beyond the inherent up to which the rate may grow. (§6: 2 %)
const HARMLESS: f64 = 0.02;

/// A queue of so much, in ms, is one that may overflow.
const LONG_QUEUE: f64 = 60.0;

/// A question cuts the rate by as much as was lost, and no more than this share is left: enough to see a difference.
const QUESTION: f64 = 0.9;
const DEEPEST_QUESTION: f64 = 0.5;

/// If so much of the notable loss is still there when less is sent, the rate was not its cause.
const STILL_THERE: f64 = 0.6;

/// How long the inherent loss of a link is remembered: fades and gusts come again. Time constant in s.
const MEMORY: f64 = 60.0;

/// After so many windows with less than notable but more than harmless loss, that is asked about, too: a policer a
/// little above its rate would not be found out otherwise.
const UNEASY: u32 = 4;

/// What a look at the loss says about the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Nothing against growing.
    Fine,
    /// There is some: do not grow.
    Hold,
    /// Too much is sent: go down to this share of the rate.
    Congested(f64),
    /// Let us see what happens at this share of the rate.
    Ask(f64),
    /// The rate was not the cause: what the question took away may be given back.
    Innocent,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Watching,
    /// Less is sent since the question; packets sent before do not count.
    Asking {
        since: u64,
        excess: f64,
    },
}

/// The loss of a link.
#[derive(Debug)]
pub(crate) struct Loss {
    window: Settled,
    window_began: Option<u64>,
    /// Share lost whatever is sent.
    inherent: f64,
    /// Share lost in the last window.
    latest: f64,
    /// Windows in a row with some loss.
    uneasy: u32,
    state: State,
}

impl Loss {
    pub(crate) fn new() -> Self {
        Loss {
            window: Settled::default(),
            window_began: None,
            inherent: 0.0,
            latest: 0.0,
            uneasy: 0,
            state: State::Watching,
        }
    }

    /// Share of packets lost whatever is sent, 0.0 to 1.0.
    pub(crate) fn inherent(&self) -> f64 {
        self.inherent
    }

    /// Share of packets lost in the last window, 0.0 to 1.0.
    pub(crate) fn latest(&self) -> f64 {
        self.latest
    }

    /// Packets that left before do not count, in µs.
    pub(crate) fn counts_since(&self) -> u64 {
        match self.state {
            State::Asking { since, .. } => since,
            State::Watching => 0,
        }
    }

    /// Takes what has been settled; judges when a window is full. `queue` is in ms.
    pub(crate) fn settle(&mut self, now: u64, news: Settled, queue: f64) -> Option<Verdict> {
        if news.expected == 0 {
            return None;
        }
        let began = *self.window_began.get_or_insert(now);
        self.window.expected += news.expected;
        self.window.lost += news.lost;
        let elapsed = now - began;
        if elapsed < WINDOW || self.window.expected < MIN_PACKETS {
            return None;
        }
        let share = f64::from(self.window.lost) / f64::from(self.window.expected);
        self.window = Settled::default();
        self.window_began = Some(now);
        self.latest = share;
        self.inherent *= (-(elapsed as f64) / 1e6 / MEMORY).exp();
        Some(self.judge(now, share, queue))
    }

    fn judge(&mut self, now: u64, share: f64, queue: f64) -> Verdict {
        let excess = share - self.inherent;
        if let State::Asking { excess: before, .. } = self.state {
            self.state = State::Watching;
            self.uneasy = 0;
            if excess > STILL_THERE * before && queue < LONG_QUEUE {
                self.inherent = share;
                return Verdict::Innocent;
            }
            return Verdict::Hold;
        }
        if queue > LONG_QUEUE {
            return match excess {
                NOTABLE.. => Verdict::Congested(1.0 - 0.5 * excess), // §6
                HARMLESS.. => Verdict::Hold,
                _ => Verdict::Fine,
            };
        }
        self.uneasy = if excess > HARMLESS {
            self.uneasy + 1
        } else {
            0
        };
        if excess > NOTABLE || self.uneasy >= UNEASY {
            self.state = State::Asking { since: now, excess };
            self.window_began = None;
            return Verdict::Ask((QUESTION - excess).max(DEEPEST_QUESTION));
        }
        if excess > HARMLESS {
            Verdict::Hold
        } else {
            Verdict::Fine
        }
    }
}
