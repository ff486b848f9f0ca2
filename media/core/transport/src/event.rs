//! What goes into a transport and what comes out of it.

use crate::{Fingerprint, IceCredentials, Path};

/// Who sends the ClientHello (RFC 8842 §5: `a=setup:active` is the client).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtlsRole {
    /// Starts the handshake.
    Client,
    /// Waits for it.
    Server,
}

/// The SRTP protection profile agreed in DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// AEAD_AES_128_GCM
    Aes128Gcm,
    /// AEAD_AES_256_GCM
    Aes256Gcm,
    /// AES128_CM_HMAC_SHA1_80
    Aes128CmSha1_80,
}

/// What can happen to a transport.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A STUN or DTLS datagram (RFC 7983) arrived; over TCP, one RFC 4571 frame.
    Datagram {
        /// Where it came from, and so where an answer goes.
        path: Path,
        /// One whole datagram.
        data: &'a [u8],
    },
    /// This path leads to the peer no more: its TCP connection has ended, or it is another peer's now.
    PathClosed(Path),
    /// The peer's description is known. May be repeated with equal `fingerprints` (re-offers); with others it is
    /// refused and counted. The peer's ICE credentials are not needed: a lite agent sends no checks, and a
    /// request's integrity is keyed by *our* password (RFC 8445 §7.3).
    Connect {
        /// The role the *peer* takes; ours is the other one.
        role: DtlsRole,
        /// At least one of a supported hash must match the peer's certificate (RFC 8122 §5).
        fingerprints: Vec<Fingerprint>,
    },
    /// We announced new credentials (RFC 8445 §9). The previous ones keep working until a pair is nominated
    /// with the new ones, which [`Effect::UfragRetired`] reports.
    RestartIce(IceCredentials),
    /// Open a data channel in-band (RFC 8832) as soon as SCTP is up; a label that is open or opening already is
    /// left as it is.
    OpenChannel {
        /// Unique within the transport, at most 128 bytes.
        label: &'a str,
        /// In order of sending, or as they come.
        ordered: bool,
        /// How often a message is sent again; `None` is until it arrives.
        max_retransmits: Option<u32>,
    },
    /// Send one binary message.
    SendData {
        /// An open channel; for any other, the message is dropped and counted.
        label: &'a str,
        /// 0 to 262,144 bytes.
        payload: &'a [u8],
    },
    /// Authenticated SRTP or SRTCP arrived from the selected path: the peer lives. Cheap; worth calling at most once a batch.
    MediaSeen,
    /// We are done: DTLS close_notify goes out, and nothing after it.
    Close,
    /// The deadline has passed.
    Timeout,
}

/// What the shell must do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send one datagram of at most 1200 bytes.
    Transmit {
        /// Where to.
        path: Path,
        /// What.
        data: Vec<u8>,
    },
    /// A binding request with valid MESSAGE-INTEGRITY came over this path: DTLS, RTP and RTCP from it are this peer's.
    PathVerified(Path),
    /// The path was nominated: everything for the peer goes there from now on. Its `PathVerified` came before.
    PathSelected(Path),
    /// The path no longer belongs to this peer. If it was the selected one, `PathSelected` of another follows if there is any.
    PathForgotten(Path),
    /// The handshake is complete and the peer's fingerprint is the announced one. Comes once, before `Connected`.
    Keys {
        /// Agreed profile.
        profile: SrtpProfile,
        /// Client key, server key, client salt, server salt (RFC 5764 §4.2).
        material: Vec<u8>,
        /// Whether the client's half is the one we send with.
        we_are_client: bool,
    },
    /// Path selected, keys known: media and data may flow. Comes once.
    Connected,
    /// No authenticated sign of the peer over the selected path for 7 s; it may come back by itself.
    Disconnected,
    /// The peer is back, with the same keys.
    Reconnected,
    /// Final. Nothing comes after it, and no event has an effect any more.
    Failed(Reason),
    /// A data channel can be used, whoever opened it. Each label comes once until closed.
    ChannelOpened {
        /// Its label.
        label: String,
    },
    /// A data channel is gone.
    ChannelClosed {
        /// Its label.
        label: String,
    },
    /// One message arrived.
    Data {
        /// The channel's label.
        label: String,
        /// Binary or text alike: 0 to 262,144 bytes.
        payload: Vec<u8>,
    },
    /// These credentials are no longer answered; the demultiplexer may forget the fragment.
    UfragRetired(String),
    /// Something was dropped or refused, to be counted.
    Count(Counter),
}

/// Why a transport failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No authenticated sign of the peer over the selected path for 30 s (RFC 7675 §5.1).
    ConsentExpired,
    /// The handshake went wrong.
    DtlsFailed,
    /// The peer's certificate is not the announced one.
    FingerprintMismatch,
    /// The peer sent close_notify.
    ClosedByPeer,
    /// Not connected within 30 s of `Connect`.
    Timeout,
}

/// What was dropped or refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Not a well-formed binding request: malformed STUN, or a kind we do not answer.
    StunMalformed,
    /// USERNAME is missing or does not begin with a fragment of ours.
    StunUnknownUser,
    /// MESSAGE-INTEGRITY is missing or wrong.
    StunIntegrity,
    /// An authentic request so short that the answer would be longer, from a path that has not proved itself.
    StunAmplification,
    /// An authentic request with comprehension-required attributes we do not know: answered 420.
    StunUnknownAttribute,
    /// The peer said it was controlled: answered 487.
    StunRoleConflict,
    /// DTLS from a path that has not proved itself.
    DtlsUnverifiedPath,
    /// DTLS that came before `Connect`, beyond what is kept.
    DtlsTooEarly,
    /// `Connect` again with other fingerprints.
    ConnectRefused,
    /// A data channel beyond the 16th, with an over-long label, or opened against RFC 8832.
    ChannelRefused,
    /// A message to a label that is not open.
    DataWithoutChannel,
    /// A message over the size limit, of a foreign kind, or for which an unreliable channel had no room.
    DataDropped,
    /// A reliable channel whose peer does not read: it was closed.
    DataOverflow,
    /// SCTP ended by the peer, or by a fault in its packets: all channels are closed.
    SctpFailed,
}
