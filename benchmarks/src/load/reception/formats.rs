//! What may come, as it was agreed.

use crate::load::sdp::Description;
use crate::load::sdp::extension::TRANSPORT_WIDE;

/// What a packet is, by its payload type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing that was agreed.
    #[default]
    Unknown,
    /// A microphone.
    Audio,
    /// A camera.
    Video,
    /// Of a camera's packet.
    Retransmission,
}

/// What was agreed for one connection.
#[derive(Clone, Debug)]
pub struct Formats {
    kinds: [Kind; 128],
    retransmissions: Vec<(u32, u32)>,
    /// The id of the transport-wide sequence number, if feedback about it was agreed.
    pub transport_wide: Option<u8>,
    /// Whether the server knows how much a link carries only from us.
    pub uses_remb: bool,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            kinds: [Kind::Unknown; 128],
            retransmissions: Vec::new(),
            transport_wide: None,
            uses_remb: false,
        }
    }
}

impl Formats {
    /// What an answer to `offer` accepts.
    #[must_use]
    pub fn of(offer: &Description) -> Self {
        let mut formats = Self::default();
        for section in &offer.sections {
            let kind = match section.kind.as_str() {
                "audio" => Kind::Audio,
                "video" => Kind::Video,
                _ => continue,
            };
            for (payload_type, codec) in section.codecs() {
                let is_rtx = codec.eq_ignore_ascii_case("rtx");
                formats.kinds[usize::from(payload_type & 0x7f)] =
                    if is_rtx { Kind::Retransmission } else { kind };
            }
            formats
                .retransmissions
                .extend(section.retransmission_pairs());
            let feedback =
                |wanted: &str| section.all("rtcp-fb").any(|value| value.ends_with(wanted));
            if feedback(" transport-cc") {
                formats.transport_wide = formats
                    .transport_wide
                    .or(section.extension(TRANSPORT_WIDE.1));
            }
            formats.uses_remb |= feedback(" goog-remb");
        }
        formats.uses_remb &= formats.transport_wide.is_none();
        formats
    }

    /// What a packet of this payload type is.
    #[must_use]
    pub fn kind(&self, payload_type: u8) -> Kind {
        self.kinds[usize::from(payload_type & 0x7f)]
    }

    /// The source that `ssrc` repeats.
    #[must_use]
    pub fn repeated_by(&self, ssrc: u32) -> Option<u32> {
        let pair = self.retransmissions.iter().find(|(rtx, _)| *rtx == ssrc)?;
        Some(pair.1)
    }
}
