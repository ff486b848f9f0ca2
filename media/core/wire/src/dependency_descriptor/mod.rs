//! Dependency descriptor: which layers a frame is of, and what can be decoded with it. (AV1 RTP, appendix A)
//!
//! An RTP header extension, made for AV1 and used with other codecs too; it stays readable where the payload is
//! encrypted end to end. A key frame brings a [`Structure`] with templates; the other frames name one of them,
//! and say only where they differ.

mod bits;
mod structure;

pub use structure::{
    Chains, Indication, Indications, MAX_DECODE_TARGETS, References, Structure, Template,
};

use bits::{BitReader, BitWriter};

/// Bits that every descriptor has, before those that only longer ones have.
const MANDATORY_BITS: usize = 24;

/// Bits that say what else a longer descriptor has.
const FLAG_BITS: usize = 5;

/// What one packet's descriptor says of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// First packet of the frame.
    pub starts_frame: bool,
    /// Last packet of the frame.
    pub ends_frame: bool,
    /// Number of the frame in the order of decoding, wrapping; all layers count together.
    pub frame_number: u16,
    /// It brought a new structure: a decoder can start here.
    pub has_structure: bool,
    /// Bit `n` is set if frames of decode target `n` are being sent; `None` if nothing has changed.
    pub active_targets: Option<u32>,
    /// Layers, indications, references and chains, the frame's own where it has such.
    pub frame: Template,
    /// Where the mask of active targets is, or would be, in bits; and how many targets there are.
    mask_at: usize,
    target_count: usize,
    is_extended: bool,
}

impl Descriptor {
    /// Reads the data of the extension element. A structure that it brings replaces the `known` one.
    ///
    /// `None`, and `known` unchanged, if it is cut short, or names a template that is not known.
    pub fn parse(data: &[u8], known: &mut Structure) -> Option<Self> {
        let descriptor = Self::read(data, known)?;
        if descriptor.has_structure {
            let mut reader = BitReader::new(data);
            reader.take(MANDATORY_BITS + FLAG_BITS)?;
            *known = Structure::read(&mut reader)?;
        }
        Some(descriptor)
    }

    /// Reads the data of the extension element, with the structure that was `known` at the time.
    ///
    /// `None` if it is cut short, or names a template that is not known.
    pub fn read(data: &[u8], known: &Structure) -> Option<Self> {
        let mut reader = BitReader::new(data);
        let starts_frame = reader.flag()?;
        let ends_frame = reader.flag()?;
        let template = reader.take(6)? as u8;
        let frame_number = reader.take(16)? as u16;
        let is_extended = data.len() * 8 > MANDATORY_BITS;
        let flags = if is_extended {
            reader.take(FLAG_BITS)?
        } else {
            0
        };
        let has = |flag: u32| flags & flag != 0;
        let brought = if has(0b10000) {
            Some(Structure::read(&mut reader)?)
        } else {
            None
        };
        let structure = brought.as_ref().unwrap_or(known);
        let target_count = structure.targets().len();
        let mask_at = reader.position();
        let active_targets = if has(0b01000) {
            Some(reader.take(target_count)?)
        } else {
            None
        };
        let mut frame = *structure.template(template)?;
        if has(0b00100) {
            frame.indications = Indications::read(&mut reader, target_count)?;
        }
        if has(0b00010) {
            frame.references = own_references(&mut reader)?;
        }
        if has(0b00001) {
            frame.chains = Chains::read(&mut reader, structure.chain_count(), 8)?;
        }
        Some(Descriptor {
            starts_frame,
            ends_frame,
            frame_number,
            has_structure: has(0b10000),
            active_targets,
            frame,
            mask_at,
            target_count,
            is_extended,
        })
    }

    /// Whether the frame depends on earlier pictures: on frames that are further back than the lower layers of its
    /// own picture can be.
    pub fn is_predicted(&self) -> bool {
        let spatial = u16::from(self.frame.spatial);
        let distances = self.frame.references.distances();
        distances.iter().any(|distance| *distance > spatial)
    }

    /// The highest temporal layer of the frame's spatial one that can be decoded from this frame on, by whoever can
    /// decode this frame.
    pub fn opens(&self, structure: &Structure) -> u8 {
        let opened = (0..).zip(structure.targets()).filter(|(index, target)| {
            let indication = self.frame.indications.of(*index);
            target.0 == self.frame.spatial && indication == Indication::Switch
        });
        let highest = opened.map(|(_, target)| target.1).max();
        highest.unwrap_or(0).max(self.frame.temporal)
    }

    /// Bytes of this descriptor, with `active_targets` in it.
    pub fn len_with_active_targets(&self, data: &[u8]) -> usize {
        if !self.is_extended {
            return (MANDATORY_BITS + FLAG_BITS + self.target_count).div_ceil(8);
        }
        let added = if self.active_targets.is_some() {
            0
        } else {
            self.target_count
        };
        (data.len() * 8 + added).div_ceil(8)
    }

    /// Writes this descriptor, which was read from `data`, to `out`, but with these active targets.
    ///
    /// `None` if `out` is too short. What was written has [the length](Self::len_with_active_targets) foretold.
    pub fn write_active_targets(&self, data: &[u8], active: u32, out: &mut [u8]) -> Option<usize> {
        let len = self.len_with_active_targets(data);
        let mut reader = BitReader::new(data);
        let mut writer = BitWriter::new(out.get_mut(..len)?);
        writer.copy(&mut reader, MANDATORY_BITS)?;
        let flags = if self.is_extended {
            reader.take(FLAG_BITS)?
        } else {
            0
        };
        writer.put(flags | 0b01000, FLAG_BITS)?;
        if self.is_extended {
            let before = self.mask_at - reader.position();
            writer.copy(&mut reader, before)?;
        }
        writer.put(active, self.target_count)?;
        if self.active_targets.is_some() {
            reader.take(self.target_count)?;
        }
        let rest = data.len() * 8 - reader.position();
        writer.copy(&mut reader, rest)?;
        debug_assert!(writer.len() <= len, "the rest is zero padding");
        Some(len)
    }
}

/// References that only this frame has, of up to 12 bits each. (§A.8.3, frame_fdiffs)
fn own_references(reader: &mut BitReader<'_>) -> Option<References> {
    let mut references = References::default();
    loop {
        let size = reader.take(2)? as usize;
        if size == 0 {
            return Some(references);
        }
        references.push(reader.take(4 * size)? + 1)?;
    }
}
