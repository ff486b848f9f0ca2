//! Packet status chunks: which packets arrived, and how wide their deltas are. (§3.1.1 to §3.1.4)

/// The status of one packet. (§3.1.1)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Missing,
    /// Arrived, with a delta of one byte: 0 to 255 ticks.
    Small,
    /// Arrived, with a signed delta of two bytes.
    Large,
}

impl Symbol {
    /// The reserved fourth symbol carries no delta, so it counts as missing.
    fn of_bits(bits: u16) -> Self {
        match bits & 3 {
            1 => Symbol::Small,
            2 => Symbol::Large,
            _ => Symbol::Missing,
        }
    }

    /// The narrowest symbol for a delta in ticks; `None` if it fits none.
    pub(super) fn of_delta(delta: i64) -> Option<Self> {
        match delta {
            0..=255 => Some(Symbol::Small),
            _ => i16::try_from(delta).ok().map(|_| Symbol::Large),
        }
    }
}

/// What is left of one packet status chunk. (§3.1.3, §3.1.4)
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk {
    Run {
        symbol: Symbol,
        left: u16,
    },
    /// Symbols of `width` bits, the next one in the highest bits of the 14.
    Vector {
        bits: u16,
        width: u16,
        left: u16,
    },
}

impl Chunk {
    /// Reads one chunk.
    pub(super) fn decode(word: u16) -> Self {
        match word >> 14 {
            0 | 1 => Chunk::Run {
                symbol: Symbol::of_bits(word >> 13),
                left: word & 0x1fff,
            },
            2 => Chunk::Vector {
                bits: word & 0x3fff,
                width: 1,
                left: 14,
            },
            _ => Chunk::Vector {
                bits: word & 0x3fff,
                width: 2,
                left: 7,
            },
        }
    }

    /// How many statuses are left.
    pub(super) fn len(&self) -> u16 {
        match self {
            Chunk::Run { left, .. } | Chunk::Vector { left, .. } => *left,
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn peek(&self) -> Symbol {
        match self {
            Chunk::Run { symbol, .. } => *symbol,
            Chunk::Vector { bits, width, .. } => Symbol::of_bits(bits >> (14 - width)),
        }
    }

    /// Takes the next symbol of a chunk that has one left.
    pub(super) fn take(&mut self) -> Symbol {
        let symbol = self.peek();
        match self {
            Chunk::Run { left, .. } => *left -= 1,
            Chunk::Vector { bits, width, left } => {
                *bits = *bits << *width & 0x3fff;
                *left -= 1;
            }
        }
        symbol
    }

    /// Takes all symbols up to the next arrival, and returns how many: a run in one step, however long.
    pub(super) fn skip_missing(&mut self) -> u16 {
        let before = self.len();
        if let Chunk::Run {
            symbol: Symbol::Missing,
            left,
        } = self
        {
            *left = 0;
        }
        while !self.is_empty() && self.peek() == Symbol::Missing {
            self.take();
        }
        before - self.len()
    }
}
