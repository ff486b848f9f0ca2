//! What one router has for another, in order.

use super::Facts;
use crate::parameters::ProducerId;
use crate::ring::Entry;

/// Packets of one post together, in bytes: with what is under way, a tenth of a second of a hundred cameras. Who is
/// slower than that needs key frames, not more of the past.
const MAX_BYTES: usize = 1 << 20;

/// Packets and facts, in the order in which they came to be. The driver carries it to where it is to be read.
#[derive(Debug, Default)]
pub struct Post {
    items: Vec<Item>,
    /// The packets', back to back.
    bytes: Vec<u8>,
}

/// One thing that a router has to tell another.
#[derive(Debug)]
pub(crate) enum Item {
    /// From a home: a packet of a layer that was wished for.
    Packet(RelayedPacket),
    /// From a home.
    Facts(Box<Facts>),
    /// From a home: it has no such track any more.
    Ended(ProducerId),
    /// From an outpost: send these layers from now on, one bit each; `None` to hear of the track no more.
    Wish(ProducerId, Option<u8>),
    /// From an outpost: somebody needs a key frame of this layer.
    Keyframe(ProducerId, u8),
    /// From either: all that I have said before is void.
    Reset,
}

/// A packet of a layer, as the home's ring holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RelayedPacket {
    pub(crate) producer: ProducerId,
    pub(crate) layer: u8,
    /// Which stream of the layer's it belongs to.
    pub(crate) ssrc: u32,
    /// The track was held back before it.
    pub(crate) resumes: bool,
    pub(crate) entry: Entry,
    /// Bytes up to the end of its payload.
    pub(crate) len: usize,
}

impl Post {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets everything; the next reader learns that what it had from us, and asked of us, is void.
    pub fn reset(&mut self) {
        self.items.clear();
        self.bytes.clear();
        self.items.push(Item::Reset);
    }

    /// Adds something that is never lost.
    pub(crate) fn tell(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Adds a copy of a packet; false if there is no room.
    #[must_use]
    pub(crate) fn add(&mut self, head: RelayedPacket, packet: &[u8]) -> bool {
        let has_room = self.bytes.len() + head.len <= MAX_BYTES;
        if has_room {
            self.bytes.extend_from_slice(&packet[..head.len]);
            self.items.push(Item::Packet(head));
        }
        has_room
    }

    /// Hands each item to `take`, with the bytes of those that are packets, and forgets them all.
    pub(crate) fn open(&mut self, mut take: impl FnMut(Item, &[u8])) {
        let mut all = std::mem::take(&mut self.bytes); // So that a panic on the way leaves none behind.
        let mut rest = all.as_slice();
        for item in self.items.drain(..) {
            let len = match &item {
                Item::Packet(packet) => packet.len,
                _ => 0,
            };
            let (bytes, others) = rest.split_at(len);
            take(item, bytes);
            rest = others;
        }
        all.clear();
        self.bytes = all;
    }
}
