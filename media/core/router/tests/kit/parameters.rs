//! What peers negotiate, as far as no story is about it.

use super::{
    ABSOLUTE_SEND_TIME, AUDIO_LEVEL, MID, OPUS, ORIENTATION, RED, REPAIRED_RID, RID, SENT_OPUS,
    SENT_RED, SENT_VP8, SENT_VP8_RTX, TRANSPORT_WIDE, VP8, VP8_RTX,
};
use hoichan_router::{
    ConsumerParameters, MediaKind, PayloadTypeMapping, ProducerParameters, RedParameters,
    RtpCodecParameters, RtpEncodingParameters, RtpHeaderExtensionParameters,
};

pub fn codec(
    mime_type: &str,
    payload_type: u8,
    clock_rate: u32,
    rtx_payload_type: Option<u8>,
) -> RtpCodecParameters {
    RtpCodecParameters {
        mime_type: mime_type.into(),
        payload_type,
        clock_rate,
        rtx_payload_type,
    }
}

pub fn extensions(pairs: &[(u8, &str)]) -> Vec<RtpHeaderExtensionParameters> {
    pairs
        .iter()
        .map(|(id, uri)| RtpHeaderExtensionParameters {
            id: *id,
            uri: (*uri).into(),
        })
        .collect()
}

/// VP8 with these layers.
pub fn video(mid: &str, rids: &[&str]) -> ProducerParameters {
    ProducerParameters {
        kind: MediaKind::Video,
        mid: mid.into(),
        codecs: vec![codec("video/VP8", VP8, 90_000, Some(VP8_RTX))],
        header_extensions: extensions(&[MID, RID, REPAIRED_RID, TRANSPORT_WIDE, ORIENTATION]),
        encodings: rids
            .iter()
            .map(|rid| RtpEncodingParameters {
                rid: Some((*rid).into()),
                ..RtpEncodingParameters::default()
            })
            .collect(),
    }
}

/// A consumer whose peer numbers across the transport, and so is expected to tell how packets arrive.
pub fn numbered_consumer(id: u64) -> ConsumerParameters {
    let mut parameters = consumer(id);
    let numbers = extensions(&[(8, TRANSPORT_WIDE.1)]);
    parameters.header_extensions.extend(numbers);
    parameters
}

/// Opus, with redundancy or without.
pub fn red_microphone(ssrc: u32) -> ProducerParameters {
    ProducerParameters {
        kind: MediaKind::Audio,
        mid: "0".into(),
        codecs: vec![
            codec("audio/opus", OPUS, 48_000, None),
            codec("audio/red", RED, 48_000, None),
        ],
        header_extensions: extensions(&[MID, TRANSPORT_WIDE, AUDIO_LEVEL]),
        encodings: vec![RtpEncodingParameters {
            ssrc: Some(ssrc),
            ..RtpEncodingParameters::default()
        }],
    }
}

/// A [`consumer`] that takes redundancy, and as much of it as `distance` says.
pub fn red_consumer(id: u64, distance: Option<u8>) -> ConsumerParameters {
    ConsumerParameters {
        red: Some(RedParameters {
            payload_type: SENT_RED,
            distance,
        }),
        ..consumer(id)
    }
}

/// A consumer whose SSRCs follow from its id: `id` for media, `id + 1000` for retransmissions.
pub fn consumer(id: u64) -> ConsumerParameters {
    ConsumerParameters {
        mid: id.to_string(),
        ssrc: id as u32,
        rtx_ssrc: Some(id as u32 + 1000),
        cname: "doctor".into(),
        payload_types: vec![
            PayloadTypeMapping {
                producer: VP8,
                consumer: SENT_VP8,
                consumer_rtx: Some(SENT_VP8_RTX),
            },
            PayloadTypeMapping {
                producer: OPUS,
                consumer: SENT_OPUS,
                consumer_rtx: None,
            },
        ],
        red: None,
        header_extensions: extensions(&[
            (9, ABSOLUTE_SEND_TIME.1),
            (10, MID.1),
            (11, ORIENTATION.1),
            (12, AUDIO_LEVEL.1),
        ]),
    }
}
