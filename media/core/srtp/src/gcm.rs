//! AES-GCM on whole packets. (RFC 7714)

use crate::Error;
use crate::derivation::{Label, MasterKey};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};

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
        let salt = master.derive(salt);
        if key_len == 32 {
            Gcm::new(&AES_256_GCM, &master.derive::<32>(key), salt)
        } else {
            Gcm::new(&AES_128_GCM, &master.derive::<16>(key), salt)
        }
    }

    fn new(algorithm: &'static Algorithm, key: &[u8], salt: [u8; 12]) -> Self {
        let unbound = UnboundKey::new(algorithm, key).expect("the key has the algorithm's length");
        Gcm {
            key: LessSafeKey::new(unbound),
            salt,
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

#[cfg(test)]
mod tests {
    //! The vectors of RFC 7714 §16 and §17, which give session keys, not master keys.

    use super::*;
    use crate::hex;

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const SALT: &[u8; 12] = b"Quid pro quo";
    const RTP: &str = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669\
                       736120696e207061727465732074726573";
    const RTP_IV: Iv = Iv {
        ssrc: 0x5501_a0b2,
        index: 0xf17b,
    };
    const SRTP_128: &str = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d\
                            294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";
    const SRTP_256: &str = "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a\
                            58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13";
    const RTCP: &str = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeef\
                        deadbeefdeadbeefdeadbeefdeadbeef";
    const RTCP_IV: Iv = Iv {
        ssrc: u32::from_be_bytes(*b"Mars"),
        index: 0x5d4,
    };
    const RTCP_WORD: [u8; 4] = [0x80, 0, 0x05, 0xd4];
    const SRTCP_128: &str = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676\
                             a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade\
                             800005d4";
    const SRTCP_256: &str = "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2ea\
                             a5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be\
                             800005d4";

    fn keys() -> [(Gcm, Vec<u8>, Vec<u8>); 2] {
        let key = hex(KEY);
        [
            (
                Gcm::new(&AES_128_GCM, &key[..16], *SALT),
                hex(SRTP_128),
                hex(SRTCP_128),
            ),
            (
                Gcm::new(&AES_256_GCM, &key, *SALT),
                hex(SRTP_256),
                hex(SRTCP_256),
            ),
        ]
    }

    #[test]
    fn rtp_is_sealed_and_opened_as_in_section_16() {
        for (gcm, sealed, _) in keys() {
            let plain = hex(RTP);
            let mut packet = [&plain[..], &[0; TAG_LEN]].concat();
            gcm.seal_rtp(&mut packet, 12, plain.len(), RTP_IV);
            assert_eq!(packet, sealed);

            let mut payload = vec![0; plain.len() - 12];
            assert_eq!(gcm.open_rtp(&sealed, 12, RTP_IV, &mut payload), Ok(()));
            assert_eq!(payload, plain[12..]);
        }
    }

    #[test]
    fn rtcp_is_sealed_and_opened_as_in_section_17() {
        for (gcm, _, sealed) in keys() {
            let plain = hex(RTCP);
            let mut compound = [&plain[..], &[0; TAG_LEN + 4]].concat();
            gcm.seal_rtcp(&mut compound, plain.len(), RTCP_WORD, RTCP_IV);
            assert_eq!(compound, sealed);

            let (body, word) = sealed.split_last_chunk().unwrap();
            let mut opened = vec![0; plain.len()];
            assert_eq!(gcm.open_rtcp(body, *word, RTCP_IV, &mut opened), Ok(()));
            assert_eq!(opened, plain);
        }
    }
}
