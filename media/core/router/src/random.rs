//! Numbers that need not be secret: first sequence numbers, our own SSRCs.

/// SplitMix64: one multiplication chain per number, seeded from outside.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A first sequence number: under 2^15, so that a lost first packet cannot hide a rollover. (RFC 3711 §3.3.1)
    pub(crate) fn first_index(&mut self) -> u64 {
        self.next() & 0x7fff
    }

    /// An SSRC; never 0, which libwebrtc uses for probes.
    pub(crate) fn ssrc(&mut self) -> u32 {
        (self.next() >> 32) as u32 | 1
    }
}
