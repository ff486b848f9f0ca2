//! Sealing what the peer will open.

use crate::cipher::{Cipher, INDEX_WORD_LEN};
use crate::derivation::MasterKey;
use crate::gcm::Iv;
use crate::sources::Sources;
use crate::{Error, Profile};
use hoichan_wire::rtp::FIXED_HEADER_LEN;

/// Sources we may ever seal for under one key. Their windows are never forgotten, since forgetting one would
/// allow a nonce twice. Eight thousand subscriptions with their own SSRCs are far beyond any call.
const MAX_SOURCES: usize = 8192;

/// Indices that one key may seal. (RFC 3711 §9.2)
const RTP_INDICES: u64 = 1 << 48;
const RTCP_INDICES: u32 = 1 << 31;

/// Our keys, and what was already sealed under them.
pub struct Outbound {
    rtp: Cipher,
    rtcp: Cipher,
    sealed: Sources,
    /// The next SRTCP index, shared by all SSRCs of this session: it has one owner.
    next_rtcp_index: u32,
}

impl Outbound {
    pub(crate) fn new(profile: Profile, ours: &MasterKey) -> Self {
        Outbound {
            rtp: Cipher::for_rtp(profile, ours),
            rtcp: Cipher::for_rtcp(profile, ours),
            sealed: Sources::default(),
            next_rtcp_index: 0,
        }
    }

    /// Bytes that [`Outbound::seal_rtp`] adds.
    pub fn rtp_overhead(&self) -> usize {
        self.rtp.tag_len()
    }

    /// Bytes that [`Outbound::seal_rtcp`] adds.
    pub fn rtcp_overhead(&self) -> usize {
        self.rtcp.tag_len() + INDEX_WORD_LEN
    }

    /// The lowest index above all that were sealed for `ssrc`; 0 for one never used.
    ///
    /// Whoever takes up an SSRC again under the same keys must go on from here.
    pub fn unused_index(&self, ssrc: u32) -> u64 {
        self.sealed
            .get(ssrc)
            .map_or(0, |window| window.highest() + 1)
    }

    /// Seals a packet in place and returns its new length, `plain_len` + [`Outbound::rtp_overhead`].
    ///
    /// `buffer` starts with the plain packet of `plain_len` bytes, of which the first `header_len` stay in
    /// clear. `index` is the packet's wide sequence number, whose low 16 bits the header carries; indices may
    /// come slightly out of order but never twice.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the lengths make no sense, [`Error::NoRoom`], [`Error::Reused`],
    /// [`Error::Exhausted`], [`Error::TooManySources`].
    pub fn seal_rtp(
        &mut self,
        buffer: &mut [u8],
        header_len: usize,
        plain_len: usize,
        index: u64,
    ) -> Result<usize, Error> {
        if header_len < FIXED_HEADER_LEN || plain_len < header_len {
            return Err(Error::Malformed);
        }
        let len = plain_len + self.rtp_overhead();
        let packet = buffer.get_mut(..len).ok_or(Error::NoRoom)?;
        debug_assert_eq!(
            packet[2..4],
            (index as u16).to_be_bytes(),
            "the header carries the index's low bits"
        );
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        self.claim(ssrc, index)?;
        self.rtp
            .seal_rtp(packet, header_len, plain_len, Iv { ssrc, index });
        Ok(len)
    }

    /// Makes sure that this index is sealed now and never again.
    fn claim(&mut self, ssrc: u32, index: u64) -> Result<(), Error> {
        if index >= RTP_INDICES {
            return Err(Error::Exhausted);
        }
        match self.sealed.get(ssrc) {
            Some(window) if !window.is_fresh(index) => return Err(Error::Reused),
            None if self.sealed.len() >= MAX_SOURCES => return Err(Error::TooManySources),
            _ => self.sealed.record(ssrc, index),
        }
        Ok(())
    }

    /// Seals a compound in place and returns its new length, `plain_len` + [`Outbound::rtcp_overhead`].
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is under 8 bytes, [`Error::NoRoom`], [`Error::Exhausted`].
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], plain_len: usize) -> Result<usize, Error> {
        let len = plain_len + self.rtcp_overhead();
        let compound = buffer.get_mut(..len).ok_or(Error::NoRoom)?;
        if plain_len < 8 {
            return Err(Error::Malformed);
        }
        let index = self.next_rtcp_index;
        if index >= RTCP_INDICES {
            return Err(Error::Exhausted);
        }
        self.next_rtcp_index += 1;
        let ssrc = u32::from_be_bytes([compound[4], compound[5], compound[6], compound[7]]);
        let word = (0x8000_0000 | index).to_be_bytes();
        self.rtcp.seal_rtcp(
            compound,
            plain_len,
            word,
            Iv {
                ssrc,
                index: u64::from(index),
            },
        );
        Ok(len)
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}
