//! The transform of one direction, for RTP or for RTCP.

use crate::counter_mode::CounterMode;
use crate::derivation::{Label, MasterKey};
use crate::gcm::{Gcm, Iv};
use crate::{Error, Profile, counter_mode, gcm};

/// Bytes of the word that carries E bit and SRTCP index. (RFC 3711 §3.4)
pub(crate) const INDEX_WORD_LEN: usize = 4;

/// Either transform, with its session keys.
pub(crate) enum Cipher {
    Gcm(Gcm),
    /// Boxed: its hash states make it forty times as large.
    CounterMode(Box<CounterMode>),
}

impl Cipher {
    /// The cipher for RTP of this direction.
    pub(crate) fn for_rtp(profile: Profile, master: &MasterKey) -> Self {
        Self::derive(
            profile,
            master,
            [
                Label::RtpEncryption,
                Label::RtpAuthentication,
                Label::RtpSalt,
            ],
        )
    }

    /// The cipher for RTCP of this direction.
    pub(crate) fn for_rtcp(profile: Profile, master: &MasterKey) -> Self {
        Self::derive(
            profile,
            master,
            [
                Label::RtcpEncryption,
                Label::RtcpAuthentication,
                Label::RtcpSalt,
            ],
        )
    }

    fn derive(
        profile: Profile,
        master: &MasterKey,
        [key, authentication, salt]: [Label; 3],
    ) -> Self {
        match profile {
            Profile::Aes128Gcm | Profile::Aes256Gcm => {
                Cipher::Gcm(Gcm::derive(master, profile.key_len(), key, salt))
            }
            Profile::Aes128CmSha1_80 => Cipher::CounterMode(Box::new(CounterMode::derive(
                master,
                key,
                authentication,
                salt,
            ))),
        }
    }

    /// Bytes of the tag.
    pub(crate) fn tag_len(&self) -> usize {
        match self {
            Cipher::Gcm(_) => gcm::TAG_LEN,
            Cipher::CounterMode(_) => counter_mode::TAG_LEN,
        }
    }

    /// Seals in place. `packet` holds `plain_len` bytes and room for the tag; `header_len` stay in clear.
    pub(crate) fn seal_rtp(&self, packet: &mut [u8], header_len: usize, plain_len: usize, iv: Iv) {
        match self {
            Cipher::Gcm(gcm) => gcm.seal_rtp(packet, header_len, plain_len, iv),
            Cipher::CounterMode(cm) => cm.seal_rtp(packet, header_len, plain_len, iv),
        }
    }

    /// Opens the payload into `plain`, which is `packet` less header and tag.
    pub(crate) fn open_rtp(
        &self,
        packet: &[u8],
        header_len: usize,
        iv: Iv,
        plain: &mut [u8],
    ) -> Result<(), Error> {
        match self {
            Cipher::Gcm(gcm) => gcm.open_rtp(packet, header_len, iv, plain),
            Cipher::CounterMode(cm) => cm.open_rtp(packet, header_len, iv, plain),
        }
    }

    /// Seals in place. `compound` holds `plain_len` bytes, at least 8, and room for tag and `word`.
    pub(crate) fn seal_rtcp(&self, compound: &mut [u8], plain_len: usize, word: [u8; 4], iv: Iv) {
        match self {
            Cipher::Gcm(gcm) => gcm.seal_rtcp(compound, plain_len, word, iv),
            Cipher::CounterMode(cm) => cm.seal_rtcp(compound, plain_len, word, iv),
        }
    }

    /// Cuts tag and index word from a compound. `None` if what is left has not even the clear 8 bytes.
    pub(crate) fn split_rtcp<'a>(&self, compound: &'a [u8]) -> Option<SealedRtcp<'a>> {
        let plain_len = compound
            .len()
            .checked_sub(self.tag_len() + INDEX_WORD_LEN)?;
        let ssrc = u32::from_be_bytes(*compound.get(4..)?.first_chunk()?);
        let (body, tag, word) = match self {
            Cipher::Gcm(_) => {
                let (body, word) = compound.split_last_chunk()?;
                (body, &[][..], word)
            }
            Cipher::CounterMode(_) => {
                let (body, trailer) = compound.split_at(plain_len);
                let (word, tag) = trailer.split_first_chunk()?;
                (body, tag, word)
            }
        };
        (plain_len >= 8).then_some(SealedRtcp {
            body,
            tag,
            word: *word,
            ssrc,
            plain_len,
        })
    }

    /// Opens what [`Cipher::split_rtcp`] cut, into `plain`, which is `plain_len` bytes.
    pub(crate) fn open_rtcp(&self, sealed: &SealedRtcp<'_>, plain: &mut [u8]) -> Result<(), Error> {
        let iv = Iv {
            ssrc: sealed.ssrc,
            index: sealed.index(),
        };
        match self {
            Cipher::Gcm(gcm) => gcm.open_rtcp(sealed.body, sealed.word, iv, plain),
            Cipher::CounterMode(cm) => {
                cm.open_rtcp(sealed.body, sealed.word, sealed.tag, iv, plain)
            }
        }
    }
}

/// An SRTCP compound, taken apart but not yet believed.
pub(crate) struct SealedRtcp<'a> {
    /// Clear words and ciphertext; for GCM also the tag, which comes before the index word there.
    body: &'a [u8],
    tag: &'a [u8],
    word: [u8; 4],
    /// SSRC of the sender of the first packet.
    pub(crate) ssrc: u32,
    /// Bytes of the plain compound, at least 8.
    pub(crate) plain_len: usize,
}

impl SealedRtcp<'_> {
    /// The E bit.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.word[0] & 0x80 != 0
    }

    /// The 31-bit SRTCP index.
    pub(crate) fn index(&self) -> u64 {
        u64::from(u32::from_be_bytes(self.word) & 0x7fff_ffff)
    }
}
