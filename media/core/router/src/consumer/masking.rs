//! Telling a subscriber which decode targets it gets, in the dependency descriptors that are passed on.
//!
//! A receiver that believes the publisher's word would wait for the frames we leave out, and ask for key frames.

use crate::layers::{Layers, Limit};
use hoichan_wire::dependency_descriptor::{Descriptor, Structure};

/// Longest data of a header extension element. (RFC 8285 §4.3)
const MAX_ELEMENT_LEN: usize = 255;

/// What one subscriber was told of decode targets since the latest key picture.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    is_limited: bool,
}

impl Told {
    /// The active decode targets to be written to a packet sent within `limit`; `None` if it goes as it came.
    ///
    /// The base frame of each picture tells of them, so that no loss can keep that from the receiver; and when the
    /// limit is gone, so does the fact, until a key picture has made it plain.
    pub(crate) fn mask(
        &mut self,
        structure: &Structure,
        layers: Layers,
        limit: Limit,
    ) -> Option<u32> {
        if (layers.spatial, layers.temporal) != (0, 0) {
            return None;
        }
        let active = structure.targets_within(limit.spatial, limit.temporal);
        let is_limited = active != structure.targets_within(u8::MAX, u8::MAX);
        let was_limited = self.is_limited;
        self.is_limited = is_limited || (was_limited && !layers.is_key());
        (is_limited || was_limited).then_some(active)
    }
}

/// A mask of active decode targets for one packet, and what is needed to write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Masking<'a> {
    pub(crate) structure: &'a Structure,
    pub(crate) active: u32,
}

impl Masking<'_> {
    /// Bytes of the descriptor `data` with the mask in it.
    pub(crate) fn len(&self, data: &[u8]) -> usize {
        let descriptor = Descriptor::read(data, self.structure);
        descriptor
            .map(|descriptor| descriptor.len_with_active_targets(data))
            .filter(|len| *len <= MAX_ELEMENT_LEN)
            .unwrap_or(data.len())
    }

    /// Writes the descriptor `data` with the mask into `out`, in as many bytes as [foretold](Masking::len).
    pub(crate) fn write<'b>(&self, data: &[u8], out: &'b mut MaskedElement) -> &'b [u8] {
        let masked = Descriptor::read(data, self.structure)
            .and_then(|descriptor| descriptor.write_active_targets(data, self.active, &mut out.0));
        let len = masked.unwrap_or_else(|| {
            out.0[..data.len()].copy_from_slice(data);
            data.len()
        });
        &out.0[..len]
    }
}

/// Where a masked descriptor is written.
pub(crate) struct MaskedElement([u8; MAX_ELEMENT_LEN]);

impl MaskedElement {
    pub(crate) fn new() -> Self {
        MaskedElement([0; MAX_ELEMENT_LEN])
    }
}
