//! Janus' VideoRoom over its WebSocket (janus.conf.meetecho.com/docs/rest.html, …/docs/videoroom.html).

use serde_json::{Value, json};

use super::{Assignment, Effect, Key, Message, Network, Request, Role, Signalling, agreed};
use crate::load::reception::Formats;
use crate::load::sdp::{self, Description, Media};

/// Each participant has one connection.
const ONLY: Key = 0;
/// Names of simulcast layers, lowest first.
const RIDS: [&str; 3] = ["l", "m", "h"];
/// The first room; the others follow.
const FIRST_ROOM: usize = 7000;
/// Sessions end after a minute of silence.
const KEEPALIVE_SECONDS: u64 = 20;
const MOST_PUBLISHERS: usize = 10_000;

/// One participant's session.
pub struct Janus {
    assignment: Assignment,
    url: String,
    stage: Stage,
    transactions: u64,
    seconds: u64,
    published: Option<Media>,
    /// The section and the source of the first camera that comes.
    first_camera: Option<(String, u32)>,
}

/// How far it has come. Janus numbers sessions, and handles within them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Session(u64),
    /// Waits for the room to be there.
    Attached(u64, u64),
    /// Waits for everybody who is to publish.
    Looking(u64, u64),
    Joined(u64, u64),
}

impl Janus {
    /// `url` leads to the WebSocket.
    #[must_use]
    pub fn new(assignment: Assignment, url: &str) -> Self {
        Self {
            assignment,
            url: url.to_owned(),
            stage: Stage::Opening,
            transactions: 0,
            seconds: 0,
            published: None,
            first_camera: None,
        }
    }

    fn room(&self) -> usize {
        FIRST_ROOM + self.assignment.room_number
    }

    /// A request, with what every request has.
    fn send(&mut self, mut request: Value) -> Effect {
        self.transactions += 1;
        request["transaction"] = json!(self.transactions.to_string());
        let (session, handle) = match self.stage {
            Stage::Opening => (None, None),
            Stage::Session(session) => (Some(session), None),
            Stage::Attached(session, handle)
            | Stage::Looking(session, handle)
            | Stage::Joined(session, handle) => (Some(session), Some(handle)),
        };
        if let Some(session) = session {
            request["session_id"] = json!(session);
        }
        if let Some(handle) = handle {
            request["handle_id"] = json!(handle);
        }
        Effect::Send(Message::Text(request.to_string()))
    }

    fn ask(&mut self, body: &Value) -> Effect {
        self.send(json!({"janus": "message", "body": body}))
    }

    fn succeeded(&mut self, message: &Value, network: &mut dyn Network) -> Vec<Effect> {
        let id = message["data"]["id"].as_u64().unwrap_or(0);
        match self.stage {
            Stage::Opening => {
                self.stage = Stage::Session(id);
                vec![self.send(json!({"janus": "attach", "plugin": "janus.plugin.videoroom"}))]
            }
            Stage::Session(session) => {
                self.stage = Stage::Attached(session, id);
                let room = json!({
                    "request": "create", "room": self.room(), "publishers": MOST_PUBLISHERS,
                    "videocodec": "vp8", "audiocodec": "opus", "notify_joining": false,
                });
                vec![self.ask(&room)]
            }
            // The room was made, or is there already, which Janus calls an error.
            Stage::Attached(session, handle) => match self.assignment.role {
                Role::Publisher(kind) => {
                    self.stage = Stage::Joined(session, handle);
                    let media = self.assignment.media(kind, &RIDS);
                    // Janus takes the layer that is named first for the highest.
                    let highest_first = media.layers.iter().rev().cloned().collect();
                    let offered = Media {
                        layers: highest_first,
                        ..media.clone()
                    };
                    let offer = sdp::offer(&network.open(ONLY), &offered);
                    self.published = Some(media);
                    vec![self.publish(&offer)]
                }
                Role::Subscriber => {
                    self.stage = Stage::Looking(session, handle);
                    vec![self.look()]
                }
            },
            Stage::Looking(session, handle) => {
                self.subscribe(session, handle, &message["plugindata"]["data"])
            }
            Stage::Joined(..) => Vec::new(),
        }
    }

    fn publish(&mut self, offer: &str) -> Effect {
        let body = json!({
            "request": "joinandconfigure", "ptype": "publisher", "room": self.room(),
            "display": self.assignment.identity,
        });
        let jsep = json!({"type": "offer", "sdp": offer, "trickle": false});
        self.send(json!({"janus": "message", "body": body, "jsep": jsep}))
    }

    fn look(&mut self) -> Effect {
        let room = self.room();
        self.ask(&json!({"request": "listparticipants", "room": room}))
    }

    /// Takes those of the publishers that the layout has room for, as soon as all are there.
    fn subscribe(&mut self, session: u64, handle: u64, data: &Value) -> Vec<Effect> {
        let present: Vec<&Value> = data["participants"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let feed = |(identity, _): (String, Option<u8>)| {
            let is_it =
                |one: &&&Value| one["display"] == identity.as_str() && one["publisher"] == true;
            let found = present.iter().find(is_it)?;
            Some(json!({"feed": found["id"]}))
        };
        let streams: Option<Vec<Value>> = self.assignment.wanted().map(feed).collect();
        let Some(streams) = streams.filter(|streams| !streams.is_empty()) else {
            return Vec::new(); // The next tick looks again.
        };
        self.stage = Stage::Joined(session, handle);
        let room = self.room();
        vec![self.ask(
            &json!({"request": "join", "ptype": "subscriber", "room": room, "streams": streams}),
        )]
    }

    fn described(&mut self, message: &Value, network: &mut dyn Network) -> Vec<Effect> {
        let description = Description::parse(message["jsep"]["sdp"].as_str().unwrap_or_default());
        let Some(remote) = description.remote() else {
            return vec![Effect::Fail("a description without a transport".to_owned())];
        };
        let connect = |we_offered| Effect::Connect {
            key: ONLY,
            remote,
            we_offered,
        };
        if let Some(media) = &self.published {
            return match agreed(media, &description) {
                Some(parameters) => {
                    vec![connect(true), Effect::Publish(ONLY, media.kind, parameters)]
                }
                None => vec![Effect::Fail("the track was refused".to_owned())],
            };
        }
        let answer = sdp::answer(&description, &network.open(ONLY));
        let jsep = json!({"type": "answer", "sdp": answer, "trickle": false});
        let start =
            self.send(json!({"janus": "message", "body": {"request": "start"}, "jsep": jsep}));
        let mut effects = vec![
            Effect::Receive(ONLY, Formats::of(&description)),
            start,
            connect(false),
        ];
        effects.extend(self.choose_layers(&description));
        effects
    }

    /// Asks for the layers of the layout where they are not the highest, which is Janus' choice.
    fn choose_layers(&mut self, offer: &Description) -> Option<Effect> {
        let cameras = offer
            .sections
            .iter()
            .filter(|section| section.kind == "video");
        let mut lower = Vec::new();
        for (place, section) in cameras.enumerate() {
            let mid = section.attribute("mid").unwrap_or_default();
            if place == 0 {
                self.first_camera = Some((mid.to_owned(), section.sources().next().unwrap_or(0)));
            }
            let layer = self.assignment.layout.layer(place).map_or(0, usize::from);
            if self.assignment.simulcast && layer < self.assignment.highest_layer {
                lower.push(json!({"mid": mid, "substream": layer}));
            }
        }
        (!lower.is_empty()).then(|| self.ask(&json!({"request": "configure", "streams": lower})))
    }
}

impl Signalling for Janus {
    fn request(&self) -> Request {
        Request {
            url: self.url.clone(),
            subprotocol: Some("janus-protocol"),
        }
    }

    fn opened(&mut self, _: &mut dyn Network) -> Vec<Effect> {
        vec![self.send(json!({"janus": "create"}))]
    }

    fn received(&mut self, message: Message, network: &mut dyn Network) -> Vec<Effect> {
        let Message::Text(text) = message else {
            return Vec::new();
        };
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        let data = &message["plugindata"]["data"];
        match message["janus"].as_str().unwrap_or_default() {
            "success" => self.succeeded(&message, network),
            "event" if data["error"].is_string() => {
                vec![Effect::Fail(format!("Janus: {}", data["error"]))]
            }
            "event" if message["jsep"].is_object() => self.described(&message, network),
            "error" => vec![Effect::Fail(format!(
                "Janus: {}",
                message["error"]["reason"]
            ))],
            "timeout" => vec![Effect::Fail("Janus ended the session".to_owned())],
            _ => Vec::new(),
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        self.seconds += 1;
        let mut effects = Vec::new();
        if matches!(self.stage, Stage::Looking(..)) {
            effects.push(self.look());
        }
        if self.seconds.is_multiple_of(KEEPALIVE_SECONDS) && self.stage != Stage::Opening {
            effects.push(self.send(json!({"janus": "keepalive"})));
        }
        effects
    }

    fn switch(&mut self, layer: u8) -> Vec<Effect> {
        let Some((mid, ssrc)) = self.first_camera.clone() else {
            return Vec::new();
        };
        let streams = json!([{"mid": mid, "substream": layer}]);
        let configure = self.ask(&json!({"request": "configure", "streams": streams}));
        let awaited = Effect::AwaitLayer {
            key: ONLY,
            ssrc,
            layer,
        };
        vec![configure, awaited]
    }

    fn leave(&mut self) -> Vec<Effect> {
        vec![self.send(json!({"janus": "destroy"}))]
    }
}
