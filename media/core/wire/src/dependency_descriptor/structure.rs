//! The template dependency structure: what most frames of a stream are like. (AV1 RTP §A.8.2)

use super::bits::BitReader;

/// Templates of one structure at most: their ids have six bits.
const MAX_TEMPLATES: usize = 64;

/// Decode targets at most: their count has five bits.
pub const MAX_DECODE_TARGETS: usize = 32;

/// Frames that one frame refers to at most: AV1 has seven reference frames. (AV1 §3, REFS_PER_FRAME)
pub(super) const MAX_REFERENCES: usize = 8;

/// What a frame is to one decode target. (§A.4)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// Not part of it.
    NotPresent,
    /// Part of it, and no other frame depends on it.
    Discardable,
    /// Part of it, and whoever decodes it can decode all frames of the target from there on.
    Switch,
    /// Part of it.
    Required,
}

/// What a frame is to each decode target: two bits each, the first target's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indications(u64);

impl Indications {
    /// For the decode target `index`, below [`MAX_DECODE_TARGETS`].
    pub fn of(self, index: usize) -> Indication {
        match self.0 >> (2 * index) & 0b11 {
            0 => Indication::NotPresent,
            1 => Indication::Discardable,
            2 => Indication::Switch,
            _ => Indication::Required,
        }
    }

    pub(super) fn read(reader: &mut BitReader<'_>, targets: usize) -> Option<Self> {
        let mut bits = 0;
        for index in 0..targets {
            bits |= u64::from(reader.take(2)?) << (2 * index);
        }
        Some(Indications(bits))
    }
}

/// Frames that one frame refers to, as distances of frame numbers, each at least 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct References {
    distances: [u16; MAX_REFERENCES],
    count: u8,
}

impl References {
    /// The distances, in the order of the descriptor.
    pub fn distances(&self) -> &[u16] {
        &self.distances[..usize::from(self.count)]
    }

    /// `None` if there are too many.
    pub(super) fn push(&mut self, distance: u32) -> Option<()> {
        *self.distances.get_mut(usize::from(self.count))? = u16::try_from(distance).ok()?;
        self.count += 1;
        Some(())
    }
}

/// Distances to the previous frame of each chain, by chain; 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chains {
    distances: [u8; MAX_DECODE_TARGETS],
    count: u8,
}

impl Chains {
    pub(super) const NONE: Chains = Chains {
        distances: [0; MAX_DECODE_TARGETS],
        count: 0,
    };

    /// One distance a chain.
    pub fn distances(&self) -> &[u8] {
        &self.distances[..usize::from(self.count)]
    }

    /// Reads `count` distances of `width` bits, 8 at most.
    pub(super) fn read(reader: &mut BitReader<'_>, count: u8, width: usize) -> Option<Self> {
        let mut chains = Chains {
            count,
            ..Chains::NONE
        };
        for distance in &mut chains.distances[..usize::from(count)] {
            *distance = reader.take(width)? as u8;
        }
        Some(chains)
    }
}

/// What the frames of one template have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// 0 to 3.
    pub spatial: u8,
    /// 0 to 7.
    pub temporal: u8,
    /// Unless the frame brings its own.
    pub indications: Indications,
    /// Unless the frame brings its own.
    pub references: References,
    /// Unless the frame brings its own.
    pub chains: Chains,
}

/// What the frames of a stream are like until the next structure comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    first_template: u8,
    templates: [Template; MAX_TEMPLATES],
    template_count: u8,
    target_count: u8,
    chain_count: u8,
    /// Spatial and temporal layer of each decode target.
    targets: [(u8, u8); MAX_DECODE_TARGETS],
}

impl Structure {
    /// Before the first structure: nothing can be told of any frame.
    pub const NONE: Structure = Structure {
        first_template: 0,
        templates: [Template {
            spatial: 0,
            temporal: 0,
            indications: Indications(0),
            references: References {
                distances: [0; MAX_REFERENCES],
                count: 0,
            },
            chains: Chains::NONE,
        }; MAX_TEMPLATES],
        template_count: 0,
        target_count: 0,
        chain_count: 0,
        targets: [(0, 0); MAX_DECODE_TARGETS],
    };

    /// Spatial and temporal layer of each decode target: the highest of the frames it has.
    pub fn targets(&self) -> &[(u8, u8)] {
        &self.targets[..usize::from(self.target_count)]
    }

    /// The decode targets within these layers, as a mask: bit `n` is the target `n`.
    pub fn targets_within(&self, spatial: u8, temporal: u8) -> u32 {
        (0..)
            .zip(self.targets())
            .filter(|(_, target)| target.0 <= spatial && target.1 <= temporal)
            .fold(0, |mask, (index, _)| mask | 1_u32 << index)
    }

    /// The template that a descriptor names; `None` if this structure has no such.
    pub(super) fn template(&self, id: u8) -> Option<&Template> {
        let index = usize::from((id + 64 - self.first_template) % 64);
        self.templates[..usize::from(self.template_count)].get(index)
    }

    pub(super) fn chain_count(&self) -> u8 {
        self.chain_count
    }

    /// Reads a structure; `None` if it is cut short, or has more of anything than there can be.
    pub(super) fn read(reader: &mut BitReader<'_>) -> Option<Self> {
        let mut structure = Structure {
            first_template: reader.take(6)? as u8,
            target_count: reader.take(5)? as u8 + 1,
            ..Structure::NONE
        };
        structure.read_layers(reader)?;
        let targets = usize::from(structure.target_count);
        let used = usize::from(structure.template_count);
        for template in &mut structure.templates[..used] {
            template.indications = Indications::read(reader, targets)?;
        }
        for template in &mut structure.templates[..used] {
            while reader.flag()? {
                template.references.push(reader.take(4)? + 1)?;
            }
        }
        structure.read_chains(reader)?;
        structure.derive_targets();
        if reader.flag()? {
            let highest = structure.templates[used - 1].spatial;
            for _ in 0..=highest {
                reader.take(32)?; // Width and height, which are nothing to a forwarder.
            }
        }
        Some(structure)
    }

    fn read_layers(&mut self, reader: &mut BitReader<'_>) -> Option<()> {
        let (mut spatial, mut temporal) = (0, 0);
        for (count, template) in (1..).zip(&mut self.templates) {
            (template.spatial, template.temporal) = (spatial, temporal);
            self.template_count = count;
            match reader.take(2)? {
                0 => {}
                1 => temporal += 1,
                2 => (spatial, temporal) = (spatial + 1, 0),
                _ => return Some(()),
            }
            if spatial > 3 || temporal > 7 {
                return None;
            }
        }
        None
    }

    fn read_chains(&mut self, reader: &mut BitReader<'_>) -> Option<()> {
        let targets = u32::from(self.target_count);
        let count = reader.take_below(targets + 1)?;
        if count == 0 {
            return Some(());
        }
        self.chain_count = count as u8;
        for _ in 0..targets {
            reader.take_below(count)?; // Which chain protects the target: receivers judge by that, not we.
        }
        for template in &mut self.templates[..usize::from(self.template_count)] {
            template.chains = Chains::read(reader, self.chain_count, 4)?;
        }
        Some(())
    }

    fn derive_targets(&mut self) {
        let templates = &self.templates[..usize::from(self.template_count)];
        let targets = &mut self.targets[..usize::from(self.target_count)];
        for (index, target) in targets.iter_mut().enumerate() {
            let present =
                |template: &&Template| template.indications.of(index) != Indication::NotPresent;
            for template in templates.iter().filter(present) {
                target.0 = target.0.max(template.spatial);
                target.1 = target.1.max(template.temporal);
            }
        }
    }
}
