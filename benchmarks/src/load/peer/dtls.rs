//! DTLS by `dimpl`, in either role, up to the SRTP keys.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::Output;
use hoichan_srtp::{Profile, Session};
use hoichan_transport::Fingerprint;

const LARGEST_OUTPUT: usize = 4096;
/// As browsers do: a server may answer checks before it is ready for the handshake.
const FIRST_REPETITION: Duration = Duration::from_millis(50);
const REPETITIONS: usize = 10;

/// One certificate, which all peers of this program share: its key would otherwise be made anew for each.
#[derive(Clone)]
pub struct Identity {
    certificate: dimpl::DtlsCertificate,
    config: Arc<dimpl::Config>,
}

impl Identity {
    /// Makes one.
    ///
    /// # Errors
    /// If the cryptographic library refuses.
    pub fn new() -> io::Result<Self> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|_| io::Error::other("no certificate can be made"))?;
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .flight_start_rto(FIRST_REPETITION)
            .flight_retries(REPETITIONS)
            .build()
            .map_err(|_| io::Error::other("DTLS cannot be configured"))?;
        Ok(Self {
            certificate,
            config: Arc::new(config),
        })
    }

    /// Of SHA-256, as SDP writes it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.certificate.fingerprint_str()
    }
}

/// One handshake, and what must be repeated after it.
pub struct Handshake {
    engine: dimpl::Dtls,
    we_are_client: bool,
    fingerprint: Fingerprint,
    is_verified: bool,
    deadline: Option<Instant>,
}

impl Handshake {
    /// Does nothing before [`Self::timeout`] or [`Self::handle`].
    #[must_use]
    pub fn new(
        now: Instant,
        identity: &Identity,
        we_are_client: bool,
        fingerprint: Fingerprint,
    ) -> Self {
        let (config, certificate) = (Arc::clone(&identity.config), identity.certificate.clone());
        let mut engine = dimpl::Dtls::new_auto(config, certificate, now);
        engine.set_active(we_are_client);
        Self {
            engine,
            we_are_client,
            fingerprint,
            is_verified: false,
            deadline: Some(now),
        }
    }

    /// Repeats what is due, or begins. Returns the keys if they are there now.
    pub fn timeout(&mut self, now: Instant, send: impl FnMut(&[u8])) -> Option<(Profile, Session)> {
        if self.deadline.is_none_or(|at| now < at) {
            return None;
        }
        self.deadline = None;
        self.engine.handle_timeout(now).ok()?;
        self.drain(send)
    }

    /// A datagram came. One that DTLS refuses is lost, as on any network.
    pub fn handle(
        &mut self,
        datagram: &[u8],
        send: impl FnMut(&[u8]),
    ) -> Option<(Profile, Session)> {
        self.engine.handle_packet(datagram).ok()?;
        self.drain(send)
    }

    fn drain(&mut self, mut send: impl FnMut(&[u8])) -> Option<(Profile, Session)> {
        let mut buffer = [0; LARGEST_OUTPUT];
        let mut keys = None;
        loop {
            match self.engine.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::Timeout(at) => {
                    self.deadline = Some(at);
                    return keys;
                }
                Output::PeerCert(certificate) => {
                    self.is_verified = self.fingerprint.matches(certificate);
                }
                Output::KeyingMaterial(material, profile) if self.is_verified => {
                    let profile = profile_of(profile);
                    let session = Session::new(profile, &material, self.we_are_client);
                    keys = session.ok().map(|session| (profile, session));
                }
                _ => {}
            }
        }
    }
}

fn profile_of(profile: dimpl::SrtpProfile) -> Profile {
    match profile {
        dimpl::SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
        dimpl::SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
        _ => Profile::Aes128CmSha1_80,
    }
}
