//! What the router must know of a codec: where a receiver can start, and what must stay continuous.

use crate::layers::Layers;
use hoichan_wire::dependency_descriptor::Descriptor;
use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::{av1, h264, vp8, vp9};

/// The codecs that differ to a forwarder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Every packet stands for itself.
    Audio,
    /// Audio packets that repeat those before them; what is in them is stored as what it is. (RFC 2198)
    Red,
    Vp8,
    Vp9,
    H264,
    Av1,
}

impl Codec {
    /// By MIME type, without regard to case; `None` for a video codec whose key frames we cannot tell.
    pub(crate) fn from_mime_type(mime_type: &str) -> Option<Self> {
        let (kind, name) = mime_type.split_once('/')?;
        if kind.eq_ignore_ascii_case("audio") {
            let is_red = name.eq_ignore_ascii_case("red");
            return Some(if is_red { Codec::Red } else { Codec::Audio });
        }
        [
            ("VP8", Codec::Vp8),
            ("VP9", Codec::Vp9),
            ("H264", Codec::H264),
            ("AV1", Codec::Av1),
        ]
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, codec)| codec)
    }

    /// Whether a receiver can start with this packet: all of audio, the first packet of a key frame.
    ///
    /// An AV1 sender that describes its frames says it there, also where the payload is encrypted end to end.
    pub(crate) fn is_entry_point(self, payload: &[u8], descriptor: Option<&Descriptor>) -> bool {
        if let (Codec::Av1, Some(descriptor)) = (self, descriptor) {
            let is_lowest = descriptor.frame.spatial == 0 && !descriptor.is_predicted();
            return descriptor.has_structure && descriptor.starts_frame && is_lowest;
        }
        match self {
            Codec::Audio | Codec::Red => true,
            Codec::Vp8 => vp8::is_keyframe(payload),
            Codec::Vp9 => vp9::is_keyframe(payload),
            Codec::H264 => h264::is_keyframe(payload),
            Codec::Av1 => av1::is_keyframe(payload),
        }
    }

    /// The frame numbers in the payload itself that must go on without a jump over a layer switch.
    pub(crate) fn picture(self, payload: &[u8]) -> Option<Picture> {
        let (id, tl0) = match self {
            Codec::Vp8 => {
                let descriptor = vp8::Descriptor::parse(payload)?;
                (descriptor.picture_id?, descriptor.tl0_picture_index)
            }
            Codec::Vp9 => {
                let descriptor = vp9::Descriptor::parse(payload)?;
                (descriptor.picture_id?, descriptor.tl0_picture_index)
            }
            Codec::Audio | Codec::Red | Codec::H264 | Codec::Av1 => return None,
        };
        let (id, wide) = match id {
            PictureId::Bits7(id) => (u16::from(id), false),
            PictureId::Bits15(id) => (id, true),
        };
        Some(Picture {
            codec: self,
            id,
            wide,
            tl0: tl0.unwrap_or(0),
        })
    }

    /// The layer a packet belongs to: as its payload tells or, where that does not, as `described`.
    pub(crate) fn layers(self, payload: &[u8], described: Option<Layers>) -> Layers {
        let layers = match self {
            Codec::Vp8 => vp8_layers(payload),
            Codec::Vp9 => vp9_layers(payload),
            Codec::H264 | Codec::Av1 => described,
            Codec::Audio | Codec::Red => None,
        };
        layers.unwrap_or(Layers::SINGLE)
    }
}

/// Only the first packet of a frame says whether it is a key frame, or can be entered at.
fn vp8_layers(payload: &[u8]) -> Option<Layers> {
    let descriptor = vp8::Descriptor::parse(payload)?;
    let (temporal, depends_on_base) = descriptor.temporal_layer.unwrap_or_default();
    let starts_frame = descriptor.starts_partition && descriptor.partition == 0;
    Some(Layers {
        temporal,
        is_predicted: !vp8::is_keyframe(payload),
        is_sync: starts_frame && depends_on_base,
        opens: temporal,
        ..Layers::SINGLE
    })
}

fn vp9_layers(payload: &[u8]) -> Option<Layers> {
    let descriptor = vp9::Descriptor::parse(payload)?;
    let layers = descriptor.layers?;
    Some(Layers {
        spatial: layers.spatial,
        temporal: layers.temporal,
        is_predicted: descriptor.is_predicted,
        is_sync: false,
        opens: if layers.switching_up_point {
            u8::MAX
        } else {
            layers.temporal
        },
        ends_frame: descriptor.ends_frame,
    })
}

/// The two running numbers of one packet of VP8 or VP9. (RFC 7741 §4.2, RFC 9628 §4.2)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// In whose descriptor they are.
    codec: Codec,
    /// Picture id, 7 or 15 bits.
    pub(crate) id: u16,
    /// 15 bits rather than 7.
    pub(crate) wide: bool,
    /// TL0PICIDX, 0 if the packet has none.
    pub(crate) tl0: u8,
}

impl Picture {
    /// This picture's numbers moved by `shift`.
    pub(crate) fn shifted(self, shift: PictureShift) -> Self {
        let mask = if self.wide { 0x7fff } else { 0x7f };
        Picture {
            id: self.id.wrapping_add(shift.id) & mask,
            tl0: self.tl0.wrapping_add(shift.tl0),
            ..self
        }
    }

    /// The shift that makes this picture the one after `last`.
    pub(crate) fn shift_to_follow(self, last: Picture) -> PictureShift {
        PictureShift {
            id: last.id.wrapping_add(1).wrapping_sub(self.id),
            tl0: last.tl0.wrapping_add(1).wrapping_sub(self.tl0),
        }
    }

    /// Whether the number of a picture that a subscriber is not sent must not be missed. VP8 receivers wait for
    /// such; VP9 refers to pictures by the distance of their numbers, which must stay.
    pub(crate) fn closes_up(self) -> bool {
        self.codec == Codec::Vp8
    }

    /// Whether this picture comes after `other`, wrapping.
    pub(crate) fn is_after(self, other: Picture) -> bool {
        let unused = if self.wide { 1 } else { 9 };
        (self.id.wrapping_sub(other.id) << unused) as i16 > 0
    }

    /// Writes the numbers into a payload that has them in the same width.
    pub(crate) fn patch(self, payload: &mut [u8]) {
        let id = if self.wide {
            PictureId::Bits15(self.id)
        } else {
            PictureId::Bits7(self.id as u8)
        };
        let (picture_id, tl0_picture_index) = (Some(id), Some(self.tl0));
        if self.codec == Codec::Vp9 {
            if let Some(descriptor) = vp9::Descriptor::parse(payload) {
                let patched = vp9::Descriptor {
                    picture_id,
                    tl0_picture_index,
                    ..descriptor
                };
                patched.patch(payload);
            }
        } else if let Some(descriptor) = vp8::Descriptor::parse(payload) {
            let patched = vp8::Descriptor {
                picture_id,
                tl0_picture_index,
                ..descriptor
            };
            patched.patch(payload);
        }
    }
}

/// How far a subscriber's picture numbers are from the publisher's; wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureShift {
    pub(crate) id: u16,
    pub(crate) tl0: u8,
}
