//! AES counter mode with HMAC-SHA1, cut to 80 bits, on whole packets. (RFC 3711 §4.1.1, §4.2.1)

use crate::Error;
use crate::derivation::{Label, MasterKey, apply_key_stream, counter_key};
use crate::gcm::{Iv, xor};
use aws_lc_rs::cipher::EncryptingKey;
use aws_lc_rs::{constant_time, hmac};

/// Bytes of the tag.
pub(crate) const TAG_LEN: usize = 10;

/// Bytes of an RTCP packet that stay in clear. (RFC 3711 §3.4)
const RTCP_CLEAR_LEN: usize = 8;

/// One encryption and one authentication key for one direction of RTP or of RTCP.
pub(crate) struct CounterMode {
    key: EncryptingKey,
    salt: [u8; 14],
    authentication: hmac::Key,
}

impl CounterMode {
    /// The session keys for these three labels.
    pub(crate) fn derive(
        master: &MasterKey,
        key: Label,
        authentication: Label,
        salt: Label,
    ) -> Self {
        let authentication_key: [u8; 20] = master.derive(authentication);
        CounterMode {
            key: counter_key(&master.derive::<16>(key)),
            salt: master.derive(salt),
            authentication: hmac::Key::new(
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                &authentication_key,
            ),
        }
    }

    /// Encrypts `packet[header_len..plain_len]` in place and puts the tag behind it.
    pub(crate) fn seal_rtp(&self, packet: &mut [u8], header_len: usize, plain_len: usize, iv: Iv) {
        let (plain, tag_out) = packet.split_at_mut(plain_len);
        apply_key_stream(&self.key, self.counter(iv), &mut plain[header_len..]);
        tag_out[..TAG_LEN].copy_from_slice(&self.tag(plain, rollover(iv)));
    }

    /// Opens `packet[header_len..]`, tag at its end, into `plain`, which is as long as the payload.
    pub(crate) fn open_rtp(
        &self,
        packet: &[u8],
        header_len: usize,
        iv: Iv,
        plain: &mut [u8],
    ) -> Result<(), Error> {
        let (sealed, tag) = packet.split_at(header_len + plain.len());
        self.verify(sealed, rollover(iv), tag)?;
        plain.copy_from_slice(&sealed[header_len..]);
        apply_key_stream(&self.key, self.counter(iv), plain);
        Ok(())
    }

    /// Encrypts a compound of `plain_len` bytes in place; behind it go index word and tag. (RFC 3711 §3.4)
    pub(crate) fn seal_rtcp(&self, compound: &mut [u8], plain_len: usize, word: [u8; 4], iv: Iv) {
        let (plain, trailer) = compound.split_at_mut(plain_len);
        apply_key_stream(&self.key, self.counter(iv), &mut plain[RTCP_CLEAR_LEN..]);
        trailer[..4].copy_from_slice(&word);
        trailer[4..4 + TAG_LEN].copy_from_slice(&self.tag(plain, word));
    }

    /// Opens a compound, cut from its index word and `tag`, into `plain`, which is just as long.
    pub(crate) fn open_rtcp(
        &self,
        sealed: &[u8],
        word: [u8; 4],
        tag: &[u8],
        iv: Iv,
        plain: &mut [u8],
    ) -> Result<(), Error> {
        self.verify(sealed, word, tag)?;
        plain.copy_from_slice(sealed);
        apply_key_stream(&self.key, self.counter(iv), &mut plain[RTCP_CLEAR_LEN..]);
        Ok(())
    }

    /// The tag over the packet and what follows it: ROC for RTP, index word for RTCP. (RFC 3711 §4.2)
    ///
    /// Cloning the keyed context copies its two precomputed hash states; neither side allocates.
    fn tag(&self, packet: &[u8], suffix: [u8; 4]) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(packet);
        context.update(&suffix);
        *context
            .sign()
            .as_ref()
            .first_chunk()
            .expect("SHA-1 gives 20 bytes")
    }

    fn verify(&self, packet: &[u8], suffix: [u8; 4], tag: &[u8]) -> Result<(), Error> {
        constant_time::verify_slices_are_equal(&self.tag(packet, suffix), tag)
            .map_err(|_| Error::Forged)
    }

    /// (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). (RFC 3711 §4.1.1)
    fn counter(&self, Iv { ssrc, index }: Iv) -> [u8; 16] {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        xor(&mut counter[4..8], &ssrc.to_be_bytes());
        xor(&mut counter[8..14], &index.to_be_bytes()[2..]);
        counter
    }
}

/// The upper 32 of the index's 48 bits.
fn rollover(iv: Iv) -> [u8; 4] {
    ((iv.index >> 16) as u32).to_be_bytes()
}
