//! WHIP (RFC 9725) for those who publish, WHEP (draft-ietf-wish-whep-03) for those who receive: an offer is posted, and the
//! answer to it is the reply.
//!
//! Both leave it to the server where its streams are, so the URL has places for that: `{room}`, `{publisher}`, and
//! `{protocol}`, which is `whip` or `whep`. Cameras send one layer, and each stream has a session of its own.

use super::http::{Call, Reply};
use super::{Assignment, Effect, Key, Message, Network, Request, Role, Signalling, agreed};
use crate::load::reception::Formats;
use crate::load::sdp::{self, Description, MediaKind};

/// One participant's sessions.
pub struct Whip {
    assignment: Assignment,
    url: String,
    /// What it sends, or what it receives.
    streams: Vec<Stream>,
    /// So many of them are answered; the next one is being asked for.
    answered: usize,
    /// What was asked last.
    asked: Asked,
}

enum Asked {
    Nothing,
    /// The reply is on its way.
    Once(Call),
    /// The stream was not there; the next tick asks again.
    TooEarly(Call),
}

struct Stream {
    publisher: String,
    kind: MediaKind,
    /// Where the session is, once it stands.
    session: Option<String>,
}

impl Whip {
    /// `url` is `http://host:port/…` with places.
    #[must_use]
    pub fn new(assignment: Assignment, url: &str) -> Self {
        let assignment = Assignment {
            simulcast: false,
            ..assignment
        };
        let stream = |publisher, kind| Stream {
            publisher,
            kind,
            session: None,
        };
        let streams = match assignment.role {
            Role::Publisher(kind) => vec![stream(assignment.identity.clone(), kind)],
            Role::Subscriber => (assignment.wanted())
                .map(|(publisher, layer)| {
                    let is_camera = layer.is_some();
                    let kind = [MediaKind::Audio, MediaKind::Video][usize::from(is_camera)];
                    stream(publisher, kind)
                })
                .collect(),
        };
        Self {
            assignment,
            url: url.to_owned(),
            streams,
            answered: 0,
            asked: Asked::Nothing,
        }
    }

    /// Offers the next session.
    fn offer(&mut self, network: &mut dyn Network) -> Vec<Effect> {
        let Some(stream) = self.streams.get(self.answered) else {
            return Vec::new();
        };
        let local = network.open(self.key());
        let (protocol, body) = match self.assignment.role {
            Role::Publisher(kind) => {
                let media = self.assignment.media(kind, &["l", "m", "h"]);
                ("whip", sdp::offer(&local, &media))
            }
            Role::Subscriber => ("whep", sdp::offer_to_receive(&local, stream.kind)),
        };
        let endpoint = (self.url.replace("{room}", &self.assignment.room))
            .replace("{publisher}", &stream.publisher)
            .replace("{protocol}", protocol);
        let call = Call {
            method: "POST",
            target: target_of(&endpoint).to_owned(),
            body,
        };
        self.asked = Asked::Once(call.clone());
        vec![Effect::Send(Message::Call(call))]
    }

    /// The connection of the session that is being asked for. Nobody takes more than 25 cameras.
    fn key(&self) -> Key {
        Key::try_from(self.answered).unwrap_or(Key::MAX)
    }

    fn created(&mut self, reply: &Reply, network: &mut dyn Network) -> Vec<Effect> {
        let answer = Description::parse(&reply.body);
        let (Some(remote), Some(session)) = (answer.remote(), &reply.location) else {
            return vec![Effect::Fail("an answer that does not fit".to_owned())];
        };
        let key = self.key();
        let media = match self.assignment.role {
            Role::Subscriber => Effect::Receive(key, Formats::of(&answer)),
            Role::Publisher(kind) => {
                let media = self.assignment.media(kind, &["l", "m", "h"]);
                let Some(parameters) = agreed(&media, &answer) else {
                    return vec![Effect::Fail("the track was refused".to_owned())];
                };
                Effect::Publish(key, kind, parameters)
            }
        };
        let connect = Effect::Connect {
            key,
            remote,
            we_offered: true,
        };
        self.streams[self.answered].session = Some(target_of(session).to_owned());
        self.answered += 1;
        let mut effects = vec![media, connect];
        effects.extend(self.offer(network));
        effects
    }

    fn wait(&mut self) -> Vec<Effect> {
        if let Asked::Once(call) = std::mem::replace(&mut self.asked, Asked::Nothing) {
            self.asked = Asked::TooEarly(call);
        }
        Vec::new()
    }
}

impl Signalling for Whip {
    fn request(&self) -> Request {
        Request {
            url: self.url.clone(),
            subprotocol: None,
        }
    }

    fn opened(&mut self, network: &mut dyn Network) -> Vec<Effect> {
        self.offer(network)
    }

    fn received(&mut self, message: Message, network: &mut dyn Network) -> Vec<Effect> {
        let Message::Reply(reply) = message else {
            return Vec::new();
        };
        match reply.status {
            201 => self.created(&reply, network),
            // What nobody publishes yet (draft-ietf-wish-whep §4.2).
            404 | 409 | 503 if self.assignment.role == Role::Subscriber => self.wait(),
            status => vec![Effect::Fail(format!(
                "the server says {status}: {}",
                reply.body
            ))],
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        let Asked::TooEarly(call) = &self.asked else {
            return Vec::new();
        };
        let call = call.clone();
        self.asked = Asked::Once(call.clone());
        vec![Effect::Send(Message::Call(call))]
    }

    fn switch(&mut self, _: u8) -> Vec<Effect> {
        Vec::new() // There is one layer.
    }

    fn leave(&mut self) -> Vec<Effect> {
        (self.streams.iter())
            .filter_map(|stream| stream.session.as_deref())
            .map(|session| Call {
                method: "DELETE",
                target: session.to_owned(),
                body: String::new(),
            })
            .map(|call| Effect::Send(Message::Call(call)))
            .collect()
    }
}

/// The path of an address on the same server, which may name that or not.
fn target_of(address: &str) -> &str {
    let Some((_, rest)) = address.split_once("://") else {
        return address;
    };
    rest.find('/').map_or("/", |at| &rest[at..])
}
