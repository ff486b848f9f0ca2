//! Timestamps over a switch: the next frame is shown when it would have been.

use super::munger::{Munger, Newest, Shift};
use crate::codec::Picture;
use crate::moment::Moment;
use crate::producer::SenderClock;

/// The packet a span begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryPoint {
    pub(crate) timestamp: u32,
    pub(crate) picture: Option<Picture>,
    /// Timestamp ticks per second.
    pub(crate) clock_rate: u32,
}

/// How the new layer's media clock relates to that of the layer sent last.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Relation {
    /// It is the same stream, resumed.
    Same,
    /// Both are known in the publisher's wall-clock time: the new one's, the old one's.
    Reported(SenderClock, SenderClock),
    /// Nothing is known: one of them has not been reported on yet, or the source is another.
    Unknown,
}

/// The shift that makes `entry` follow what `munger` sent last.
///
/// Picture numbers go on by one. Timestamps follow the publisher's clock if `relation` tells how, and lie
/// after the newest but not over a second later than the time that passed; else they follow our clock.
pub(crate) fn shift_at(
    moment: &Moment,
    munger: &Munger,
    entry: &EntryPoint,
    relation: Relation,
) -> Shift {
    let Some(newest) = munger.newest() else {
        return Shift::default();
    };
    let shift = munger.shift().unwrap_or_default();
    let exact = match relation {
        Relation::Same => Some(shift.timestamp),
        Relation::Reported(new, old) => Some(
            new.shift_to(&old, entry.clock_rate)
                .wrapping_add(shift.timestamp),
        ),
        Relation::Unknown => None,
    };
    let elapsed = elapsed_ticks(moment, newest, entry.clock_rate);
    let plausible = 1..=elapsed.saturating_add(entry.clock_rate);
    let ahead = |shift: u32| {
        let timestamp = entry.timestamp.wrapping_add(shift);
        timestamp.wrapping_sub(newest.timestamp)
    };
    let by_arrival = newest
        .timestamp
        .wrapping_add(elapsed.max(1))
        .wrapping_sub(entry.timestamp);
    Shift {
        timestamp: exact
            .filter(|shift| plausible.contains(&ahead(*shift)))
            .unwrap_or(by_arrival),
        picture: match (entry.picture, newest.picture) {
            (Some(picture), Some(last)) => picture.shift_to_follow(last),
            _ => shift.picture,
        },
    }
}

/// Ticks since the newest packet was sent; half the timestamp space at most, so that later stays later.
fn elapsed_ticks(moment: &Moment, newest: &Newest, clock_rate: u32) -> u32 {
    let millis = u64::from(moment.millis_since(newest.sent));
    let ticks = millis * u64::from(clock_rate) / 1000;
    ticks.min(u64::from(u32::MAX / 4)) as u32
}
