//! Galene's own protocol (galene-protocol.md): JSON over a WebSocket, and one peer connection for each stream.
//!
//! Cameras send one layer: of several, Galene forwards the one whose packets happened to come first.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Assignment, Effect, Key, Message, Network, Request, Role, Signalling, agreed};
use crate::load::reception::Formats;
use crate::load::sdp::{self, Description, Media, candidate_address};

const VERSION: &str = "2";
/// Names of simulcast layers, were there any.
const RIDS: [&str; 3] = ["l", "m", "h"];
/// The connection of what is published; those of what is received follow.
const PUBLISHED: Key = 0;

/// One participant's session.
pub struct Galene {
    assignment: Assignment,
    url: String,
    published: Option<Media>,
    /// The connections of streams that come, by their ids.
    streams: BTreeMap<String, Key>,
}

impl Galene {
    /// `url` leads to the WebSocket: `ws://host:port/ws`.
    #[must_use]
    pub fn new(assignment: Assignment, url: &str) -> Self {
        Self {
            assignment: Assignment {
                simulcast: false,
                ..assignment
            },
            url: url.to_owned(),
            published: None,
            streams: BTreeMap::new(),
        }
    }

    fn join(&self) -> Vec<Effect> {
        vec![send(&json!({
            "type": "join",
            "kind": "join",
            "group": self.assignment.room,
            "username": self.assignment.identity,
            "password": "any",
        }))]
    }

    fn joined(&mut self, message: &Value, network: &mut dyn Network) -> Vec<Effect> {
        match message["kind"].as_str() {
            Some("join") => self.begin(network),
            Some("fail") => vec![Effect::Fail(format!(
                "Galene refused: {}",
                message["value"]
            ))],
            _ => Vec::new(),
        }
    }

    fn begin(&mut self, network: &mut dyn Network) -> Vec<Effect> {
        let Role::Publisher(kind) = self.assignment.role else {
            return vec![self.ask()];
        };
        let media = self.assignment.media(kind, &RIDS);
        let offer = sdp::offer(&network.open(PUBLISHED), &media);
        self.published = Some(media);
        vec![send(&json!({
            "type": "offer",
            "id": self.published_id(),
            "label": self.assignment.identity,
            "source": self.own_id(),
            "username": self.assignment.identity,
            "sdp": offer,
        }))]
    }

    /// Streams are taken by their labels, which are the publishers' identities.
    fn ask(&self) -> Effect {
        let quality = |layer| match layer {
            None => "audio",
            Some(0) => "video-low",
            Some(_) => "video",
        };
        let wanted: serde_json::Map<String, Value> = (self.assignment.wanted())
            .map(|(identity, layer)| (identity, json!([quality(layer)])))
            .collect();
        send(&json!({"type": "request", "request": wanted}))
    }

    fn answered(&self, message: &Value) -> Vec<Effect> {
        let answer = Description::parse(message["sdp"].as_str().unwrap_or_default());
        let (Some(media), Some(remote)) = (&self.published, answer.remote()) else {
            return vec![Effect::Fail("an answer that does not fit".to_owned())];
        };
        let Some(parameters) = agreed(media, &answer) else {
            return vec![Effect::Fail("the track was refused".to_owned())];
        };
        let connect = Effect::Connect {
            key: PUBLISHED,
            remote,
            we_offered: true,
        };
        vec![connect, Effect::Publish(PUBLISHED, media.kind, parameters)]
    }

    fn offered(&mut self, message: &Value, network: &mut dyn Network) -> Vec<Effect> {
        let id = message["id"].as_str().unwrap_or_default();
        let offer = Description::parse(message["sdp"].as_str().unwrap_or_default());
        let Some(remote) = offer.remote() else {
            return vec![Effect::Fail("an offer without a transport".to_owned())];
        };
        let next = 1 + self.streams.len();
        let Ok(next) = Key::try_from(next) else {
            return vec![Effect::Fail("more than 255 streams".to_owned())];
        };
        let key = *self.streams.entry(id.to_owned()).or_insert(next);
        let answer = sdp::answer(&offer, &network.open(key));
        vec![
            Effect::Receive(key, Formats::of(&offer)),
            send(&json!({"type": "answer", "id": id, "sdp": answer})),
            Effect::Connect {
                key,
                remote,
                we_offered: false,
            },
        ]
    }

    fn candidate(&self, message: &Value) -> Vec<Effect> {
        let id = message["id"].as_str().unwrap_or_default();
        let key = if id == self.published_id() {
            Some(PUBLISHED)
        } else {
            self.streams.get(id).copied()
        };
        let text = message["candidate"]["candidate"].as_str();
        match (key, text.and_then(candidate_address)) {
            (Some(key), Some(address)) => vec![Effect::Candidate(key, address)],
            _ => Vec::new(),
        }
    }

    fn own_id(&self) -> String {
        format!("load{}", self.assignment.number)
    }

    /// Unique in the group, as all ids of streams.
    fn published_id(&self) -> String {
        format!("{}-published", self.own_id())
    }
}

impl Signalling for Galene {
    fn request(&self) -> Request {
        Request {
            url: self.url.clone(),
            subprotocol: None,
        }
    }

    fn opened(&mut self, _: &mut dyn Network) -> Vec<Effect> {
        vec![send(
            &json!({"type": "handshake", "version": [VERSION], "id": self.own_id()}),
        )]
    }

    fn received(&mut self, message: Message, network: &mut dyn Network) -> Vec<Effect> {
        let Message::Text(text) = message else {
            return Vec::new();
        };
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        match message["type"].as_str().unwrap_or_default() {
            "handshake" => self.join(),
            "joined" => self.joined(&message, network),
            "offer" => self.offered(&message, network),
            "answer" => self.answered(&message),
            "ice" => self.candidate(&message),
            "ping" => vec![send(&json!({"type": "pong"}))],
            "abort" => vec![Effect::Fail("Galene refused the stream".to_owned())],
            _ => Vec::new(),
        }
    }

    fn switch(&mut self, _: u8) -> Vec<Effect> {
        Vec::new() // There is one layer.
    }

    /// It is enough to close the connection; Galene has crashed when told first.
    fn leave(&mut self) -> Vec<Effect> {
        Vec::new()
    }
}

fn send(message: &Value) -> Effect {
    Effect::Send(Message::Text(message.to_string()))
}
