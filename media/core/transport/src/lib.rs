//! One peer's transport as a value: ICE-lite, DTLS, and SCTP data channels; everything that is not RTP.
//!
//! [`Transport::handle`] takes one [`Event`] at a time and appends [`Effect`]s; [`Transport::deadline`] says when
//! the next [`Event::Timeout`] is due. Nothing in here reads a clock, opens a socket or starts a task. Our own code
//! draws no random numbers; `dimpl` and `sctp-proto` draw their keys, tags and jitter from the system.

mod certificate;
mod channels;
mod consent;
mod credentials;
mod dtls;
mod event;
mod ice;
mod paths;
mod sctp;
mod transport;

pub use certificate::{Certificate, CertificateError, Fingerprint, FingerprintError};
pub use credentials::IceCredentials;
pub use event::{Counter, DtlsRole, Effect, Event, Reason, SrtpProfile};
pub use hoichan_wire::path::{Path, Via};
pub use transport::Transport;
