//! The result, as JSON: `benchmarks/README.md` says what each field means.

#![allow(
    missing_docs,
    reason = "the fields are explained to who reads the result, in the README"
)]

use std::collections::BTreeMap;

use serde::Serialize;

use super::options::Options;

/// Everything.
#[derive(Debug, Serialize)]
pub struct RunResult {
    pub options: Options,
    pub srtp_profile: Option<String>,
    pub participants: Participants,
    pub window_seconds: f64,
    pub sent: Sent,
    pub received: Received,
    pub lost: Lost,
    pub tracks: Tracks,
    pub video: Video,
    pub delay_ms: Option<Distribution>,
    pub join_ms: Option<Distribution>,
    pub first_frame_ms: Option<Distribution>,
    pub first_audio_ms: Option<Distribution>,
    pub switch_ms: Option<Distribution>,
    pub client: Client,
    pub server: Option<Server>,
}

#[derive(Debug, Serialize)]
pub struct Participants {
    pub wanted: usize,
    pub joined: usize,
    pub failed: usize,
    pub errors: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Sent {
    pub packets: u64,
    pub bytes: u64,
    pub frames: u64,
    pub key_frames: u64,
    pub retransmitted: u64,
    pub nacks: u64,
    pub plis: u64,
}

#[derive(Debug, Serialize)]
pub struct Received {
    pub packets: u64,
    pub bytes: u64,
    pub video_packets: u64,
    pub audio_packets: u64,
    pub retransmitted: u64,
    pub packets_per_second: f64,
    pub opened: u64,
    pub forged: u64,
}

#[derive(Debug, Serialize)]
pub struct Lost {
    pub packets: u64,
    pub share: f64,
}

#[derive(Debug, Serialize)]
pub struct Tracks {
    pub expected: usize,
    pub with_media: usize,
}

#[derive(Debug, Serialize)]
pub struct Video {
    pub frames: u64,
    pub freezes: u64,
    pub frozen_seconds: f64,
    pub longest_gap_ms: f64,
}

#[derive(Debug, Serialize)]
pub struct Client {
    pub cpu_seconds: f64,
    pub busy: f64,
    pub cpu_us_per_packet: Option<f64>,
    pub disturbed: f64,
}

#[derive(Debug, Serialize)]
pub struct Server {
    pub cpu_seconds: f64,
    pub busy: f64,
    pub cpu_us_per_packet: Option<f64>,
    pub rss_kib_before: u64,
    pub rss_kib_joined: u64,
    pub rss_kib_end: u64,
    /// CPU seconds by the thread's name.
    pub thread_seconds: BTreeMap<String, f64>,
}

/// How values are spread.
#[derive(Debug, PartialEq, Serialize)]
pub struct Distribution {
    pub count: usize,
    pub mean: f64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Distribution {
    /// `None` of no values.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| values[(last as f64 * share).round() as usize];
        Some(Self {
            count: values.len(),
            mean: values.iter().sum::<f64>() / values.len() as f64,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: at(1.0),
        })
    }
}

/// Microseconds of CPU for each of `packets`.
#[must_use]
pub fn us_per_packet(cpu_seconds: f64, packets: u64) -> Option<f64> {
    (packets > 0).then(|| cpu_seconds * 1e6 / packets as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_of_a_hundred_and_one_numbers_is_read_off() {
        let spread =
            Distribution::of((0..=100).rev().map(f64::from).collect()).expect("there are values");
        assert_eq!((spread.count, spread.mean), (101, 50.0));
        assert_eq!(
            (spread.p50, spread.p95, spread.p99, spread.max),
            (50.0, 95.0, 99.0, 100.0)
        );
        assert_eq!(Distribution::of(Vec::new()), None);
    }
}
