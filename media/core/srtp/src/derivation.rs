//! From a master key to session keys. (RFC 3711 §4.3, RFC 6188 §3 for 256 bits, RFC 7714 §11)

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

/// Which session key is derived. (RFC 3711 §4.3.2)
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// One direction's master key and salt. The key derivation rate is always 0: DTLS has no way to say otherwise.
pub(crate) struct MasterKey {
    generator: EncryptingKey,
    /// 112 bits; the 96-bit salts of GCM are padded with zeros on the right, as libsrtp does.
    salt: [u8; 14],
}

impl MasterKey {
    /// `key` is 16 or 32 bytes, `salt` at most 14: [`crate::Session::new`] cuts them so.
    pub(crate) fn new(key: &[u8], salt: &[u8]) -> Self {
        let mut padded_salt = [0; 14];
        padded_salt[..salt.len()].copy_from_slice(salt);
        MasterKey {
            generator: counter_key(key),
            salt: padded_salt,
        }
    }

    /// The session key of this label: the first `N` bytes of AES-CM's key stream. (RFC 3711 §4.3.3)
    pub(crate) fn derive<const N: usize>(&self, label: Label) -> [u8; N] {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        iv[7] ^= label as u8;
        let mut key = [0; N];
        apply_key_stream(&self.generator, iv, &mut key);
        key
    }
}

/// An AES counter-mode key, its schedule computed once.
pub(crate) fn counter_key(key: &[u8]) -> EncryptingKey {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    UnboundCipherKey::new(algorithm, key)
        .and_then(EncryptingKey::ctr)
        .expect("key lengths come from Profile::key_len")
}

/// Encrypts, or decrypts, in place.
///
/// aws-lc-rs keeps the key schedule inside `EncryptingKey`; the call takes the counter block on the stack and
/// allocates nothing.
pub(crate) fn apply_key_stream(key: &EncryptingKey, iv: [u8; 16], data: &mut [u8]) {
    key.less_safe_encrypt(data, EncryptionContext::Iv128(FixedLength::from(iv)))
        .expect("AES-CTR takes any length with a 16-byte counter block");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn session_keys_are_those_of_rfc_3711_appendix_b_3() {
        let master = MasterKey::new(
            &hex("e1f97a0d3e018be0d64fa32c06de4139"),
            &hex("0ec675ad498afeebb6960b3aabe6"),
        );
        let key: [u8; 16] = master.derive(Label::RtpEncryption);
        assert_eq!(key[..], hex("c61e7a93744f39ee10734afe3ff7a087"));
        let salt: [u8; 14] = master.derive(Label::RtpSalt);
        assert_eq!(salt[..], hex("30cbbc08863d8c85d49db34a9ae1"));
        let authentication: [u8; 94] = master.derive(Label::RtpAuthentication);
        assert_eq!(
            authentication[..],
            hex(
                "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce\
                 e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25\
                 6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2"
            )
        );
    }

    #[test]
    fn a_long_master_key_generates_with_aes_256() {
        // RFC 6188 §7.2.
        let master = MasterKey::new(
            &hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"),
            &hex("3b04803de51ee7c96423ab5b78d2"),
        );
        let key: [u8; 32] = master.derive(Label::RtpEncryption);
        assert_eq!(
            key[..],
            hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4")
        );
    }
}
