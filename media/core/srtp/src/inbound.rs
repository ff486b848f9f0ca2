//! Opening what the peer sealed.

use crate::cipher::Cipher;
use crate::derivation::MasterKey;
use crate::gcm::Iv;
use crate::sources::Sources;
use crate::{Error, Profile};
use hoichan_wire::{rtp, seq};

/// Sources of one peer whose windows are kept. When one more speaks, the one silent for longest is forgotten:
/// only the peer itself, who holds the key, can bring that about. A camera is six sources (three layers and
/// their retransmissions), so this is some forty tracks, or republications, back.
const MAX_SOURCES: usize = 256;

/// The peer's keys, and what was already received under them.
pub struct Inbound {
    rtp: Cipher,
    rtcp: Cipher,
    rtp_sources: Sources,
    rtcp_sources: Sources,
}

/// An RTP packet that proved genuine and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of the plain packet, header included.
    pub len: usize,
    /// ROC * 2^16 + SEQ: the sequence number that never wraps. (RFC 3711 §3.3.1)
    pub index: u64,
}

impl Inbound {
    pub(crate) fn new(profile: Profile, theirs: &MasterKey) -> Self {
        Inbound {
            rtp: Cipher::for_rtp(profile, theirs),
            rtcp: Cipher::for_rtcp(profile, theirs),
            rtp_sources: Sources::default(),
            rtcp_sources: Sources::default(),
        }
    }

    /// Opens an SRTP packet into `slot`, header and all.
    ///
    /// `header` was parsed from `packet`; it fits the plain packet in `slot` too. On an error, `slot` may hold
    /// anything, but nothing else has changed.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::NoRoom`] if `slot` is shorter than the plain packet,
    /// [`Error::Replayed`], [`Error::Forged`].
    pub fn open_rtp_into(
        &mut self,
        packet: &[u8],
        header: &rtp::Header,
        slot: &mut [u8],
    ) -> Result<Opened, Error> {
        let len = packet
            .len()
            .checked_sub(self.rtp.tag_len())
            .filter(|len| *len >= header.len);
        let len = len.ok_or(Error::Malformed)?;
        let (clear, payload) = slot
            .get_mut(..len)
            .ok_or(Error::NoRoom)?
            .split_at_mut(header.len);
        let fields = &header.fields;
        let index = match self.rtp_sources.get(fields.ssrc) {
            Some(window) => {
                let index = seq::extend(fields.sequence, window.highest());
                let index = index
                    .filter(|index| window.is_fresh(*index))
                    .ok_or(Error::Replayed)?;
                self.rtp.open_rtp(
                    packet,
                    header.len,
                    Iv {
                        ssrc: fields.ssrc,
                        index,
                    },
                    payload,
                )?;
                index
            }
            None => self.open_first(packet, header, payload)?,
        };
        clear.copy_from_slice(&packet[..header.len]);
        make_room(&mut self.rtp_sources, fields.ssrc);
        self.rtp_sources.record(fields.ssrc, index);
        Ok(Opened { len, index })
    }

    /// Opens the first packet of a source and returns its index.
    ///
    /// ROC is 0, unless the source started just below the wrap and everything before it was lost: a low
    /// sequence number gets a second try with ROC 1.
    fn open_first(
        &self,
        packet: &[u8],
        header: &rtp::Header,
        payload: &mut [u8],
    ) -> Result<u64, Error> {
        let rtp::Fields { ssrc, sequence, .. } = header.fields;
        let first = u64::from(sequence);
        let second = first + 0x1_0000;
        match self
            .rtp
            .open_rtp(packet, header.len, Iv { ssrc, index: first }, payload)
        {
            Ok(()) => Ok(first),
            Err(_) if sequence < 0x8000 => self
                .rtp
                .open_rtp(
                    packet,
                    header.len,
                    Iv {
                        ssrc,
                        index: second,
                    },
                    payload,
                )
                .map(|()| second),
            Err(error) => Err(error),
        }
    }

    /// Opens an SRTCP compound into `slot` and returns the length of the plain compound.
    ///
    /// # Errors
    /// As [`Inbound::open_rtp_into`], and [`Error::Unencrypted`].
    pub fn open_rtcp_into(&mut self, compound: &[u8], slot: &mut [u8]) -> Result<usize, Error> {
        let sealed = self.rtcp.split_rtcp(compound).ok_or(Error::Malformed)?;
        let plain = slot.get_mut(..sealed.plain_len).ok_or(Error::NoRoom)?;
        if !sealed.is_encrypted() {
            return Err(Error::Unencrypted);
        }
        let window = self.rtcp_sources.get(sealed.ssrc);
        if window.is_some_and(|window| !window.is_fresh(sealed.index())) {
            return Err(Error::Replayed);
        }
        self.rtcp.open_rtcp(&sealed, plain)?;
        make_room(&mut self.rtcp_sources, sealed.ssrc);
        self.rtcp_sources.record(sealed.ssrc, sealed.index());
        Ok(sealed.plain_len)
    }
}

impl std::fmt::Debug for Inbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbound").finish_non_exhaustive()
    }
}

/// Makes sure that recording `ssrc` does not exceed the bound.
fn make_room(sources: &mut Sources, ssrc: u32) {
    if sources.len() >= MAX_SOURCES && sources.get(ssrc).is_none() {
        sources.evict_least_recent();
    }
}
