//! DTLS 1.2 and 1.3 by `dimpl`, with the peer's fingerprint checked before anything is believed.

use std::time::Instant;

use crate::{Certificate, DtlsRole, Fingerprint, Reason, SrtpProfile};

/// Room for a datagram of ours, the contents of one of the peer's, or its certificate (browsers': 300 bytes).
const OUTPUT_BUFFER: usize = 4096;

/// One DTLS association.
#[derive(Debug)]
pub struct Dtls {
    engine: dimpl::Dtls,
    role: DtlsRole,
    fingerprints: Vec<Fingerprint>,
    stage: Stage,
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The peer has not shown a certificate.
    Anonymous,
    /// It has, and it is the announced one.
    Verified,
    /// And the keys are out.
    Established,
}

/// What may happen to it.
pub enum Input<'a> {
    /// A datagram arrived.
    Datagram(&'a [u8]),
    /// Encrypt this.
    Send(&'a [u8]),
    /// Say good-bye.
    Close,
    /// Time has passed; for a client, also: begin.
    Timeout,
}

/// What comes of it.
pub enum Output {
    /// Send this datagram.
    Packet(Vec<u8>),
    /// The peer is who it should be, and these are the SRTP keys. Comes once.
    Keys(SrtpProfile, Vec<u8>),
    /// Decrypted.
    Data(Vec<u8>),
}

impl Dtls {
    /// `role` is ours. Does nothing before its first input.
    pub fn new(
        now: Instant,
        certificate: &Certificate,
        role: DtlsRole,
        fingerprints: Vec<Fingerprint>,
    ) -> Self {
        let mut engine = dimpl::Dtls::new_auto(certificate.config(), certificate.identity(), now);
        engine.set_active(role == DtlsRole::Client);
        Self {
            engine,
            role,
            fingerprints,
            stage: Stage::Anonymous,
            deadline: None,
        }
    }

    /// Our role.
    pub fn role(&self) -> DtlsRole {
        self.role
    }

    /// Whether the keys are out.
    pub fn is_established(&self) -> bool {
        self.stage == Stage::Established
    }

    /// Whether these are the fingerprints it was made with, in any order.
    pub fn expects(&self, fingerprints: &[Fingerprint]) -> bool {
        let all_in = |some: &[Fingerprint], others: &[Fingerprint]| {
            some.iter().all(|one| others.contains(one))
        };
        all_in(&self.fingerprints, fingerprints) && all_in(fingerprints, &self.fingerprints)
    }

    /// When [`Input::Timeout`] is due; `None` before the first input.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Takes one input at `now`.
    ///
    /// # Errors
    /// What ended the association. What was put out before counts, except that nothing may be sent after a
    /// fingerprint mismatch.
    pub fn handle(
        &mut self,
        now: Instant,
        input: Input<'_>,
        out: &mut Vec<Output>,
    ) -> Result<(), Reason> {
        self.engine.handle_timeout(now).map_err(failed)?;
        // The engine must be drained after each step; there is something to drain after a timeout already.
        self.drain(out)?;
        match input {
            Input::Datagram(data) => self.engine.handle_packet(data).map_err(failed)?,
            Input::Send(data) => {
                self.engine.send_application_data(data).map_err(failed)?;
            }
            Input::Close => self.engine.close().map_err(failed)?,
            Input::Timeout => return Ok(()),
        }
        self.drain(out)
    }

    fn drain(&mut self, out: &mut Vec<Output>) -> Result<(), Reason> {
        let mut buffer = [0; OUTPUT_BUFFER];
        loop {
            match self.engine.poll_output(&mut buffer) {
                dimpl::Output::Packet(data) => out.push(Output::Packet(data.to_vec())),
                dimpl::Output::Timeout(at) => {
                    self.deadline = Some(at);
                    return Ok(());
                }
                dimpl::Output::PeerCert(certificate) => {
                    let announced = self.fingerprints.iter().any(|one| one.matches(certificate));
                    if !announced {
                        return Err(Reason::FingerprintMismatch);
                    }
                    self.stage = Stage::Verified;
                }
                dimpl::Output::KeyingMaterial(material, profile) => {
                    if self.stage == Stage::Anonymous {
                        return Err(Reason::FingerprintMismatch);
                    }
                    self.stage = Stage::Established;
                    out.push(Output::Keys(srtp_profile(profile)?, material.to_vec()));
                }
                dimpl::Output::ApplicationData(data) => out.push(Output::Data(data.to_vec())),
                dimpl::Output::CloseNotify => return Err(Reason::ClosedByPeer),
                // A certificate of more than 4 KiB: no browser or SDK has one.
                dimpl::Output::BufferTooSmall { .. } => return Err(Reason::DtlsFailed),
                _ => {}
            }
        }
    }
}

fn srtp_profile(profile: dimpl::SrtpProfile) -> Result<SrtpProfile, Reason> {
    match profile {
        dimpl::SrtpProfile::AEAD_AES_128_GCM => Ok(SrtpProfile::Aes128Gcm),
        dimpl::SrtpProfile::AEAD_AES_256_GCM => Ok(SrtpProfile::Aes256Gcm),
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => Ok(SrtpProfile::Aes128CmSha1_80),
        _ => Err(Reason::DtlsFailed),
    }
}

/// Every error of `dimpl` is final (its documentation); what transient noise does is dealt with inside.
fn failed(_: dimpl::Error) -> Reason {
    Reason::DtlsFailed
}
