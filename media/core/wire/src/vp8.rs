//! VP8 payload descriptor: what a subscriber's view must have rewritten, and where key frames start. (RFC 7741 §4.2)
//!
//! A forwarder that drops layers or switches between streams must keep picture id, TL0PICIDX and KEYIDX
//! continuous, or decoders wait for frames that never come. All three are patched in place, in the width the
//! publisher chose: the packet's size does not change.

use crate::picture_numbers::{PictureId, Places, width};

/// What one packet's descriptor says. Absent fields are `None`; [`Descriptor::patch`] leaves them absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The first packet of a partition (S bit).
    pub starts_partition: bool,
    /// Partition index, 0 to 7 (RFC 7741 calls it PID).
    pub partition: u8,
    /// Number of the frame, wrapping.
    pub picture_id: Option<PictureId>,
    /// Number of the last frame of temporal layer 0, wrapping.
    pub tl0_picture_index: Option<u8>,
    /// Temporal layer, 0 to 3, and the Y bit: depends on layer 0 only.
    pub temporal_layer: Option<(u8, bool)>,
    /// Number of the last key frame, 0 to 31, wrapping.
    pub key_index: Option<u8>,
    /// Bytes of the descriptor; the VP8 payload follows.
    pub len: usize,
}

impl Descriptor {
    /// Reads the descriptor at the start of an RTP payload. `None` if it is cut short.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let layout = Layout::parse(payload)?;
        let first = *payload.first()?;
        let (picture_id, tl0_picture_index) = layout.numbers.read(payload)?;
        let shared = layout.shared.and_then(|at| payload.get(at).copied());
        Some(Descriptor {
            starts_partition: first & 0x10 != 0,
            partition: first & 0x07,
            picture_id,
            tl0_picture_index,
            temporal_layer: shared
                .filter(|_| layout.has_temporal_layer)
                .map(|byte| (byte >> 6, byte & 0x20 != 0)),
            key_index: shared
                .filter(|_| layout.has_key_index)
                .map(|byte| byte & 0x1f),
            len: layout.len,
        })
    }

    /// Writes picture id, TL0PICIDX, temporal layer and KEYIDX over those of a payload this was parsed from.
    ///
    /// A field goes where the payload has one of the same width; where either side has none, or the widths
    /// differ, the payload keeps its own. Values are cut to their field. Returns whether the payload still had
    /// a readable descriptor.
    pub fn patch(&self, payload: &mut [u8]) -> bool {
        let Some(layout) = Layout::parse(payload) else {
            return false;
        };
        layout
            .numbers
            .write(payload, (self.picture_id, self.tl0_picture_index));
        let Some(at) = layout.shared else {
            return true;
        };
        if let (true, Some((layer, depends_on_base))) =
            (layout.has_temporal_layer, self.temporal_layer)
        {
            payload[at] = payload[at] & 0x1f | layer << 6 | u8::from(depends_on_base) << 5;
        }
        if let (true, Some(index)) = (layout.has_key_index, self.key_index) {
            payload[at] = payload[at] & 0xe0 | index & 0x1f;
        }
        true
    }
}

/// Whether an RTP payload starts a key frame: first partition, its first packet, P bit clear.
///
/// (RFC 7741 §4.3; the P bit is the lowest of the VP8 frame header, RFC 6386 §9.1)
pub fn is_keyframe(payload: &[u8]) -> bool {
    let Some(descriptor) = Descriptor::parse(payload) else {
        return false;
    };
    let starts_frame = descriptor.starts_partition && descriptor.partition == 0;
    starts_frame
        && payload
            .get(descriptor.len)
            .is_some_and(|header| header & 0x01 == 0)
}

/// Where the optional fields are; every offset lies inside the payload it was parsed from.
struct Layout {
    numbers: Places,
    /// The byte that TID, Y and KEYIDX share.
    shared: Option<usize>,
    has_temporal_layer: bool,
    has_key_index: bool,
    len: usize,
}

impl Layout {
    fn parse(payload: &[u8]) -> Option<Self> {
        let extended = payload.first()? & 0x80 != 0;
        let flags = if extended { *payload.get(1)? } else { 0 };
        let mut len = if extended { 2 } else { 1 };
        let mut take = |present: bool, bytes: usize| {
            let at = len;
            len += if present { bytes } else { 0 };
            present.then_some(at)
        };
        let (has_temporal_layer, has_key_index) = (flags & 0x20 != 0, flags & 0x10 != 0);
        let has_picture_id = flags & 0x80 != 0;
        let picture_id_len = if has_picture_id {
            width(*payload.get(2)?)
        } else {
            0
        };
        let picture_id = take(has_picture_id, picture_id_len).map(|at| (at, picture_id_len));
        let tl0_picture_index = take(flags & 0x40 != 0, 1);
        let shared = take(has_temporal_layer || has_key_index, 1);
        (len <= payload.len()).then_some(Layout {
            numbers: Places {
                picture_id,
                tl0_picture_index,
            },
            shared,
            has_temporal_layer,
            has_key_index,
            len,
        })
    }
}
