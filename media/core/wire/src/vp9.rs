//! VP9 payload descriptor: pictures, layers, and where one may start or change over. (RFC 9628 §4.2)
//!
//! Picture id and TL0PICIDX are patched in place, in the width the publisher chose; see [`crate::vp8`].

use crate::picture_numbers::{PictureId, Places, width};

/// Which layer frame a packet belongs to. (RFC 9628 §4.2, L bit)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerIndices {
    /// TID, 0 to 7.
    pub temporal: u8,
    /// SID, 0 to 7.
    pub spatial: u8,
    /// U: later pictures of higher temporal layers depend on nothing of those layers before this picture.
    pub switching_up_point: bool,
    /// D: the frame depends on that of the spatial layer below in the same picture.
    pub depends_on_lower: bool,
}

/// What one packet's descriptor says, as far as a forwarder needs it. Absent fields are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Number of the picture, wrapping (I, M).
    pub picture_id: Option<PictureId>,
    /// The frame depends on earlier pictures (P).
    pub is_predicted: bool,
    /// First packet of a layer frame (B).
    pub starts_frame: bool,
    /// Last packet of a layer frame (E).
    pub ends_frame: bool,
    /// Absent in a stream of one layer (L).
    pub layers: Option<LayerIndices>,
    /// Number of the last picture of temporal layer 0, wrapping; absent in flexible mode (F).
    pub tl0_picture_index: Option<u8>,
}

impl Descriptor {
    /// Reads the descriptor at the start of an RTP payload. `None` if it is cut short.
    ///
    /// References and the scalability structure, which may follow, are not looked at.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let layout = Layout::parse(payload)?;
        let flags = *payload.first()?;
        let (picture_id, tl0_picture_index) = layout.numbers.read(payload)?;
        let byte_at = |at: usize| payload.get(at).copied();
        Some(Descriptor {
            picture_id,
            is_predicted: flags & 0x40 != 0,
            starts_frame: flags & 0x08 != 0,
            ends_frame: flags & 0x04 != 0,
            layers: layout.layers.and_then(byte_at).map(|byte| LayerIndices {
                temporal: byte >> 5,
                spatial: byte >> 1 & 0x07,
                switching_up_point: byte & 0x10 != 0,
                depends_on_lower: byte & 0x01 != 0,
            }),
            tl0_picture_index,
        })
    }

    /// Writes picture id and TL0PICIDX over those of a payload this was parsed from.
    ///
    /// A field goes where the payload has one of the same width; otherwise the payload keeps its own. Returns
    /// whether the payload still had a readable descriptor.
    pub fn patch(&self, payload: &mut [u8]) -> bool {
        let Some(layout) = Layout::parse(payload) else {
            return false;
        };
        layout
            .numbers
            .write(payload, (self.picture_id, self.tl0_picture_index));
        true
    }
}

/// Whether an RTP payload starts a key picture: the first packet (B bit) of a layer frame that depends on no
/// earlier picture (P bit clear) and, with layers, is the lowest one.
///
/// The frames of higher spatial layers of the same picture depend on that one and are no place to start.
pub fn is_keyframe(payload: &[u8]) -> bool {
    Descriptor::parse(payload).is_some_and(|descriptor| {
        let is_lowest = |layers: LayerIndices| layers.spatial == 0 && !layers.depends_on_lower;
        descriptor.starts_frame
            && !descriptor.is_predicted
            && descriptor.layers.is_none_or(is_lowest)
    })
}

/// Where the optional fields are; every offset lies inside the payload it was parsed from.
struct Layout {
    numbers: Places,
    layers: Option<usize>,
}

impl Layout {
    fn parse(payload: &[u8]) -> Option<Self> {
        let flags = *payload.first()?;
        let (has_picture_id, has_layers) = (flags & 0x80 != 0, flags & 0x20 != 0);
        let is_flexible = flags & 0x10 != 0;
        let picture_id_len = if has_picture_id {
            width(*payload.get(1)?)
        } else {
            0
        };
        let mut len = 1;
        let mut take = |present: bool, bytes: usize| {
            let at = len;
            len += if present { bytes } else { 0 };
            present.then_some(at)
        };
        let picture_id = take(has_picture_id, picture_id_len).map(|at| (at, picture_id_len));
        let layers = take(has_layers, 1);
        let tl0_picture_index = take(has_layers && !is_flexible, 1);
        (len <= payload.len()).then_some(Layout {
            numbers: Places {
                picture_id,
                tl0_picture_index,
            },
            layers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, LayerIndices, is_keyframe};
    use crate::picture_numbers::PictureId;

    #[test]
    fn a_key_picture_starts_at_its_lowest_layer() {
        // I, L, B, picture id in 15 bits, TID 0 SID 0, then TL0PICIDX and payload.
        assert!(is_keyframe(&[0xa8, 0x81, 0x23, 0x00, 0x07, 0x82]));
        assert!(
            !is_keyframe(&[0xa8, 0x81, 0x23, 0x03, 0x07, 0x82]),
            "spatial layer 1"
        );
        assert!(
            !is_keyframe(&[0xe8, 0x81, 0x23, 0x00, 0x07, 0x86]),
            "predicted"
        );
        assert!(
            !is_keyframe(&[0xa0, 0x81, 0x23, 0x00, 0x07, 0x82]),
            "a later packet of the frame"
        );
    }

    #[test]
    fn the_picture_id_may_have_seven_bits_or_be_left_out() {
        assert!(is_keyframe(&[0xa8, 0x11, 0x00, 0x07, 0x82]));
        assert!(!is_keyframe(&[0xa8, 0x11, 0x02, 0x07, 0x82]));
        assert!(is_keyframe(&[0x08, 0x82]));
    }

    #[test]
    fn a_descriptor_cut_short_starts_nothing() {
        for len in 0..4 {
            assert!(!is_keyframe(&[0xa8, 0x81, 0x23, 0x00][..len]));
        }
    }

    #[test]
    fn a_descriptor_as_chrome_writes_it_for_svc() {
        // I, P, L, E: picture 0x1234, TID 2, U, SID 1, D, TL0PICIDX 9.
        let descriptor = Descriptor::parse(&[0xe4, 0x92, 0x34, 0x53, 0x09, 0x82]).expect("whole");
        assert_eq!(descriptor.picture_id, Some(PictureId::Bits15(0x1234)));
        assert_eq!(descriptor.tl0_picture_index, Some(9));
        assert!(descriptor.is_predicted && descriptor.ends_frame && !descriptor.starts_frame);
        let layers = LayerIndices {
            temporal: 2,
            spatial: 1,
            switching_up_point: true,
            depends_on_lower: true,
        };
        assert_eq!(descriptor.layers, Some(layers));
    }

    #[test]
    fn in_flexible_mode_there_is_no_tl0picidx() {
        let descriptor = Descriptor::parse(&[0xf8, 0x11, 0x20, 0x02, 0x82]).expect("whole");
        assert_eq!(descriptor.picture_id, Some(PictureId::Bits7(0x11)));
        assert_eq!(descriptor.tl0_picture_index, None);
        assert_eq!(descriptor.layers.map(|layers| layers.temporal), Some(1));
    }

    #[test]
    fn a_subscriber_is_shown_numbers_of_its_own() {
        let mut payload = [0xa8, 0x81, 0x23, 0x00, 0x07, 0x82];
        let mut descriptor = Descriptor::parse(&payload).expect("whole");
        descriptor.picture_id = Some(PictureId::Bits15(0x7fff));
        descriptor.tl0_picture_index = Some(255);
        assert!(descriptor.patch(&mut payload));
        assert_eq!(payload, [0xa8, 0xff, 0xff, 0x00, 0xff, 0x82]);
        let mut narrow = [0xa8, 0x23, 0x00, 0x07, 0x82];
        assert!(descriptor.patch(&mut narrow));
        assert_eq!(narrow, [0xa8, 0x23, 0x00, 0xff, 0x82], "widths differ");
    }
}
