//! The numbers that VP8 and VP9 give their pictures, which a forwarder keeps continuous for each subscriber: both
//! descriptors write them alike. (RFC 7741 §4.2, RFC 9628 §4.2)

use crate::cursor::u16_at;

/// A picture id in its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureId {
    /// 0 to 127.
    Bits7(u8),
    /// 0 to 32 767.
    Bits15(u16),
}

/// Picture id and TL0PICIDX of one packet, as far as its descriptor has them.
pub(crate) type PictureNumbers = (Option<PictureId>, Option<u8>);

/// Where they are in a payload; every offset lies inside the payload it was parsed from.
pub(crate) struct Places {
    /// Offset, and 1 or 2 bytes.
    pub picture_id: Option<(usize, usize)>,
    pub tl0_picture_index: Option<usize>,
}

/// Bytes of a picture id of which `first` is the first. (M bit)
pub(crate) fn width(first: u8) -> usize {
    if first & 0x80 != 0 { 2 } else { 1 }
}

impl Places {
    pub fn read(&self, payload: &[u8]) -> Option<PictureNumbers> {
        let picture_id = match self.picture_id {
            Some((at, 2)) => Some(PictureId::Bits15(u16_at(payload, at)? & 0x7fff)),
            Some((at, _)) => Some(PictureId::Bits7(*payload.get(at)?)),
            None => None,
        };
        let tl0_picture_index = self
            .tl0_picture_index
            .and_then(|at| payload.get(at).copied());
        Some((picture_id, tl0_picture_index))
    }

    /// Each goes where the payload has one of the same width; otherwise the payload keeps its own.
    pub fn write(&self, payload: &mut [u8], (picture_id, tl0_picture_index): PictureNumbers) {
        match (self.picture_id, picture_id) {
            (Some((at, 1)), Some(PictureId::Bits7(id))) => payload[at] = id & 0x7f,
            (Some((at, 2)), Some(PictureId::Bits15(id))) => {
                payload[at..at + 2].copy_from_slice(&(id | 0x8000).to_be_bytes());
            }
            _ => {}
        }
        if let (Some(at), Some(index)) = (self.tl0_picture_index, tl0_picture_index) {
            payload[at] = index;
        }
    }
}
