//! Fields that begin and end anywhere in a byte, highest bit first. (AV1 RTP §A.2)

/// Reads bit fields from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0 }
    }

    /// Bits read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next `count` bits, 32 at most, as a number; `None` if they are not there.
    pub(super) fn take(&mut self, count: usize) -> Option<u32> {
        let end = self.at + count;
        if end > self.bytes.len() * 8 {
            return None;
        }
        let value = (self.at..end).fold(0, |value, bit| value << 1 | u32::from(self.bit(bit)));
        self.at = end;
        Some(value)
    }

    /// The next bit.
    pub(super) fn flag(&mut self) -> Option<bool> {
        Some(self.take(1)? == 1)
    }

    /// A number below `limit`, which is 1 to 33, in as few bits as that takes. (ns(n) of §A.2)
    pub(super) fn take_below(&mut self, limit: u32) -> Option<u32> {
        let width = limit.ilog2() as usize + 1;
        let short = (1 << width) - limit;
        let value = self.take(width - 1)?;
        if value < short {
            return Some(value);
        }
        Some((value << 1) - short + self.take(1)?)
    }

    fn bit(&self, at: usize) -> bool {
        self.bytes[at / 8] >> (7 - at % 8) & 1 == 1
    }
}

/// Writes bit fields to the front of a zeroed slice.
#[derive(Debug)]
pub(super) struct BitWriter<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl<'a> BitWriter<'a> {
    /// Clears `bytes`.
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        bytes.fill(0);
        BitWriter { bytes, at: 0 }
    }

    /// Appends the low `count` bits of `value`; `None` if they do not fit.
    pub(super) fn put(&mut self, value: u32, count: usize) -> Option<()> {
        for bit in (0..count).rev() {
            let byte = self.bytes.get_mut(self.at / 8)?;
            *byte |= ((value >> bit & 1) as u8) << (7 - self.at % 8);
            self.at += 1;
        }
        Some(())
    }

    /// Appends the next `count` bits of `from`; `None` if they are not there or do not fit.
    pub(super) fn copy(&mut self, from: &mut BitReader<'_>, count: usize) -> Option<()> {
        for start in (0..count).step_by(32) {
            let width = (count - start).min(32);
            self.put(from.take(width)?, width)?;
        }
        Some(())
    }

    /// Bytes that hold what was written.
    pub(super) fn len(&self) -> usize {
        self.at.div_ceil(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_a_limit_take_the_bits_that_the_specification_counts() {
        // ns(5): 0, 1 and 2 in two bits, 3 and 4 in three. (AV1 §4.10.7)
        let bytes = [0x1b, 0x70]; // 00 01 10 110 111
        let mut reader = BitReader::new(&bytes);
        let values: Vec<_> = (0..5).filter_map(|_| reader.take_below(5)).collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
        assert_eq!(reader.position(), 12);
        assert_eq!(reader.take_below(1), Some(0), "one value needs no bit");
        assert_eq!(reader.position(), 12);
    }

    #[test]
    fn what_is_copied_is_what_was_there() {
        let from = [0xa5, 0x5a, 0xff, 0x01, 0x80, 0x7f];
        let mut out = [0xff; 7];
        let mut writer = BitWriter::new(&mut out);
        writer.put(0b101, 3).expect("room");
        let mut reader = BitReader::new(&from);
        writer.copy(&mut reader, 48).expect("all of it");
        assert_eq!(writer.len(), 7);
        assert!(writer.copy(&mut reader, 1).is_none(), "nothing is left");
        let mut back = BitReader::new(&out);
        assert_eq!(back.take(3), Some(0b101));
        assert_eq!(back.take(32), Some(0xa55a_ff01));
        assert_eq!(back.take(16), Some(0x807f));
        assert_eq!(back.take(6), None);
    }
}
