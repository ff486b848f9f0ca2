//! How a participant joins a room: one adapter for each kind of server, all of them values that own no socket; and the
//! connections that their messages go over.

pub mod channel;
pub mod galene;
pub mod http;
pub mod janus;
pub mod livekit;
pub mod websocket;
pub mod whip;

use std::net::SocketAddrV4;

use super::media::{Extensions, Parameters};
use super::options::Layout;
use super::reception::Formats;
use super::sdp::{Description, Layer, Local, Media, MediaKind, Remote, extension};

/// What those are called who publish a camera.
pub const CAMERA: &str = "camera";
/// What those are called who publish a microphone.
pub const MICROPHONE: &str = "microphone";
/// Sources of one participant lie so far apart from another's.
const SSRCS_EACH: u32 = 16;

/// What a participant does in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sends one track, and receives none.
    Publisher(MediaKind),
    /// Receives, and sends none.
    Subscriber,
}

/// Who joins what, and as what.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Counts all participants of the run.
    pub number: usize,
    /// The room's name.
    pub room: String,
    /// Counts the rooms of the run.
    pub room_number: usize,
    /// This run's mark: servers may still list those who were there before.
    pub run: u32,
    /// Unique in the room.
    pub identity: String,
    /// What to do there.
    pub role: Role,
    /// Whether cameras send several layers.
    pub simulcast: bool,
    /// The highest layer that cameras send.
    pub highest_layer: usize,
    /// What subscribers take.
    pub layout: Layout,
    /// How many cameras there are in the room.
    pub cameras: usize,
    /// How many microphones there are in the room.
    pub microphones: usize,
}

/// A message over the signalling connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// JSON.
    Text(String),
    /// Protocol buffers.
    Binary(Vec<u8>),
    /// What we ask over HTTP.
    Call(http::Call),
    /// What is said to that.
    Reply(http::Reply),
}

/// What a signalling connection begins with.
#[derive(Clone, Debug)]
pub struct Request {
    /// `ws://` or `http://`.
    pub url: String,
    /// The WebSocket subprotocol.
    pub subprotocol: Option<&'static str>,
}

/// Names a peer connection of one participant.
pub type Key = u8;

/// Where an adapter gets peer connections from.
pub trait Network {
    /// What the connection `key` is called on our side; it is made if it is new.
    fn open(&mut self, key: Key) -> Local;
}

/// What is to be done because of a message.
#[derive(Debug)]
pub enum Effect {
    /// Send this.
    Send(Message),
    /// The other side of a connection is known.
    Connect {
        /// The connection.
        key: Key,
        /// The other side.
        remote: Remote,
        /// Ours was the offer.
        we_offered: bool,
    },
    /// One more address of it.
    Candidate(Key, SocketAddrV4),
    /// This may come over it.
    Receive(Key, Formats),
    /// This is to be sent over it: the layers, lowest first.
    Publish(Key, MediaKind, Vec<Parameters>),
    /// Another layer of a source was asked for.
    AwaitLayer {
        /// The connection.
        key: Key,
        /// The source.
        ssrc: u32,
        /// 0 is the lowest.
        layer: u8,
    },
    /// The participant cannot take part.
    Fail(String),
}

/// An adapter.
pub trait Signalling {
    /// What to connect to.
    fn request(&self) -> Request;
    /// The connection is open.
    fn opened(&mut self, network: &mut dyn Network) -> Vec<Effect>;
    /// A message came.
    fn received(&mut self, message: Message, network: &mut dyn Network) -> Vec<Effect>;
    /// A second has passed.
    fn tick(&mut self) -> Vec<Effect> {
        Vec::new()
    }
    /// Ask for another layer of the first camera.
    fn switch(&mut self, layer: u8) -> Vec<Effect>;
    /// Say good-bye.
    fn leave(&mut self) -> Vec<Effect>;
}

/// What a participant of that kind in that place is called.
#[must_use]
pub fn identity(name: &str, place: usize, run: u32) -> String {
    format!("{name}-{place}-{run:x}")
}

impl Assignment {
    /// The identities of those whom this subscriber takes: cameras first, each with its layer, then microphones.
    pub fn wanted(&self) -> impl Iterator<Item = (String, Option<u8>)> {
        let cameras = (0..self.cameras).filter_map(|place| {
            let layer = self.layout.layer(place)?;
            Some((identity(CAMERA, place, self.run), Some(layer)))
        });
        let microphones =
            (0..self.microphones).map(|place| (identity(MICROPHONE, place, self.run), None));
        cameras.chain(microphones)
    }

    /// What this publisher sends. `names` are those of simulcast layers, lowest first.
    #[must_use]
    pub fn media(&self, kind: MediaKind, names: &[&str; 3]) -> Media {
        let is_simulcast = self.simulcast && kind == MediaKind::Video && self.highest_layer > 0;
        let rids = if is_simulcast {
            &names[..=self.highest_layer]
        } else {
            &[]
        };
        let base = 0x1000_0000 + self.number as u32 * SSRCS_EACH;
        let layer = |number: usize, rid: Option<&str>| Layer {
            rid: rid.map(str::to_owned),
            ssrc: base + 2 * number as u32,
            rtx_ssrc: base + 2 * number as u32 + 1,
        };
        Media {
            kind,
            mid: "0".to_owned(),
            msid: (
                "load".to_owned(),
                format!("{}-{}", self.identity, kind.name()),
            ),
            layers: if is_simulcast {
                rids.iter()
                    .enumerate()
                    .map(|(number, rid)| layer(number, Some(rid)))
                    .collect()
            } else {
                vec![layer(0, None)]
            },
        }
    }
}

/// What was agreed about `media` by `answer`; `None` if it was refused.
#[must_use]
pub fn agreed(media: &Media, answer: &Description) -> Option<Vec<Parameters>> {
    let section = answer
        .sections
        .first()
        .filter(|section| section.port != 0)?;
    let (payload_type, rtx) = media.kind.payload_types();
    let rtx = rtx.filter(|rtx| section.retransmits(*rtx) == Some(payload_type));
    let id = |(_, uri): (u8, &str)| section.extension(uri);
    let extensions = Extensions {
        mid: id(extension::MID),
        rid: id(extension::RID),
        repaired_rid: id(extension::REPAIRED_RID),
        absolute_send_time: id(extension::ABSOLUTE_SEND_TIME),
        transport_wide: id(extension::TRANSPORT_WIDE),
        audio_level: id(extension::AUDIO_LEVEL),
    };
    let is_video = media.kind == MediaKind::Video;
    let parameters = |layer: &Layer| Parameters {
        mid: media.mid.clone(),
        rid: layer.rid.clone(),
        ssrc: layer.ssrc,
        payload_type,
        rtx: rtx.map(|rtx| (layer.rtx_ssrc, rtx)),
        extensions,
        clock_rate: if is_video { 90_000 } else { 48_000 },
    };
    Some(media.layers.iter().map(parameters).collect())
}
