//! An offer of ours, read back, and an answer to it.

use super::offer::{Layer, extension};
use super::*;

fn local() -> Local {
    Local {
        ice: IceCredentials {
            username_fragment: "frag".to_owned(),
            password: "a password that is long enough".to_owned(),
        },
        fingerprint: [["AB"; 32].join(":")].concat(),
        candidates: vec![SocketAddrV4::new([127, 0, 0, 1].into(), 5000)],
    }
}

fn camera(rids: &[&str]) -> Media {
    let layer = |rid: &&str| Layer {
        rid: Some((*rid).to_owned()),
        ssrc: 1,
        rtx_ssrc: 2,
    };
    let single = Layer {
        rid: None,
        ssrc: 10,
        rtx_ssrc: 11,
    };
    Media {
        kind: MediaKind::Video,
        mid: "0".to_owned(),
        msid: ("stream".to_owned(), "track".to_owned()),
        layers: if rids.is_empty() {
            vec![single]
        } else {
            rids.iter().map(layer).collect()
        },
    }
}

#[test]
fn an_offer_is_read_as_it_was_meant() {
    let offer = Description::parse(&offer(&local(), &camera(&[])));
    let remote = offer.remote().expect("it is complete");
    assert_eq!(remote.ice.username_fragment, "frag");
    assert_eq!(remote.candidates, local().candidates);
    assert!(!remote.is_lite && !remote.is_dtls_client);
    let video = &offer.sections[0];
    assert!(video.sends());
    assert_eq!(
        video.codecs().collect::<Vec<_>>(),
        [(96, "VP8"), (97, "rtx")]
    );
    assert_eq!(video.retransmits(97), Some(96));
    assert_eq!(video.retransmission_pairs().collect::<Vec<_>>(), [(11, 10)]);
    let (id, uri) = extension::TRANSPORT_WIDE;
    assert_eq!(video.extension(uri), Some(id));
}

#[test]
fn layers_are_named_lowest_first() {
    let text = offer(&local(), &camera(&["q", "h", "f"]));
    assert!(text.contains("a=simulcast:send q;h;f\r\n"));
    assert!(!text.contains("a=ssrc"));
}

#[test]
fn an_answer_takes_what_can_be_counted_and_leaves_out_what_cannot() {
    let text = offer(&local(), &camera(&[])).replace(
        "VP8/90000\r\n",
        "VP8/90000\r\na=rtpmap:98 red/90000\r\na=rtpmap:99 VP9/90000\r\n",
    );
    let answered = Description::parse(&answer(&Description::parse(&text), &local()));
    let video = &answered.sections[0];
    assert_eq!(
        video.codecs().map(|codec| codec.0).collect::<Vec<_>>(),
        [96, 97]
    );
    assert!(video.attribute("recvonly").is_some());
    assert!(answered.remote().expect("it is complete").is_dtls_client);
}

#[test]
fn only_candidates_that_we_can_reach_are_taken() {
    assert_eq!(
        candidate_address("candidate:1 1 UDP 2130706431 127.0.0.1 5000 typ host"),
        Some(local().candidates[0])
    );
    assert_eq!(
        candidate_address("1 1 tcp 1 127.0.0.1 9 typ host tcptype active"),
        None
    );
    assert_eq!(candidate_address("1 1 udp 1 ::1 9 typ host"), None);
    assert_eq!(candidate_address("1 2 udp 1 127.0.0.1 9 typ host"), None);
    assert_eq!(candidate_address("1 1 udp 1 a-name.local 9 typ host"), None);
}
