//! The protection profiles we negotiate.

/// An SRTP protection profile. (RFC 5764 §4.1.2, RFC 7714 §14.2)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// AEAD_AES_128_GCM, 16-byte tag.
    Aes128Gcm,
    /// AEAD_AES_256_GCM, 16-byte tag.
    Aes256Gcm,
    /// SRTP_AES128_CM_HMAC_SHA1_80, 10-byte tag.
    Aes128CmSha1_80,
}

impl Profile {
    /// Bytes of one master key.
    pub const fn key_len(self) -> usize {
        match self {
            Profile::Aes128Gcm | Profile::Aes128CmSha1_80 => 16,
            Profile::Aes256Gcm => 32,
        }
    }

    /// Bytes of one master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            Profile::Aes128Gcm | Profile::Aes256Gcm => 12,
            Profile::Aes128CmSha1_80 => 14,
        }
    }

    /// Bytes that DTLS must export: two keys and two salts.
    pub const fn material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }

    /// Bytes that sealing adds to an RTP packet: the tag.
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Profile::Aes128Gcm | Profile::Aes256Gcm => 16,
            Profile::Aes128CmSha1_80 => 10,
        }
    }

    /// Bytes that sealing adds to an RTCP compound: the tag and the index word.
    pub const fn rtcp_overhead(self) -> usize {
        self.rtp_overhead() + 4
    }
}
