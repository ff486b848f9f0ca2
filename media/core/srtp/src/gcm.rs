//! AES-GCM on whole packets. (RFC 7714)

use crate::Error;
use crate::derivation::{Label, MasterKey};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes of the tag.
pub(crate) const TAG_LEN: usize = 16;

/// Bytes of an RTCP packet that stay in clear: first header word and sender SSRC. (RFC 7714 §9.1)
const RTCP_CLEAR_LEN: usize = 8;

/// One key for one direction of RTP or of RTCP.
pub(crate) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    /// The session key for these two labels.
    pub(crate) fn derive(master: &MasterKey, key_len: usize, key: Label, salt: Label) -> Self {
        let unbound = if key_len == 32 {
            UnboundKey::new(&AES_256_GCM, &master.derive::<32>(key))
        } else {
            UnboundKey::new(&AES_128_GCM, &master.derive::<16>(key))
        };
        let key = LessSafeKey::new(unbound.expect("AES-GCM takes keys of 16 and 32 bytes"));
        Gcm {
            key,
            salt: master.derive(salt),
        }
    }

    /// Seals `packet[header_len..plain_len]` in place and puts the tag behind it.
    pub(crate) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        plain_len: usize,
        nonce: Iv,
    ) {
        let (header, rest) = packet.split_at_mut(header_len);
        let (payload, tag) = rest.split_at_mut(plain_len - header_len);
        self.seal(nonce, header, payload, tag);
    }

    /// Opens `packet[header_len..]`, tag at its end, into `plain`, which is as long as the payload.
    pub(crate) fn open_rtp(
        &self,
        packet: &[u8],
        header_len: usize,
        nonce: Iv,
        plain: &mut [u8],
    ) -> Result<(), Error> {
        let (header, sealed) = packet.split_at(header_len);
        let (ciphertext, tag) = sealed.split_at(plain.len());
        self.open(nonce, header, ciphertext, tag, plain)
    }

    /// Seals a compound of `plain_len` bytes in place; behind it go tag and index word. (RFC 7714 §9.2)
    pub(crate) fn seal_rtcp(
        &self,
        compound: &mut [u8],
        plain_len: usize,
        word: [u8; 4],
        nonce: Iv,
    ) {
        let (clear, rest) = compound.split_at_mut(RTCP_CLEAR_LEN);
        let (payload, trailer) = rest.split_at_mut(plain_len - RTCP_CLEAR_LEN);
        let (tag, word_out) = trailer.split_at_mut(TAG_LEN);
        word_out[..4].copy_from_slice(&word);
        self.seal(nonce, &rtcp_aad(clear, word), payload, tag);
    }

    /// Opens a compound without its index word into `plain`, which is as long as the plain compound.
    pub(crate) fn open_rtcp(
        &self,
        sealed: &[u8],
        word: [u8; 4],
        nonce: Iv,
        plain: &mut [u8],
    ) -> Result<(), Error> {
        let (clear, rest) = sealed.split_at(RTCP_CLEAR_LEN);
        let (clear_out, payload) = plain.split_at_mut(RTCP_CLEAR_LEN);
        let (ciphertext, tag) = rest.split_at(payload.len());
        clear_out.copy_from_slice(clear);
        self.open(nonce, &rtcp_aad(clear, word), ciphertext, tag, payload)
    }

    fn seal(&self, nonce: Iv, aad: &[u8], payload: &mut [u8], tag_out: &mut [u8]) {
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(nonce), Aad::from(aad), payload)
            .expect("a datagram is far below GCM's limit of 64 GiB");
        tag_out[..TAG_LEN].copy_from_slice(tag.as_ref());
    }

    fn open(
        &self,
        nonce: Iv,
        aad: &[u8],
        sealed: &[u8],
        tag: &[u8],
        plain: &mut [u8],
    ) -> Result<(), Error> {
        self.key
            .open_separate_gather(self.nonce(nonce), Aad::from(aad), sealed, tag, plain)
            .map_err(|_| Error::Forged)
    }

    /// Zeros, SSRC, 48-bit index, all XOR salt: ROC and SEQ for RTP (§8.1), the 31-bit index for RTCP (§9.1).
    fn nonce(&self, Iv { ssrc, index }: Iv) -> Nonce {
        let mut nonce = self.salt;
        xor(&mut nonce[2..6], &ssrc.to_be_bytes());
        xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// What makes a nonce: the stream, and the packet's 48-bit index in it.
#[derive(Clone, Copy)]
pub(crate) struct Iv {
    pub(crate) ssrc: u32,
    pub(crate) index: u64,
}

/// XORs `mask` onto the bytes of `target`.
pub(crate) fn xor(target: &mut [u8], mask: &[u8]) {
    for (byte, mask) in target.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

fn rtcp_aad(clear: &[u8], word: [u8; 4]) -> [u8; RTCP_CLEAR_LEN + 4] {
    let mut aad = [0; RTCP_CLEAR_LEN + 4];
    aad[..RTCP_CLEAR_LEN].copy_from_slice(clear);
    aad[RTCP_CLEAR_LEN..].copy_from_slice(&word);
    aad
}
