//! From counters to figures.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use super::World;
use crate::cpu::ThreadTime;
use crate::load::clock::Nanoseconds;
use crate::load::media::{Publication, Sent};
use crate::load::options::Options;
use crate::load::participant::{Participant, State};
use crate::load::peer::{Peer, Wishes};
use crate::load::process;
use crate::load::reception::{Moments, Totals};
use crate::load::result::{self, Distribution, RunResult, us_per_packet};
use crate::load::signalling::Role;

const MOST_ERRORS: usize = 10;

/// All counters at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    at: Instant,
    totals: Totals,
    tracks: usize,
    sent: Sent,
    frames: (u64, u64),
    wishes: Wishes,
    client_cpu: Duration,
    waited: Duration,
    server_cpu: Duration,
    server_rss_kib: u64,
    server_threads: BTreeMap<String, Duration>,
}

impl Snapshot {
    /// Reads them.
    pub fn take(options: &Options, participants: &[Option<Participant>]) -> io::Result<Self> {
        let mut snapshot = Self {
            at: Instant::now(),
            totals: Totals::default(),
            tracks: 0,
            sent: Sent::default(),
            frames: (0, 0),
            wishes: Wishes::default(),
            client_cpu: process::own_cpu()?,
            waited: ThreadTime::own().waited()?,
            server_cpu: process::cpu_of(&options.server_pid)?,
            server_rss_kib: Self::rss(options)?,
            server_threads: process::thread_cpu_of(&options.server_pid),
        };
        for peer in participants.iter().flatten().flat_map(Participant::peers) {
            snapshot.add(peer);
        }
        Ok(snapshot)
    }

    /// The memory of the server's processes, in KiB.
    pub fn rss(options: &Options) -> io::Result<u64> {
        process::rss_kib_of(&options.server_pid)
    }

    fn add(&mut self, peer: &Peer) {
        let totals = peer.reception().totals();
        self.totals.packets += totals.packets;
        self.totals.bytes += totals.bytes;
        self.totals.video_packets += totals.video_packets;
        self.totals.retransmitted += totals.retransmitted;
        self.totals.lost += totals.lost;
        self.totals.opened += totals.opened;
        self.totals.forged += totals.forged;
        self.totals.frames += totals.frames;
        self.tracks += peer.reception().tracks();
        let Some(publication) = peer.publication() else {
            return;
        };
        for stream in publication.streams() {
            let sent = stream.sent();
            self.sent.packets += sent.packets;
            self.sent.bytes += sent.bytes;
            self.sent.retransmitted += sent.retransmitted;
        }
        if let Publication::Camera(camera) = publication {
            let (frames, key_frames) = camera.frames();
            self.frames.0 += frames;
            self.frames.1 += key_frames;
        }
        self.wishes.nacks += peer.wishes().nacks;
        self.wishes.key_frames += peer.wishes().key_frames;
    }
}

/// The result of what lies between two moments.
pub fn result(
    options: &Options,
    world: &World,
    (start, end): (&Snapshot, &Snapshot),
    rss_before: u64,
) -> RunResult {
    let window = (end.at - start.at).as_secs_f64();
    let packets = end.totals.packets - start.totals.packets;
    let video_packets = end.totals.video_packets - start.totals.video_packets;
    let lost = end.totals.lost - start.totals.lost;
    let frames = end.totals.frames - start.totals.frames;
    let client_cpu = (end.client_cpu - start.client_cpu).as_secs_f64();
    let server_cpu = (end.server_cpu - start.server_cpu).as_secs_f64();
    let everybody = || world.participants.iter().flatten();
    let subscribers = || everybody().filter(|one| one.role() == Role::Subscriber);
    let since_opened = |moment: fn(&Moments) -> Option<Nanoseconds>| {
        let times = subscribers().filter_map(|one| {
            let first = one
                .peers()
                .filter_map(|peer| moment(peer.reception().moments()))
                .min()?;
            Some(first.saturating_sub(one.opened()) as f64 / 1e6)
        });
        Distribution::of(times.collect())
    };
    RunResult {
        options: options.clone(),
        srtp_profile: everybody()
            .flat_map(Participant::peers)
            .find_map(Peer::profile)
            .map(|one| format!("{one:?}")),
        participants: participants(options, world),
        window_seconds: window,
        sent: result::Sent {
            packets: end.sent.packets - start.sent.packets,
            bytes: end.sent.bytes - start.sent.bytes,
            frames: end.frames.0 - start.frames.0,
            key_frames: end.frames.1 - start.frames.1,
            retransmitted: end.sent.retransmitted - start.sent.retransmitted,
            nacks: end.wishes.nacks - start.wishes.nacks,
            plis: end.wishes.key_frames - start.wishes.key_frames,
        },
        received: result::Received {
            packets,
            bytes: end.totals.bytes - start.totals.bytes,
            video_packets,
            audio_packets: packets - video_packets,
            retransmitted: end.totals.retransmitted - start.totals.retransmitted,
            packets_per_second: packets as f64 / window,
            opened: end.totals.opened - start.totals.opened,
            forged: end.totals.forged - start.totals.forged,
        },
        lost: result::Lost {
            packets: lost,
            share: lost as f64 / (packets + lost).max(1) as f64,
        },
        tracks: result::Tracks {
            expected: options.rooms * options.subscribers * options.expected_tracks(),
            with_media: end.tracks,
        },
        video: result::Video {
            frames: frames.count,
            freezes: frames.freezes,
            frozen_seconds: frames.frozen_ns as f64 / 1e9,
            longest_gap_ms: frames.longest_gap_ns as f64 / 1e6,
        },
        delay_ms: Distribution::of(
            world
                .shared
                .delays_ms
                .iter()
                .copied()
                .map(f64::from)
                .collect(),
        ),
        join_ms: joins(world),
        first_frame_ms: since_opened(|moments| moments.first_frame),
        first_audio_ms: since_opened(|moments| moments.first_audio),
        switch_ms: switches(world),
        client: result::Client {
            cpu_seconds: client_cpu,
            busy: client_cpu / window,
            cpu_us_per_packet: us_per_packet(client_cpu, packets),
            disturbed: (end.waited - start.waited).as_secs_f64() / window,
        },
        server: (!options.server_pid.is_empty()).then(|| result::Server {
            cpu_seconds: server_cpu,
            busy: server_cpu / window,
            cpu_us_per_packet: us_per_packet(server_cpu, packets),
            rss_kib_before: rss_before,
            rss_kib_joined: start.server_rss_kib,
            rss_kib_end: end.server_rss_kib,
            thread_seconds: thread_seconds(start, end),
        }),
    }
}

/// Of the threads that ran at the end.
fn thread_seconds(start: &Snapshot, end: &Snapshot) -> BTreeMap<String, f64> {
    let spent = |(name, until): (&String, &Duration)| {
        let from = start.server_threads.get(name).copied().unwrap_or_default();
        (name.clone(), until.saturating_sub(from).as_secs_f64())
    };
    end.server_threads.iter().map(spent).collect()
}

fn participants(options: &Options, world: &World) -> result::Participants {
    let states = world.participants.iter().flatten().map(Participant::state);
    let joined = states
        .clone()
        .filter(|state| matches!(state, State::Joined(_)))
        .count();
    let failures = states.filter_map(|state| match state {
        State::Joined(_) => None,
        State::Joining => Some("did not connect in time".to_owned()),
        State::Failed(reason) => Some(reason.clone()),
    });
    result::Participants {
        wanted: options.participants(),
        joined,
        failed: options.participants() - joined,
        errors: failures
            .chain(world.errors.iter().cloned())
            .take(MOST_ERRORS)
            .collect(),
    }
}

fn joins(world: &World) -> Option<Distribution> {
    let times = world
        .participants
        .iter()
        .flatten()
        .filter_map(|one| match one.state() {
            State::Joined(at) => Some(at.saturating_sub(one.opened()) as f64 / 1e6),
            _ => None,
        });
    Distribution::of(times.collect())
}

fn switches(world: &World) -> Option<Distribution> {
    let peers = world
        .participants
        .iter()
        .flatten()
        .flat_map(Participant::peers);
    let times = peers.flat_map(|peer| peer.reception().moments().switches_ms.iter().copied());
    Distribution::of(times.collect())
}
