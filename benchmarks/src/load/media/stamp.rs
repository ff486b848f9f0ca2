//! What the end of every payload says: when it was sent, and what it is part of.
//!
//! At the end, because what servers rewrite (descriptors, picture numbers) is at the beginning and may change its length.

use crate::load::clock::Nanoseconds;

/// Bytes of a stamp.
pub const LENGTH: usize = 16;
const MAGIC: [u8; 2] = *b"LD";

/// One packet's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// 0 is the lowest.
    pub layer: u8,
    /// Whether the packet is part of a key frame.
    pub is_key: bool,
    /// Counts the packets of the layer.
    pub counter: u32,
    /// When it was handed to the kernel.
    pub sent: Nanoseconds,
}

impl Stamp {
    /// Overwrites the end of `payload`, which has at least [`LENGTH`] bytes.
    pub fn write(self, payload: &mut [u8]) {
        let start = payload.len() - LENGTH;
        let end = &mut payload[start..];
        end[..2].copy_from_slice(&MAGIC);
        end[2] = self.layer;
        end[3] = u8::from(self.is_key);
        end[4..8].copy_from_slice(&self.counter.to_be_bytes());
        end[8..].copy_from_slice(&self.sent.to_be_bytes());
    }

    /// Reads the end of `payload`; `None` if it has no stamp.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let end: &[u8; LENGTH] = payload.last_chunk()?;
        let [m, n, layer, flags, c0, c1, c2, c3, sent @ ..] = *end;
        ([m, n] == MAGIC).then_some(Self {
            layer,
            is_key: flags != 0,
            counter: u32::from_be_bytes([c0, c1, c2, c3]),
            sent: u64::from_be_bytes(sent),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_though_the_beginning_was_rewritten() {
        let stamp = Stamp {
            layer: 2,
            is_key: true,
            counter: 77,
            sent: 1_700_000_000_123_456_789,
        };
        let mut payload = vec![0; 40];
        stamp.write(&mut payload);
        assert_eq!(Stamp::read(&payload[5..]), Some(stamp));
        assert_eq!(Stamp::read(&[0; 40]), None);
        assert_eq!(Stamp::read(&[0; 3]), None);
    }
}
