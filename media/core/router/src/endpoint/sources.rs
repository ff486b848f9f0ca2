//! Which SSRC of a publisher is which layer.

/// What the packets of one SSRC are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// Key of the producer's slab.
    pub(crate) producer: usize,
    pub(crate) layer: u8,
    /// Retransmissions of the layer rather than the layer itself.
    pub(crate) is_repair: bool,
}

/// SSRC to binding, for one endpoint.
///
/// Bounded by the layers the control plane declared, since each layer has one media and one repair SSRC at a
/// time. A publisher has a dozen, so they are searched in order: that is two cache lines.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    ssrcs: Vec<u32>,
    bindings: Vec<Binding>,
}

impl Sources {
    /// What the packets of `ssrc` are.
    pub(crate) fn get(&self, ssrc: u32) -> Option<Binding> {
        let index = self.ssrcs.iter().position(|known| *known == ssrc)?;
        self.bindings.get(index).copied()
    }

    /// Binds `ssrc`, in the place of whatever had this binding before. A known SSRC keeps its binding: nobody
    /// takes over a stream that runs.
    pub(crate) fn bind(&mut self, ssrc: u32, binding: Binding) {
        if self.ssrcs.contains(&ssrc) {
            return;
        }
        match self.bindings.iter().position(|known| *known == binding) {
            Some(index) => self.ssrcs[index] = ssrc,
            None => {
                self.ssrcs.push(ssrc);
                self.bindings.push(binding);
            }
        }
    }

    /// Forgets all SSRCs of a producer.
    pub(crate) fn remove_producer(&mut self, producer: usize) {
        let mut bindings = self.bindings.iter();
        self.ssrcs
            .retain(|_| bindings.next().is_some_and(|one| one.producer != producer));
        self.bindings.retain(|one| one.producer != producer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_that_changes_its_ssrc_keeps_one_place() {
        let mut sources = Sources::default();
        let layer = |layer| Binding {
            producer: 3,
            layer,
            is_repair: false,
        };
        sources.bind(100, layer(0));
        sources.bind(200, layer(1));
        for ssrc in 1000..2000 {
            sources.bind(ssrc, layer(0));
        }
        assert_eq!(sources.get(100), None);
        assert_eq!(sources.get(1999), Some(layer(0)));
        assert_eq!(sources.get(200), Some(layer(1)));
        assert_eq!(sources.ssrcs.len(), 2);
    }

    #[test]
    fn nobody_takes_over_the_ssrc_of_another_layer() {
        let mut sources = Sources::default();
        let of = |producer| Binding {
            producer,
            layer: 0,
            is_repair: false,
        };
        sources.bind(100, of(1));
        sources.bind(100, of(2));
        assert_eq!(sources.get(100), Some(of(1)));
        sources.remove_producer(1);
        assert_eq!(sources.get(100), None);
    }
}
