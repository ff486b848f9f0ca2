//! Tracks whose publisher and subscribers live on different workers: what their routers tell each other.
//!
//! A track's *home* is the router that receives it. One on which somebody is subscribed to it, and nobody publishes
//! it, is an *outpost*: it holds the track once more, as a relayed producer with rings of its own, so that fan-out,
//! retransmission and allocation there need nothing of the home. An outpost says which layers it wishes for; the home
//! hands it each of their packets once, in plain text, and all that must be known of them, in order.
//!
//! Nothing of this waits for an answer. Whatever either forgets, by a fault, the other finds out: what is not wished
//! for is refused, and what begins anew says so first.

mod facts;
mod post;

pub(crate) use facts::{Facts, LayerFacts, Stream};
pub use post::Post;
pub(crate) use post::{Item, RelayedPacket};

/// One of the routers of a crew, as its workers are counted: 0 to 63.
pub type RouterIndex = u8;

/// A set of routers of a crew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Routers(u64);

impl Routers {
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Puts one in or takes it out. Returns whether that has changed anything.
    pub(crate) fn set(&mut self, router: RouterIndex, is_in: bool) -> bool {
        let before = self.0;
        self.0 = before & !(1 << router) | u64::from(is_in) << router;
        self.0 != before
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = RouterIndex> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = rest.trailing_zeros();
            rest &= rest.wrapping_sub(1); // Takes out the least.
            (next < u64::BITS).then_some(next as RouterIndex)
        })
    }
}
