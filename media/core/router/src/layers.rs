//! Scalable streams: which layer of its stream a packet belongs to, and which layers a subscriber gets.

use hoichan_wire::dependency_descriptor::{Descriptor, Structure};

/// Spatial and temporal layers that are counted apart; what lies above counts as the last of them. Encoders send
/// three of each at most.
const COUNTED: usize = 4;

/// One stream's layers up to and including these; both count from 0, the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) spatial: u8,
    pub(crate) temporal: u8,
}

impl Limit {
    /// Everything there is.
    pub(crate) const NONE: Limit = Limit {
        spatial: u8::MAX,
        temporal: u8::MAX,
    };
}

/// What one packet says about the layer frame it is part of.
///
/// A *picture* is what is shown at one time; with spatial layers it has a *frame* of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layers {
    pub(crate) spatial: u8,
    pub(crate) temporal: u8,
    /// The frame depends on earlier pictures, not just on lower layers of its own.
    pub(crate) is_predicted: bool,
    /// Somebody who got all temporal layers below this frame's can decode it, and go on with its layer.
    pub(crate) is_sync: bool,
    /// Up to this temporal layer, what follows can be decoded by somebody who gets this frame.
    pub(crate) opens: u8,
    /// The packet is the last of its frame, which the marker does not say of any but the highest layer's.
    pub(crate) ends_frame: bool,
}

impl Layers {
    /// A packet of a stream that has but one layer, or does not tell.
    pub(crate) const SINGLE: Layers = Layers {
        spatial: 0,
        temporal: 0,
        is_predicted: true,
        is_sync: false,
        opens: 0,
        ends_frame: false,
    };

    /// A packet that has a dependency descriptor, read with the `structure` that it was made for.
    pub(crate) fn described(descriptor: &Descriptor, structure: &Structure) -> Self {
        Layers {
            spatial: descriptor.frame.spatial,
            temporal: descriptor.frame.temporal,
            is_predicted: descriptor.is_predicted(),
            is_sync: false,
            opens: descriptor.opens(structure),
            ends_frame: descriptor.ends_frame,
        }
    }

    /// Whether a subscriber with this limit gets the packet.
    pub(crate) fn is_within(self, limit: Limit) -> bool {
        self.spatial <= limit.spatial && self.temporal <= limit.temporal
    }

    /// Whether it starts, or helps to start, a picture that depends on no other.
    pub(crate) fn is_key(self) -> bool {
        !self.is_predicted && self.spatial == 0
    }
}

/// Bytes received of each layer of one stream, since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Volume([[u64; COUNTED]; COUNTED]);

impl Volume {
    /// Counts a packet of `len` bytes.
    pub(crate) fn count(&mut self, layers: Layers, len: usize) {
        let spatial = usize::from(layers.spatial).min(COUNTED - 1);
        let temporal = usize::from(layers.temporal).min(COUNTED - 1);
        self.0[spatial][temporal] += len as u64;
    }

    /// Bytes of everything within `limit`: what a subscriber with it was, or would have been, sent.
    pub(crate) fn within(&self, limit: Limit) -> u64 {
        let spatial = usize::from(limit.spatial).min(COUNTED - 1);
        let temporal = usize::from(limit.temporal).min(COUNTED - 1);
        let rows = self.0[..=spatial].iter();
        rows.flat_map(|row| &row[..=temporal]).sum()
    }

    /// The highest spatial and temporal layer ever received; `None` before the first packet.
    pub(crate) fn highest(&self) -> Option<Limit> {
        let is_used = |bytes: &u64| *bytes > 0;
        let spatial = self.0.iter().rposition(|row| row.iter().any(is_used))?;
        let temporal = (0..COUNTED)
            .rev()
            .find(|temporal| self.0.iter().any(|row| row[*temporal] > 0))?;
        Some(Limit {
            spatial: spatial as u8,
            temporal: temporal as u8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_by_layer_and_summed_up_to_a_limit() {
        let mut volume = Volume::default();
        assert_eq!(volume.highest(), None);
        for (spatial, temporal, len) in [(0, 0, 1), (0, 1, 10), (1, 0, 100), (1, 1, 1000)] {
            let layers = Layers {
                spatial,
                temporal,
                ..Layers::SINGLE
            };
            volume.count(layers, len);
        }
        let within = |spatial, temporal| volume.within(Limit { spatial, temporal });
        assert_eq!(within(0, 0), 1);
        assert_eq!(within(0, 1), 11);
        assert_eq!(within(1, 0), 101);
        assert_eq!(volume.within(Limit::NONE), 1111);
        assert_eq!(
            volume.highest(),
            Some(Limit {
                spatial: 1,
                temporal: 1
            })
        );
    }
}
