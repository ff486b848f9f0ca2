//! Offering to send, or to receive, one camera or one microphone.

use std::fmt::Write;

use super::{Local, header, write_transport};

/// VP8's payload type, and that of its retransmissions.
const VIDEO: (u8, u8) = (96, 97);
/// Opus'.
const AUDIO: u8 = 111;

/// The header extensions that we offer, by the ids that we offer for them.
pub mod extension {
    /// Which section a packet belongs to.
    pub const MID: (u8, &str) = (1, "urn:ietf:params:rtp-hdrext:sdes:mid");
    /// When it was sent.
    pub const ABSOLUTE_SEND_TIME: (u8, &str) = (
        2,
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    );
    /// Its number among all packets of the connection.
    pub const TRANSPORT_WIDE: (u8, &str) = (
        3,
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    );
    /// Which layer it belongs to.
    pub const RID: (u8, &str) = (4, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
    /// Which layer it repeats.
    pub const REPAIRED_RID: (u8, &str) =
        (5, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id");
    /// How loud it is.
    pub const AUDIO_LEVEL: (u8, &str) = (6, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
}

/// What is published.
#[derive(Clone, Debug)]
pub struct Media {
    /// Audio or video.
    pub kind: MediaKind,
    /// Of the section.
    pub mid: String,
    /// The ids of stream and track.
    pub msid: (String, String),
    /// One for each layer, lowest first.
    pub layers: Vec<Layer>,
}

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Opus.
    Audio,
    /// VP8.
    Video,
}

/// One encoding.
#[derive(Clone, Debug)]
pub struct Layer {
    /// With simulcast.
    pub rid: Option<String>,
    /// Its source.
    pub ssrc: u32,
    /// The source of its retransmissions; unused with audio.
    pub rtx_ssrc: u32,
}

impl MediaKind {
    /// The name of the section, and of the tracks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// Media, and retransmissions.
    #[must_use]
    pub fn payload_types(self) -> (u8, Option<u8>) {
        match self {
            Self::Audio => (AUDIO, None),
            Self::Video => (VIDEO.0, Some(VIDEO.1)),
        }
    }
}

/// An offer to send `media`.
#[must_use]
pub fn offer(local: &Local, media: &Media) -> String {
    let mut out = section(local, media.kind, &media.mid);
    let (stream, track) = &media.msid;
    let _ = write!(out, "a=sendonly\r\na=msid:{stream} {track}\r\n");
    write_layers(&mut out, media);
    out
}

/// An offer to receive one track.
#[must_use]
pub fn offer_to_receive(local: &Local, kind: MediaKind) -> String {
    let mut out = section(local, kind, "0");
    out.push_str("a=recvonly\r\n");
    out
}

/// The description up to what differs between those who send and those who receive.
fn section(local: &Local, kind: MediaKind, mid: &str) -> String {
    let mut out = header(&[mid]);
    let formats = match kind {
        MediaKind::Audio => format!("{AUDIO}"),
        MediaKind::Video => format!("{} {}", VIDEO.0, VIDEO.1),
    };
    let _ = write!(out, "m={} 9 UDP/TLS/RTP/SAVPF {formats}\r\n", kind.name());
    write_transport(&mut out, local, "actpass");
    let _ = write!(out, "a=mid:{mid}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
    match kind {
        MediaKind::Audio => write_opus(&mut out),
        MediaKind::Video => write_vp8(&mut out),
    }
    out
}

fn write_opus(out: &mut String) {
    let _ = write!(
        out,
        "a=rtpmap:{AUDIO} opus/48000/2\r\na=fmtp:{AUDIO} minptime=10;useinbandfec=1;usedtx=1\r\n\
         a=rtcp-fb:{AUDIO} transport-cc\r\n"
    );
    write_extensions(
        out,
        &[
            extension::MID,
            extension::TRANSPORT_WIDE,
            extension::AUDIO_LEVEL,
        ],
    );
}

fn write_vp8(out: &mut String) {
    let (media, rtx) = VIDEO;
    let _ = write!(
        out,
        "a=rtpmap:{media} VP8/90000\r\na=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={media}\r\n"
    );
    for feedback in ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"] {
        let _ = write!(out, "a=rtcp-fb:{media} {feedback}\r\n");
    }
    write_extensions(
        out,
        &[
            extension::MID,
            extension::ABSOLUTE_SEND_TIME,
            extension::TRANSPORT_WIDE,
            extension::RID,
            extension::REPAIRED_RID,
        ],
    );
}

fn write_extensions(out: &mut String, extensions: &[(u8, &str)]) {
    for (id, uri) in extensions {
        let _ = write!(out, "a=extmap:{id} {uri}\r\n");
    }
}

/// With simulcast by their names (RFC 8853), otherwise by their sources.
fn write_layers(out: &mut String, media: &Media) {
    let rids: Vec<&str> = media
        .layers
        .iter()
        .filter_map(|layer| layer.rid.as_deref())
        .collect();
    if !rids.is_empty() {
        for rid in &rids {
            let _ = write!(out, "a=rid:{rid} send\r\n");
        }
        let _ = write!(out, "a=simulcast:send {}\r\n", rids.join(";"));
        return;
    }
    let (stream, track) = &media.msid;
    for layer in &media.layers {
        let mut sources = vec![layer.ssrc];
        if media.kind == MediaKind::Video {
            sources.push(layer.rtx_ssrc);
            let _ = write!(
                out,
                "a=ssrc-group:FID {} {}\r\n",
                layer.ssrc, layer.rtx_ssrc
            );
        }
        for ssrc in sources {
            let _ = write!(
                out,
                "a=ssrc:{ssrc} cname:load\r\na=ssrc:{ssrc} msid:{stream} {track}\r\n"
            );
        }
    }
}
