//! LiveKit's client protocol with two peer connections: ours and Hoichan's other peer's.

mod messages;
mod token;

use std::collections::BTreeMap;

use prost::Message as _;

use super::{Assignment, Effect, Key, Message, Network, Request, Role, Signalling, agreed};
use crate::load::reception::Formats;
use crate::load::sdp::{self, Description, Media, MediaKind, candidate_address};
use messages::{
    AddTrack, Leave, ParticipantInfo, SessionDescription, SignalRequest, SignalResponse,
    SimulcastCodec, Subscription, TrackInfo, TrackSettings, VideoLayer, request, response,
    track_type,
};
pub use token::token;

/// Our connection; the server's.
const PUBLISHER: Key = 0;
const SUBSCRIBER: Key = 1;
/// Names of simulcast layers, lowest first.
const RIDS: [&str; 3] = ["q", "h", "f"];
/// As livekit-client 2.x speaks it.
const PROTOCOL: u32 = 15;
/// `VideoQuality` of each layer, with its width and height.
const QUALITIES: [(u32, u32, u32); 3] = [(0, 320, 180), (1, 640, 360), (2, 1280, 720)];

/// One participant's session.
pub struct LiveKit {
    assignment: Assignment,
    url: String,
    token: String,
    published: Option<Media>,
    /// Camera tracks that were taken, in the order they were seen, with their layer.
    cameras: Vec<(String, u8)>,
    /// The source of each track, once it was offered.
    sources: BTreeMap<String, u32>,
}

impl LiveKit {
    /// `key` and `secret` are the server's.
    #[must_use]
    pub fn new(assignment: Assignment, url: &str, (key, secret): (&str, &str)) -> Self {
        let token = token(key, secret, &assignment.room, &assignment.identity);
        Self {
            assignment,
            url: url.trim_end_matches('/').to_owned(),
            token,
            published: None,
            cameras: Vec::new(),
            sources: BTreeMap::new(),
        }
    }

    /// Whether every track is taken as it is, which the server does by itself.
    fn takes_everything(&self) -> bool {
        let layout = self.assignment.layout;
        self.assignment.role == Role::Subscriber
            && layout
                .cameras()
                .is_none_or(|most| self.assignment.cameras <= most)
    }

    fn publish(&mut self, kind: MediaKind, network: &mut dyn Network) -> Vec<Effect> {
        let media = self.assignment.media(kind, &RIDS);
        let text = sdp::offer(&network.open(PUBLISHER), &media);
        let add_track = add_track(&media, self.assignment.highest_layer);
        let offer = SessionDescription {
            kind: "offer".to_owned(),
            sdp: text,
            id: 1,
        };
        self.published = Some(media);
        vec![
            send(request::Message::AddTrack(add_track)),
            send(request::Message::Offer(offer)),
        ]
    }

    fn offered(&mut self, offer: &SessionDescription, network: &mut dyn Network) -> Vec<Effect> {
        let description = Description::parse(&offer.sdp);
        let Some(remote) = description.remote() else {
            return vec![Effect::Fail("an offer without a transport".to_owned())];
        };
        for section in description
            .sections
            .iter()
            .filter(|section| section.kind == "video")
        {
            let track = section
                .attribute("msid")
                .and_then(|msid| msid.split_once(' '));
            if let (Some((_, track)), Some(ssrc)) = (track, section.sources().next()) {
                self.sources.insert(track.to_owned(), ssrc);
            }
        }
        let answer = SessionDescription {
            kind: "answer".to_owned(),
            sdp: sdp::answer(&description, &network.open(SUBSCRIBER)),
            id: offer.id,
        };
        vec![
            Effect::Receive(SUBSCRIBER, Formats::of(&description)),
            send(request::Message::Answer(answer)),
            Effect::Connect {
                key: SUBSCRIBER,
                remote,
                we_offered: false,
            },
        ]
    }

    fn answered(&self, answer: &SessionDescription) -> Vec<Effect> {
        let description = Description::parse(&answer.sdp);
        let (Some(media), Some(remote)) = (&self.published, description.remote()) else {
            return vec![Effect::Fail("an answer that does not fit".to_owned())];
        };
        let Some(parameters) = agreed(media, &description) else {
            return vec![Effect::Fail("the track was refused".to_owned())];
        };
        let connect = Effect::Connect {
            key: PUBLISHER,
            remote,
            we_offered: true,
        };
        vec![connect, Effect::Publish(PUBLISHER, media.kind, parameters)]
    }

    /// Takes the tracks that the layout has room for.
    fn see(&mut self, participants: &[ParticipantInfo]) -> Vec<Effect> {
        if self.assignment.role != Role::Subscriber {
            return Vec::new();
        }
        let tracks = participants
            .iter()
            .flat_map(|participant| &participant.tracks);
        let unseen: Vec<&TrackInfo> = tracks
            .filter(|track| !self.sources.contains_key(&track.sid))
            .collect();
        let mut effects = Vec::new();
        let mut wanted = Vec::new();
        for track in unseen {
            self.sources.insert(track.sid.clone(), 0);
            if track.kind == track_type::VIDEO {
                let Some(layer) = self.assignment.layout.layer(self.cameras.len()) else {
                    continue;
                };
                self.cameras.push((track.sid.clone(), layer));
                if usize::from(layer) < self.assignment.highest_layer {
                    effects.push(set_layer(&track.sid, layer));
                }
            }
            wanted.push(track.sid.clone());
        }
        if !wanted.is_empty() && !self.takes_everything() {
            let subscription = Subscription {
                track_sids: wanted,
                subscribe: true,
            };
            effects.insert(0, send(request::Message::Subscription(subscription)));
        }
        effects
    }
}

impl Signalling for LiveKit {
    fn request(&self) -> Request {
        let auto_subscribe = u8::from(self.takes_everything());
        Request {
            url: format!(
                "{}/rtc?access_token={}&auto_subscribe={auto_subscribe}&sdk=go&version=2.0.0&protocol={PROTOCOL}",
                self.url, self.token
            ),
            subprotocol: None,
        }
    }

    fn opened(&mut self, _: &mut dyn Network) -> Vec<Effect> {
        Vec::new()
    }

    fn received(&mut self, message: Message, network: &mut dyn Network) -> Vec<Effect> {
        let Message::Binary(bytes) = message else {
            return Vec::new();
        };
        let Ok(SignalResponse {
            message: Some(message),
        }) = SignalResponse::decode(bytes.as_slice())
        else {
            return Vec::new(); // Something newer than we are.
        };
        match message {
            response::Message::Join(join) => match self.assignment.role {
                Role::Publisher(kind) => self.publish(kind, network),
                Role::Subscriber => self.see(&join.other_participants),
            },
            response::Message::Update(update) => self.see(&update.participants),
            response::Message::Offer(offer) => self.offered(&offer, network),
            response::Message::Answer(answer) => self.answered(&answer),
            response::Message::Trickle(trickle) => {
                let key = if trickle.target == 0 {
                    PUBLISHER
                } else {
                    SUBSCRIBER
                };
                let candidate: Option<serde_json::Value> =
                    serde_json::from_str(&trickle.candidate_init).ok();
                let address =
                    candidate.and_then(|json| candidate_address(json.get("candidate")?.as_str()?));
                address
                    .map(|address| Effect::Candidate(key, address))
                    .into_iter()
                    .collect()
            }
            response::Message::Leave(leave) => {
                vec![Effect::Fail(format!(
                    "the server sent this participant away (reason {})",
                    leave.reason
                ))]
            }
        }
    }

    fn switch(&mut self, layer: u8) -> Vec<Effect> {
        let Some((sid, now)) = self.cameras.first_mut() else {
            return Vec::new();
        };
        *now = layer;
        let ssrc = self.sources.get(sid).copied().unwrap_or(0);
        vec![
            set_layer(sid, layer),
            Effect::AwaitLayer {
                key: SUBSCRIBER,
                ssrc,
                layer,
            },
        ]
    }

    fn leave(&mut self) -> Vec<Effect> {
        let client_initiated = Leave { reason: 1 };
        vec![send(request::Message::Leave(client_initiated))]
    }
}

fn send(message: request::Message) -> Effect {
    let request = SignalRequest {
        message: Some(message),
    };
    Effect::Send(Message::Binary(request.encode_to_vec()))
}

fn set_layer(sid: &str, layer: u8) -> Effect {
    let (quality, width, height) = QUALITIES[usize::from(layer)];
    send(request::Message::TrackSetting(TrackSettings {
        track_sids: vec![sid.to_owned()],
        quality,
        width,
        height,
    }))
}

fn add_track(media: &Media, highest_layer: usize) -> AddTrack {
    let (_, cid) = media.msid.clone();
    let is_video = media.kind == MediaKind::Video;
    let lowest = highest_layer + 1 - media.layers.len().min(highest_layer + 1);
    let layers: Vec<VideoLayer> = QUALITIES[lowest..=highest_layer]
        .iter()
        .zip([160_000, 450_000, 1_700_000].into_iter().skip(lowest))
        .map(|(&(quality, width, height), bitrate)| VideoLayer {
            quality,
            width,
            height,
            bitrate,
        })
        .filter(|_| is_video)
        .collect();
    let (_, width, height) = QUALITIES[highest_layer];
    AddTrack {
        cid: cid.clone(),
        name: media.kind.name().to_owned(),
        kind: if is_video {
            track_type::VIDEO
        } else {
            track_type::AUDIO
        },
        width: if is_video { width } else { 0 },
        height: if is_video { height } else { 0 },
        source: if is_video { 1 } else { 2 },
        simulcast_codecs: if is_video {
            vec![SimulcastCodec {
                codec: "vp8".to_owned(),
                cid,
            }]
        } else {
            Vec::new()
        },
        layers,
        disable_red: true,
    }
}

#[cfg(test)]
mod tests;
