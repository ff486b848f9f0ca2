//! Our DTLS certificate, and fingerprints of certificates (RFC 8122).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The largest datagram we send: fits IPv6's minimum MTU of 1280 with room for a tunnel's header.
const MTU: usize = 1200;
/// First retransmission after this; the interval doubles. Half of RFC 6347's second, because the path has just
/// been proved by ICE.
const FLIGHT_TIMEOUT: Duration = Duration::from_millis(500);
/// The peer's repetitions use up the same budget, and browsers begin at 50 ms: over a satellite there are many.
const FLIGHT_RETRIES: usize = 32;

/// A self-signed ECDSA P-256 certificate with its key: one per process, shared by all transports.
pub struct Certificate {
    dtls: dimpl::DtlsCertificate,
    config: Arc<dimpl::Config>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificate")
            .field(&self.fingerprint())
            .finish()
    }
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
        let dtls =
            dimpl::certificate::generate_self_signed_certificate().map_err(|_| CertificateError)?;
        let config = dimpl::Config::builder()
            .mtu(MTU)
            .flight_start_rto(FLIGHT_TIMEOUT)
            .flight_retries(FLIGHT_RETRIES)
            // ICE has proved the path; a cookie would cost a round trip at every join.
            .use_server_cookie(false)
            .build()
            .map_err(|_| CertificateError)?;
        Ok(Self {
            dtls,
            config: Arc::new(config),
        })
    }

    pub(crate) fn identity(&self) -> dimpl::DtlsCertificate {
        self.dtls.clone()
    }

    pub(crate) fn config(&self) -> Arc<dimpl::Config> {
        Arc::clone(&self.config)
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
