//! A session against a server that is played by hand.

use std::net::SocketAddrV4;

use hoichan_transport::IceCredentials;

use super::messages::{Join, Update};
use super::*;
use crate::load::options::Layout;
use crate::load::sdp::Local;

struct Desk;

impl Network for Desk {
    fn open(&mut self, key: Key) -> Local {
        Local {
            ice: IceCredentials {
                username_fragment: format!("ours{key}"),
                password: "a password that is long enough".to_owned(),
            },
            fingerprint: ["AB"; 32].join(":"),
            candidates: vec![SocketAddrV4::new([127, 0, 0, 1].into(), 5000)],
        }
    }
}

fn session(role: Role, layout: Layout, cameras: usize) -> LiveKit {
    let assignment = Assignment {
        number: 3,
        room: "r".to_owned(),
        room_number: 0,
        run: 7,
        identity: "somebody".to_owned(),
        role,
        simulcast: true,
        highest_layer: 2,
        layout,
        cameras,
        microphones: 0,
    };
    LiveKit::new(assignment, "ws://127.0.0.1:7880/", ("key", "secret"))
}

fn hear(session: &mut LiveKit, message: response::Message) -> Vec<Effect> {
    let bytes = SignalResponse {
        message: Some(message),
    }
    .encode_to_vec();
    session.received(Message::Binary(bytes), &mut Desk)
}

fn sent(effects: &[Effect]) -> Vec<request::Message> {
    let messages = effects.iter().filter_map(|effect| match effect {
        Effect::Send(Message::Binary(bytes)) => {
            SignalRequest::decode(bytes.as_slice())
                .expect("it is ours")
                .message
        }
        _ => None,
    });
    messages.collect()
}

fn cameras(count: usize) -> ParticipantInfo {
    let track = |number| TrackInfo {
        sid: format!("TR_{number}"),
        kind: track_type::VIDEO,
    };
    ParticipantInfo {
        tracks: (0..count).map(track).collect(),
    }
}

#[test]
fn a_publisher_announces_its_track_and_offers_its_layers() {
    let mut session = session(Role::Publisher(MediaKind::Video), Layout::Speaker, 1);
    let effects = hear(&mut session, response::Message::Join(Join::default()));
    let [
        request::Message::AddTrack(track),
        request::Message::Offer(offer),
    ] = &sent(&effects)[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(track.layers.len(), 3);
    assert!(offer.sdp.contains(&format!("a=msid:load {}", track.cid)));
    let accepted = offer.sdp.replace("sendonly", "recvonly");
    let answer = SessionDescription {
        kind: "answer".to_owned(),
        sdp: accepted,
        id: 1,
    };
    let effects = hear(&mut session, response::Message::Answer(answer));
    let [
        Effect::Connect {
            we_offered: true, ..
        },
        Effect::Publish(PUBLISHER, MediaKind::Video, layers),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(
        layers
            .iter()
            .map(|layer| layer.rid.as_deref())
            .collect::<Vec<_>>(),
        [Some("q"), Some("h"), Some("f")]
    );
    assert!(layers[0].extensions.rid.is_some());
}

#[test]
fn a_speaker_layout_takes_one_large_and_five_small_of_ten() {
    let mut session = session(Role::Subscriber, Layout::Speaker, 10);
    let update = Update {
        participants: vec![cameras(10)],
    };
    let messages = sent(&hear(&mut session, response::Message::Update(update)));
    let [request::Message::Subscription(subscription), settings @ ..] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(subscription.track_sids.len(), 6);
    assert_eq!(settings.len(), 5);
    assert!(session.request().url.contains("auto_subscribe=0"));
}

#[test]
fn who_takes_everything_leaves_it_to_the_server() {
    let mut session = session(Role::Subscriber, Layout::All, 10);
    assert!(session.request().url.contains("auto_subscribe=1"));
    let join = Join {
        other_participants: vec![cameras(10)],
    };
    assert!(hear(&mut session, response::Message::Join(join)).is_empty());
}

#[test]
fn garbage_is_no_reason_to_fail() {
    let mut session = session(Role::Subscriber, Layout::All, 1);
    assert!(
        session
            .received(Message::Binary(vec![0xff; 9]), &mut Desk)
            .is_empty()
    );
}
