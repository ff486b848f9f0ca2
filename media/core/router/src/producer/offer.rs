//! What a producer has to offer to a subscriber, and what that costs.

use super::{Layer, Producer};
use crate::allocation::{Ladder, Level, assumed};
use crate::layers::Limit;
use crate::parameters::{MediaKind, Wish};

/// No video is thought to cost less, in bit/s: a still screen will move again.
const LEAST: u64 = 10_000;

/// The temporal layer that stands for all there are.
const ALL: u8 = u8::MAX;

impl Producer {
    /// A second has passed: notes what each layer has cost. Of video a silent second is not noted: what a layer will
    /// cost when it moves again is what it cost before.
    /// What a relayed track costs is measured at its home.
    pub(crate) fn note_rates(&mut self) {
        if self.origin.is_relay() {
            return;
        }
        for layer in &mut self.layers {
            let is_silent = layer.rates.is_unmoved(&layer.volume);
            if layer.reception.is_some() && !(self.kind == MediaKind::Video && is_silent) {
                layer.rates.note(&layer.volume);
            }
        }
    }

    /// What it costs as a whole, in bit/s, as far as that is known.
    pub(crate) fn measured(&self) -> u64 {
        let rates = self.layers.iter().map(|layer| &layer.rates);
        rates.filter_map(|rates| rates.within(Limit::NONE)).sum()
    }

    /// The levels that are within the wish and arrive; `None` if nothing arrives.
    ///
    /// Above the least spatial layer the least temporal one is left out: a larger picture of seven frames a second
    /// is not better than a smaller one of thirty.
    pub(crate) fn ladder(&self, wish: Wish) -> Option<Ladder> {
        if let [only] = self.layers.as_slice() {
            return only.within_stream(wish);
        }
        let arrives = |layer: &usize| self.live >> layer & 1 == 1;
        let least = (0..self.layers.len()).find(arrives)?;
        let best = usize::from(wish.spatial_layer).max(least);
        let layers = (least..self.layers.len()).take_while(|layer| *layer <= best);
        Ladder::new(layers.filter(arrives).flat_map(|spatial| {
            let layer = &self.layers[spatial];
            layer
                .temporal_levels(wish, spatial > least)
                .map(move |temporal| Level {
                    spatial: spatial as u8,
                    temporal,
                    bps: self.cost(spatial as u8, temporal),
                })
        }))
    }

    /// What one of several encodings costs up to a temporal layer, in bit/s.
    pub(crate) fn cost(&self, spatial: u8, temporal: u8) -> u64 {
        let (index, count) = (usize::from(spatial), self.layers.len());
        let limit = Limit {
            temporal,
            ..Limit::NONE
        };
        let measured = self
            .layers
            .get(index)
            .and_then(|layer| layer.rates.within(limit));
        measured.unwrap_or_else(|| assumed(index, count)).max(LEAST)
    }
}

impl Layer {
    /// The ladder of a stream that may hold several spatial layers.
    fn within_stream(&self, wish: Wish) -> Option<Ladder> {
        let highest = self.volume.highest()?;
        let spatial = 0..=highest.spatial.min(wish.spatial_layer);
        Ladder::new(spatial.flat_map(|spatial| {
            self.temporal_levels(wish, spatial > 0)
                .map(move |temporal| {
                    let limit = Limit { spatial, temporal };
                    let measured = self.rates.within(limit);
                    Level {
                        spatial,
                        temporal,
                        bps: measured.unwrap_or_else(|| assumed(0, 1)).max(LEAST),
                    }
                })
        }))
    }

    /// The temporal layers to choose from; only all of them while their costs are not known.
    fn temporal_levels(&self, wish: Wish, without_least: bool) -> impl Iterator<Item = u8> + use<> {
        let is_measured = self.rates.within(Limit::NONE).is_some();
        let highest = self.volume.highest().map_or(0, |highest| highest.temporal);
        let best = highest.min(wish.temporal_layer);
        let least = if is_measured {
            u8::from(without_least).min(best)
        } else {
            best
        };
        (least..=best).map(move |temporal| if temporal == highest { ALL } else { temporal })
    }
}
