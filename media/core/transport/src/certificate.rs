//! Our DTLS certificate, and fingerprints of certificates (RFC 8122).

use std::fmt;

/// A self-signed ECDSA P-256 certificate with its key: one per process, shared by all transports.
#[derive(Debug)]
pub struct Certificate {
    pub(crate) dtls: dimpl::DtlsCertificate,
}

/// The system gave no randomness, or the key could not be made.
#[derive(Debug)]
pub struct CertificateError;

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the DTLS certificate could not be generated")
    }
}

impl std::error::Error for CertificateError {}

impl Certificate {
    /// Makes a new one, valid for a year. Draws from the system's randomness.
    ///
    /// # Errors
    /// If the cryptographic library refuses.
    pub fn generate() -> Result<Self, CertificateError> {
        let dtls = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|_| CertificateError)?;
        Ok(Self { dtls })
    }

    /// SHA-256 over the DER form, as SDP writes it: upper-case hex pairs joined by colons.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.dtls.fingerprint_str()
    }
}

/// A certificate's hash as announced by the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Why a fingerprint cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FingerprintError {
    /// Neither sha-256, sha-384 nor sha-512.
    Algorithm,
    /// Not hex pairs joined by colons, or not as many as the hash has bytes.
    Value,
}

impl Fingerprint {
    /// Reads `algorithm` ("sha-256", case-insensitive) and `value` ("AB:CD:…").
    ///
    /// # Errors
    /// For an unsupported hash or a malformed value.
    pub fn parse(algorithm: &str, value: &str) -> Result<Self, FingerprintError> {
        let (hash, length) = match algorithm.to_ascii_lowercase().as_str() {
            "sha-256" => (Hash::Sha256, 32),
            "sha-384" => (Hash::Sha384, 48),
            "sha-512" => (Hash::Sha512, 64),
            _ => return Err(FingerprintError::Algorithm),
        };
        let value = value
            .split(':')
            .map(hex_pair)
            .collect::<Option<Vec<u8>>>()
            .filter(|bytes| bytes.len() == length)
            .ok_or(FingerprintError::Value)?;
        Ok(Self { hash, value })
    }

    /// Whether `certificate` (DER) has this hash. Compares in constant time.
    #[must_use]
    pub fn matches(&self, certificate: &[u8]) -> bool {
        use aws_lc_rs::{constant_time, digest};
        let algorithm = match self.hash {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        let actual = digest::digest(algorithm, certificate);
        constant_time::verify_slices_are_equal(actual.as_ref(), &self.value).is_ok()
    }
}

fn hex_pair(pair: &str) -> Option<u8> {
    let both_hex = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    both_hex
        .then(|| u8::from_str_radix(pair, 16).ok())
        .flatten()
}
