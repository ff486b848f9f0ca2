//! One source of a subscriber: what has come of it, what is missing, and what is asked for again.

use std::time::{Duration, Instant};

use hoichan_wire::ntp::{NtpTime, compact_duration};
use hoichan_wire::rtcp::ReportBlock;
use hoichan_wire::rtp::Header;
use hoichan_wire::seq;

use super::formats::Kind;
use super::frames::{Frames, Watch};
use crate::load::clock::Nanoseconds;
use crate::load::media::stamp::Stamp;

/// After a hole of more packets nobody asks for them again.
const LARGEST_HOLE: u64 = 256;
/// How long, and how often, a missing packet is asked for.
const PATIENCE: Duration = Duration::from_secs(1);
const ASK_INTERVAL: Duration = Duration::from_millis(100);
/// Between two requests for a key frame.
const KEY_INTERVAL: Duration = Duration::from_secs(1);

struct Missing {
    index: u64,
    since: Instant,
    ask: Instant,
}

/// What is known of one source.
pub struct Source {
    /// Its name.
    pub ssrc: u32,
    /// Audio or video.
    pub kind: Kind,
    highest: Option<u64>,
    first: u64,
    received: u64,
    missing: Vec<Missing>,
    lost: u64,
    reported: (u64, u64),
    since_opened: u32,
    /// Since when a key frame is needed, and none has come.
    key_needed: Option<Instant>,
    awaited: Option<(u8, Nanoseconds)>,
    watch: Watch,
    sender_report: Option<(NtpTime, Nanoseconds)>,
}

impl Source {
    /// Nothing has come.
    pub fn new(ssrc: u32, kind: Kind) -> Self {
        Self {
            ssrc,
            kind,
            highest: None,
            first: 0,
            received: 0,
            missing: Vec::new(),
            lost: 0,
            reported: (0, 0),
            since_opened: u32::MAX,
            key_needed: None,
            awaited: None,
            watch: Watch::default(),
            sender_report: None,
        }
    }

    /// Packets that have been given up.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The pictures.
    pub fn frames(&self) -> Frames {
        self.watch.frames()
    }

    /// A packet came.
    pub fn take(&mut self, now: Instant, arrived: Nanoseconds, header: &Header) {
        self.received += 1;
        self.since_opened = self.since_opened.saturating_add(1);
        if self.kind == Kind::Video {
            self.watch.take(arrived, header.fields.timestamp);
        }
        let Some(highest) = self.highest else {
            // As far above 0 as a late packet can be below.
            self.first = u64::from(header.fields.sequence) + 0x1_0000;
            self.highest = Some(self.first);
            if self.kind == Kind::Video {
                self.key_needed = Some(now + KEY_INTERVAL / 2);
            }
            return;
        };
        let Some(index) = seq::extend(header.fields.sequence, highest) else {
            return;
        };
        if index <= highest {
            self.missing.retain(|missing| missing.index != index);
            return;
        }
        self.highest = Some(index);
        let hole = index - highest - 1;
        if hole > LARGEST_HOLE {
            self.lose(now, hole);
        } else {
            self.missing
                .extend((highest + 1..index).map(|index| Missing {
                    index,
                    since: now,
                    ask: now,
                }));
        }
    }

    fn lose(&mut self, now: Instant, packets: u64) {
        self.lost += packets;
        if self.kind == Kind::Video && packets > 0 {
            self.key_needed.get_or_insert(now);
        }
    }

    /// Whether the packet that was just taken should be decrypted.
    pub fn is_to_be_opened(&self, sample: u32) -> bool {
        self.since_opened >= sample || self.key_needed.is_some() || self.awaited.is_some()
    }

    /// It was. Returns how long a switch took that has now happened.
    pub fn opened(&mut self, arrived: Nanoseconds, stamp: Stamp) -> Option<Nanoseconds> {
        self.since_opened = 0;
        if stamp.is_key {
            self.key_needed = None;
        }
        let (_, asked) = self.awaited.take_if(|(layer, _)| *layer == stamp.layer)?;
        Some(arrived.saturating_sub(asked))
    }

    /// Another layer was asked for.
    pub fn await_layer(&mut self, now: Nanoseconds, layer: u8) {
        self.awaited = Some((layer, now));
    }

    /// A retransmission brought the packet `sequence`.
    pub fn recover(&mut self, sequence: u16) {
        if let Some(index) = self
            .highest
            .and_then(|highest| seq::extend(sequence, highest))
        {
            self.missing.retain(|missing| missing.index != index);
        }
    }

    /// What is to be asked for again now, ascending; what has been asked for in vain is given up.
    pub fn missing(&mut self, now: Instant) -> Vec<u16> {
        let before = self.missing.len();
        self.missing
            .retain(|missing| now - missing.since < PATIENCE);
        self.lose(now, (before - self.missing.len()) as u64);
        if self.kind != Kind::Video {
            return Vec::new();
        }
        let due = self.missing.iter_mut().filter(|missing| now >= missing.ask);
        due.map(|missing| {
            missing.ask = now + ASK_INTERVAL;
            missing.index as u16
        })
        .collect()
    }

    /// Whether a key frame is to be asked for now.
    pub fn asks_for_key_frame(&mut self, now: Instant) -> bool {
        let is_due = self.key_needed.is_some_and(|at| now >= at);
        if is_due {
            self.key_needed = Some(now + KEY_INTERVAL);
        }
        is_due
    }

    /// The server has reported on the source.
    pub fn sender_report(&mut self, arrived: Nanoseconds, ntp: NtpTime) {
        self.sender_report = Some((ntp, arrived));
    }

    /// The next report of ours on it.
    pub fn block(&mut self, wall: Nanoseconds) -> ReportBlock {
        let highest = self.highest.unwrap_or(self.first);
        let expected = highest - self.first + 1;
        let (expected_before, received_before) =
            std::mem::replace(&mut self.reported, (expected, self.received));
        let expected_since = expected - expected_before;
        let lost_since = expected_since.saturating_sub(self.received - received_before);
        let since_report = self
            .sender_report
            .map(|(_, at)| Duration::from_nanos(wall.saturating_sub(at)));
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: (lost_since * 256 / expected_since.max(1)).min(255) as u8,
            cumulative_lost: (expected as i64 - self.received as i64) as i32,
            highest_sequence: (highest - 0x1_0000) as u32,
            jitter: 0,
            last_sr: self.sender_report.map_or(0, |(ntp, _)| ntp.compact()),
            delay_since_last_sr: since_report.map_or(0, compact_duration),
        }
    }
}
