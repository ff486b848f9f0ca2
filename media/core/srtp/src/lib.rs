//! SRTP and SRTCP: sealing what we send, opening what a peer sent. (RFC 3711, RFC 7714)
//!
//! A [`Session`] is made from the keying material that DTLS exported (RFC 5764 §4.2) and falls apart into two
//! halves with nothing in common: [`Inbound`] holds the peer's keys and the replay windows, [`Outbound`] ours,
//! the SRTCP index, and the record of which packet indices were used.
//!
//! * Every key schedule is made once, here; per packet there is no allocation and no set-up but the nonce.
//! * Nothing a packet claims changes any state until its tag has held.
//! * A nonce is never used twice: [`Outbound::seal_rtp`] refuses an index it has sealed before, whatever the
//!   caller believes about it.
//!
//! | module | holds |
//! | --- | --- |
//! | `profile` | the three protection profiles and their sizes |
//! | `derivation` | master key to session keys (RFC 3711 §4.3) |
//! | `gcm`, `counter_mode` | the two transforms, on whole packets |
//! | `cipher` | which of the two, for one direction |
//! | `window` | which indices were seen |
//! | `sources` | one window per SSRC, bounded |
//! | `inbound`, `outbound` | the halves |

mod cipher;
mod counter_mode;
mod derivation;
mod gcm;
mod inbound;
mod outbound;
mod profile;
mod sources;
mod window;

pub use inbound::{Inbound, Opened};
pub use outbound::Outbound;
pub use profile::Profile;

use derivation::MasterKey;

/// The most that sealing adds to an RTP packet, in bytes, over all profiles.
pub const MAX_RTP_OVERHEAD: usize = 16;

/// The most that sealing adds to an RTCP packet, in bytes, over all profiles.
pub const MAX_RTCP_OVERHEAD: usize = 20;

/// Why a packet was neither sealed nor opened. Nothing has changed when one of these comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Keying material of the wrong length for the profile.
    KeyingMaterial,
    /// Too short to be what it claims to be.
    Malformed,
    /// The authentication tag does not fit the packet.
    Forged,
    /// This index was opened before, or is too old to tell.
    Replayed,
    /// SRTCP without the encryption bit; nobody negotiates that over DTLS.
    Unencrypted,
    /// The buffer for the result is too small.
    NoRoom,
    /// This index was sealed before, or is too old to tell: sealing it again would reuse a nonce.
    Reused,
    /// The index space of the key is used up (2^48 packets, 2^31 compounds). (RFC 3711 §9.2)
    Exhausted,
    /// More sources than one session may have.
    TooManySources,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Error::KeyingMaterial => "keying material does not fit the profile",
            Error::Malformed => "packet is too short",
            Error::Forged => "authentication tag does not fit",
            Error::Replayed => "packet was seen before",
            Error::Unencrypted => "SRTCP is not encrypted",
            Error::NoRoom => "buffer is too small",
            Error::Reused => "packet index was used before",
            Error::Exhausted => "key has no indices left",
            Error::TooManySources => "too many sources",
        })
    }
}

impl std::error::Error for Error {}

/// Both directions of one peer's SRTP, ready for use.
#[derive(Debug)]
pub struct Session {
    /// Opens what the peer sealed.
    pub inbound: Inbound,
    /// Seals what the peer will open.
    pub outbound: Outbound,
}

impl Session {
    /// Derives all session keys of both directions.
    ///
    /// `material` is what DTLS exported, laid out as in RFC 5764 §4.2: client key, server key, client salt,
    /// server salt; [`Profile::material_len`] bytes. `we_are_client` is our DTLS role.
    ///
    /// # Errors
    /// [`Error::KeyingMaterial`] if the length is wrong.
    pub fn new(profile: Profile, material: &[u8], we_are_client: bool) -> Result<Self, Error> {
        if material.len() != profile.material_len() {
            return Err(Error::KeyingMaterial);
        }
        let (keys, salts) = material.split_at(2 * profile.key_len());
        let (client_key, server_key) = keys.split_at(profile.key_len());
        let (client_salt, server_salt) = salts.split_at(profile.salt_len());
        let client = MasterKey::new(client_key, client_salt);
        let server = MasterKey::new(server_key, server_salt);
        let (ours, theirs) = if we_are_client {
            (client, server)
        } else {
            (server, client)
        };
        Ok(Session {
            inbound: Inbound::new(profile, &theirs),
            outbound: Outbound::new(profile, &ours),
        })
    }
}

/// The bytes of hexadecimal digits, for test vectors.
#[cfg(test)]
fn hex(digits: &str) -> Vec<u8> {
    let nibble = |at: u8| (at as char).to_digit(16).expect("a hexadecimal digit") as u8;
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| nibble(pair[0]) << 4 | nibble(pair[1]))
        .collect()
}
