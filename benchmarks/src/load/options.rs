//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Joins rooms of any SFU, sends and receives what people would, and measures what arrives.
#[derive(Clone, Debug, Parser, Serialize)]
#[command(name = "load", version)]
pub struct Options {
    /// How to join
    #[arg(long, default_value = "livekit")]
    pub adapter: Adapter,
    /// ws://host:port, for Janus and Galene with the path; for WHIP http://…/{room}/{publisher}/{protocol}
    #[arg(long)]
    pub url: String,
    /// LiveKit's
    #[arg(long, default_value = "devkey")]
    pub api_key: String,
    /// LiveKit's
    #[arg(long, default_value = "secret")]
    #[serde(skip)]
    pub api_secret: String,
    /// Name of the room; with --rooms, a number is appended
    #[arg(long, default_value = "load")]
    pub room: String,
    /// So many rooms, each with all of the participants
    #[arg(long, default_value_t = 1)]
    pub rooms: usize,
    /// Participants who publish a camera
    #[arg(long, default_value_t = 0)]
    pub video_publishers: usize,
    /// Participants who publish a microphone
    #[arg(long, default_value_t = 0)]
    pub audio_publishers: usize,
    /// Participants who only receive
    #[arg(long, default_value_t = 0)]
    pub subscribers: usize,
    /// What subscribers take of the cameras
    #[arg(long, default_value = "speaker")]
    pub layout: Layout,
    /// One layer instead of three
    #[arg(long)]
    pub no_simulcast: bool,
    /// The publishers' largest layer
    #[arg(long, default_value = "high")]
    pub video_resolution: Resolution,
    /// Share of the time for which a microphone hears speech
    #[arg(long, default_value_t = 1.0)]
    pub talking: f64,
    /// Joins per second
    #[arg(long, default_value_t = 5.0)]
    pub num_per_second: f64,
    /// Seconds between the last join and the measured time
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
    /// Measured seconds
    #[arg(long, default_value_t = 10.0)]
    pub duration: f64,
    /// Every so many seconds each subscriber asks for another layer; 0: never
    #[arg(long, default_value_t = 0.0)]
    pub switch_every: f64,
    /// One packet in so many is decrypted
    #[arg(long, default_value_t = 32)]
    pub sample: u32,
    /// Process whose CPU time and memory go into the result; may be repeated
    #[arg(long)]
    pub server_pid: Vec<u32>,
    /// The only core this program may use
    #[arg(long)]
    pub core: Option<usize>,
    /// File for the result; - is standard output
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// No progress bar
    #[arg(long)]
    #[serde(skip)]
    pub quiet: bool,
}

/// The kinds of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Adapter {
    /// LiveKit's protocol, which Hoichan speaks too.
    Livekit,
    /// VideoRoom over its WebSocket.
    Janus,
    /// Its own protocol.
    Galene,
    /// WHIP, and WHEP.
    Whip,
}

/// Which cameras a subscriber takes, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
pub enum Layout {
    /// One large, five small
    #[value(name = "speaker")]
    #[serde(rename = "speaker")]
    Speaker,
    /// Nine of middle size
    #[value(name = "3x3")]
    #[serde(rename = "3x3")]
    Grid3,
    /// Sixteen small
    #[value(name = "4x4")]
    #[serde(rename = "4x4")]
    Grid4,
    /// Twenty-five small
    #[value(name = "5x5")]
    #[serde(rename = "5x5")]
    Grid5,
    /// Every one, large
    #[value(name = "all")]
    #[serde(rename = "all")]
    All,
}

/// The layers of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// 180p
    Low,
    /// 360p
    Medium,
    /// 720p
    High,
}

impl Layout {
    /// How many cameras it has room for; `None`: any number.
    #[must_use]
    pub fn cameras(self) -> Option<usize> {
        match self {
            Self::Speaker => Some(6),
            Self::Grid3 => Some(9),
            Self::Grid4 => Some(16),
            Self::Grid5 => Some(25),
            Self::All => None,
        }
    }

    /// The layer of the camera in that place; `None` if there is no such place.
    #[must_use]
    pub fn layer(self, place: usize) -> Option<u8> {
        let exists = self.cameras().is_none_or(|places| place < places);
        exists.then_some(match self {
            Self::Speaker if place == 0 => 2,
            Self::Grid3 => 1,
            Self::Speaker | Self::Grid4 | Self::Grid5 => 0,
            Self::All => 2,
        })
    }
}

impl Options {
    /// The number of the highest layer that cameras send.
    #[must_use]
    pub fn highest_layer(&self) -> usize {
        self.video_resolution as usize
    }

    /// Tracks that every subscriber should get.
    #[must_use]
    pub fn expected_tracks(&self) -> usize {
        let places = self.layout.cameras().unwrap_or(usize::MAX);
        self.audio_publishers + self.video_publishers.min(places)
    }

    /// All participants of all rooms.
    #[must_use]
    pub fn participants(&self) -> usize {
        self.rooms * (self.video_publishers + self.audio_publishers + self.subscribers)
    }
}
