//! What the link leaves of a wish.

use crate::allocation::Ladder;
use crate::parameters::Wish;

/// What the allocation lets one consumer have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// All it wishes for: nobody knows what the link carries.
    Unlimited,
    /// At most these layers.
    UpTo { spatial: u8, temporal: u8 },
    /// Nothing yet: what the link carries, or what is left of it, is about to be found out.
    Undecided,
    /// Nothing, until the link carries more.
    Paused,
}

impl Grant {
    /// What is left of `wish`.
    pub(crate) fn of(self, wish: Wish) -> Wish {
        match self {
            Grant::Unlimited => wish,
            Grant::UpTo { spatial, temporal } => Wish {
                spatial_layer: wish.spatial_layer.min(spatial),
                temporal_layer: wish.temporal_layer.min(temporal),
                ..wish
            },
            Grant::Undecided | Grant::Paused => Wish {
                paused: true,
                ..wish
            },
        }
    }

    /// The temporal layer to be sent of one of several encodings. Below what is granted it is all that is wished for;
    /// above, the least will do until the change to the one below.
    pub(crate) fn temporal_layer(self, wish: Wish, layer: u8) -> u8 {
        match self {
            Grant::UpTo { spatial, .. } if layer > spatial => 0,
            Grant::UpTo { spatial, temporal } if layer == spatial => {
                wish.temporal_layer.min(temporal)
            }
            _ => wish.temporal_layer,
        }
    }

    /// The level of a ladder that comes to the same; `None` for nothing.
    pub(crate) fn index_in(self, ladder: &Ladder) -> Option<usize> {
        match self {
            Grant::Unlimited => Some(ladder.levels().len() - 1),
            Grant::UpTo { spatial, temporal } => ladder.within(spatial, temporal).or(Some(0)),
            Grant::Undecided | Grant::Paused => None,
        }
    }
}
