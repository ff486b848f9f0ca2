//! What was negotiated, and packets that fit it.

use hoichan_router::{
    ConsumerParameters, MediaKind, PayloadTypeMapping, ProducerParameters, RedParameters, RtpCodecParameters,
    RtpEncodingParameters, RtpHeaderExtensionParameters,
};
use hoichan_wire::rtp::{self, ExtensionWriter, Fields, Form};

pub const MICROPHONE_SSRC: u32 = 9;
/// VP8, VP9, H.264 and AV1; the payload type of retransmissions is the next.
pub const CODECS: [(&str, u8); 4] = [
    ("video/VP8", 96),
    ("video/VP9", 98),
    ("video/H264", 100),
    ("video/AV1", 102),
];
pub const OPUS: u8 = 111;
pub const RED: u8 = 63;
pub const RIDS: [&str; 3] = ["q", "h", "f"];
const MID: u8 = 1;
pub const RID: u8 = 2;
pub const REPAIRED_RID: u8 = 3;
const TRANSPORT_WIDE: u8 = 4;
const URIS: [(u8, &str); 8] = [
    (MID, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    (RID, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    (
        REPAIRED_RID,
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    ),
    (
        TRANSPORT_WIDE,
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ),
    (
        5,
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    ),
    (6, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    (7, "urn:3gpp:video-orientation"),
    (
        8,
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    ),
];
/// A camera of four codecs and up to three layers, found by RID.
pub fn camera(layers: usize) -> ProducerParameters {
    ProducerParameters {
        kind: MediaKind::Video,
        mid: "0".into(),
        codecs: CODECS
            .map(|(name, id)| codec(name, id, 90_000, Some(id + 1)))
            .to_vec(),
        header_extensions: extensions(),
        encodings: RIDS[..layers].iter().map(|rid| named(rid)).collect(),
    }
}

/// A microphone, found by SSRC.
pub fn microphone() -> ProducerParameters {
    ProducerParameters {
        kind: MediaKind::Audio,
        mid: "1".into(),
        codecs: vec![
            codec("audio/opus", OPUS, 48_000, None),
            codec("audio/red", RED, 48_000, None),
        ],
        header_extensions: extensions(),
        encodings: vec![RtpEncodingParameters {
            ssrc: Some(MICROPHONE_SSRC),
            ..RtpEncodingParameters::default()
        }],
    }
}

/// An RTP packet with these names in its extensions.
pub fn write(
    fields: &Fields,
    (mid, rid, rid_id): (&str, Option<&&str>, u8),
    is_padded: bool,
    payload: &[&[u8]],
) -> Vec<u8> {
    let mut packet = vec![0; 256];
    let (fixed, rest) = packet.split_first_chunk_mut().expect("256 bytes");
    rtp::write_fixed(fixed, fields, true, is_padded);
    let mut block = ExtensionWriter::new(rest, Form::OneByte).expect("room");
    block.push(MID, mid.as_bytes()).expect("room");
    if let Some(rid) = rid {
        block.push(rid_id, rid.as_bytes()).expect("room");
    }
    let number = fields.sequence.to_be_bytes();
    block.push(TRANSPORT_WIDE, &number).expect("room");
    let len = rtp::FIXED_HEADER_LEN + block.finish(0).expect("room");
    packet.truncate(len);
    payload
        .iter()
        .for_each(|part| packet.extend_from_slice(part));
    packet
}

fn named(rid: &str) -> RtpEncodingParameters {
    RtpEncodingParameters {
        rid: Some(rid.into()),
        ..RtpEncodingParameters::default()
    }
}

fn codec(name: &str, payload_type: u8, clock_rate: u32, rtx: Option<u8>) -> RtpCodecParameters {
    RtpCodecParameters {
        mime_type: name.into(),
        payload_type,
        clock_rate,
        rtx_payload_type: rtx,
    }
}

fn extensions() -> Vec<RtpHeaderExtensionParameters> {
    URIS.map(|(id, uri)| RtpHeaderExtensionParameters {
        uri: uri.into(),
        id,
    })
    .to_vec()
}

/// `id` is its SSRC, and 10 more that of its retransmissions. AV1 was not negotiated.
pub fn consumer(id: u32) -> ConsumerParameters {
    let map = |producer: u8, has_rtx: bool| PayloadTypeMapping {
        producer,
        consumer: producer,
        consumer_rtx: has_rtx.then_some(producer + 1),
    };
    ConsumerParameters {
        mid: id.to_string(),
        ssrc: id,
        rtx_ssrc: Some(id + 10),
        cname: "doctor".into(),
        payload_types: vec![
            map(96, true),
            map(98, true),
            map(100, true),
            map(OPUS, false),
        ],
        red: Some(RedParameters {
            payload_type: RED,
            distance: (id % 2 == 0).then_some(2),
        }),
        header_extensions: extensions(),
    }
}
