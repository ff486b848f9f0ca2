//! Pacing: of a burst that the link cannot take at once, such as a key frame, the rest waits in its layer's ring.
//! Nothing is copied and nothing numbered before it leaves: all there is to a packet that waits is its place.

use super::{Batch, Consumer};
use crate::endpoint::Egress;
use crate::moment::Moment;
use crate::parameters::MediaKind;
use crate::producer::Layer;

/// Nothing waits longer, in milliseconds: a picture half a second late is of no more use than voice half a second late.
const MAX_WAIT: u32 = 500;

/// What of a layer waits: all from a sequence number on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    layer: u8,
    from: u64,
    /// Since when, in [`Moment::millis`].
    since: u32,
}

impl Consumer {
    /// As [`Consumer::forward`] for the layer `index`, but video only as far as the link takes it now. The rest is
    /// held, and goes with [`Consumer::release`].
    pub(crate) fn forward_paced(
        &mut self,
        egress: &mut Egress<'_>,
        (kind, layer, index): (MediaKind, &Layer, u8),
        sequences: impl Iterator<Item = u64> + Clone,
        batch: &mut Batch<'_>,
    ) -> u64 {
        if kind == MediaKind::Audio {
            return self.forward(egress, (kind, layer), sequences, batch);
        }
        let known = self.held.filter(|held| held.layer == index);
        self.held = known.or_else(|| {
            let from = first_in_excess(egress, layer, sequences.clone(), batch.moment)?;
            Some(Held {
                layer: index,
                from,
                since: batch.moment.millis,
            })
        });
        // What comes late is of before, and goes at once.
        let end = self.held.map_or(u64::MAX, |held| held.from);
        let ready = sequences.filter(|sequence| *sequence < end);
        self.forward(egress, (kind, layer), ready, batch)
    }

    /// Sends what was held of `layer`, as far as the link takes it now, or all that is `overdue`. Returns how many
    /// packets were sent.
    pub(crate) fn release(
        &mut self,
        egress: &mut Egress<'_>,
        layer: &Layer,
        overdue: bool,
        batch: &mut Batch<'_>,
    ) -> u64 {
        let Some(held) = self.held.take() else {
            return 0;
        };
        let waiting = held.from..=layer.ring.highest();
        let is_late = overdue || batch.moment.millis_since(held.since) > MAX_WAIT;
        let excess = first_in_excess(egress, layer, waiting.clone(), batch.moment);
        let excess = excess.filter(|_| !is_late);
        self.held = excess.map(|from| Held { from, ..held });
        let end = excess.unwrap_or(u64::MAX);
        let ready = waiting.filter(|sequence| *sequence < end);
        self.forward(egress, (MediaKind::Video, layer), ready, batch)
    }

    /// The layer of which something is held and which is still forwarded; what is held of another is forgotten.
    pub(crate) fn held_layer(&mut self) -> Option<u8> {
        let forwarded = self.selection.layer();
        self.held = self.held.filter(|held| Some(held.layer) == forwarded);
        self.held.map(|held| held.layer)
    }
}

/// The first of `sequences` that is too much for the link at this moment; `None` if it takes them all.
fn first_in_excess(
    egress: &Egress<'_>,
    layer: &Layer,
    mut sequences: impl Iterator<Item = u64>,
    moment: &Moment,
) -> Option<u64> {
    let room = egress.room(moment)?;
    let mut bytes = 0;
    sequences.find(|sequence| {
        let packet = layer.ring.get(*sequence);
        bytes += packet.map_or(0, |(entry, _)| entry.payload.len() as u64);
        bytes > room
    })
}
