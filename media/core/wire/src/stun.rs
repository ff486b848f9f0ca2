//! STUN messages as ICE-lite needs them (RFC 8489, RFC 8445 §16).
//!
//! Reading checks the form and FINGERPRINT; MESSAGE-INTEGRITY needs a key and a hash, which the caller has.
//! Attributes after MESSAGE-INTEGRITY are ignored, FINGERPRINT excepted (RFC 8489 §14.5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::cursor::{u16_at, u32_at, u64_at};

const MAGIC_COOKIE: u32 = 0x2112_A442;
const HEADER: usize = 20;
const METHOD_BINDING: u16 = 0x0001;
const FINGERPRINT_XOR: u32 = 0x5354_554E;
/// MESSAGE-INTEGRITY with its header.
const INTEGRITY: usize = 24;
/// FINGERPRINT with its header.
const FINGERPRINT: usize = 8;
/// More unknown attributes than this are not listed in an answer (RFC 8489 §14.9 sets no number).
const UNKNOWN_LISTED: usize = 8;

mod builder;

pub use builder::Builder;

mod attribute {
    pub const USERNAME: u16 = 0x0006;
    pub const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub const ERROR_CODE: u16 = 0x0009;
    pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
    pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub const PRIORITY: u16 = 0x0024;
    pub const USE_CANDIDATE: u16 = 0x0025;
    pub const FINGERPRINT: u16 = 0x8028;
    pub const ICE_CONTROLLED: u16 = 0x8029;
    pub const ICE_CONTROLLING: u16 = 0x802A;
}

/// What a message is: the class bits of its type (RFC 8489 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Wants an answer.
    Request,
    /// Wants none.
    Indication,
    /// The answer to a request that was carried out.
    Success,
    /// The answer to one that was not.
    Error,
}

impl Class {
    const fn bits(self) -> u16 {
        match self {
            Self::Request => 0x0000,
            Self::Indication => 0x0010,
            Self::Success => 0x0100,
            Self::Error => 0x0110,
        }
    }

    const fn of(message_type: u16) -> Self {
        match message_type & 0x0110 {
            0x0000 => Self::Request,
            0x0010 => Self::Indication,
            0x0100 => Self::Success,
            _ => Self::Error,
        }
    }
}

/// Chosen by whoever asks; the answer repeats it.
pub type TransactionId = [u8; 12];

/// The sender's ICE role and tie-breaker (RFC 8445 §16.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It nominates.
    Controlling(u64),
    /// It follows.
    Controlled(u64),
}

/// Comprehension-required attributes that this module does not know, in order; at most 8 are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownAttributes {
    types: [u16; UNKNOWN_LISTED],
    count: usize,
}

impl UnknownAttributes {
    /// The attribute types.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        &self.types[..self.count]
    }

    fn push(&mut self, attribute_type: u16) {
        if let Some(slot) = self.types.get_mut(self.count) {
            *slot = attribute_type;
            self.count += 1;
        }
    }
}

/// MESSAGE-INTEGRITY and what it covers: it holds if HMAC-SHA1 over `header` then `body` equals `mac`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integrity<'a> {
    /// The message header with the length the sender hashed (RFC 8489 §14.5).
    pub header: [u8; HEADER],
    /// The attributes before MESSAGE-INTEGRITY.
    pub body: &'a [u8],
    /// 20 bytes.
    pub mac: &'a [u8],
}

/// One well-formed binding message. If it has a FINGERPRINT, that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Request, indication, or answer.
    pub class: Class,
    /// Repeated in answers.
    pub transaction_id: TransactionId,
    /// USERNAME, not necessarily UTF-8.
    pub username: Option<&'a [u8]>,
    /// ICE-CONTROLLING or ICE-CONTROLLED.
    pub role: Option<Role>,
    /// PRIORITY (RFC 8445 §7.1.1).
    pub priority: Option<u32>,
    /// USE-CANDIDATE: the sender nominates this pair (RFC 8445 §7.1.2).
    pub use_candidate: bool,
    /// XOR-MAPPED-ADDRESS, decoded.
    pub mapped_address: Option<SocketAddr>,
    /// ERROR-CODE, 300 to 699.
    pub error_code: Option<u16>,
    /// MESSAGE-INTEGRITY, still to be verified.
    pub integrity: Option<Integrity<'a>>,
    /// Whether there was a FINGERPRINT.
    pub fingerprint: bool,
    /// What the sender insists on and we do not know.
    pub unknown: UnknownAttributes,
}

impl<'a> Message<'a> {
    /// Reads one datagram. `None` if it is not a binding message, is malformed, or its FINGERPRINT is wrong.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let (header, body) = data.split_at_checked(HEADER)?;
        let message_type = u16_at(header, 0)?;
        let is_binding = message_type & !0x0110 == METHOD_BINDING;
        let length_fits =
            usize::from(u16_at(header, 2)?) == body.len() && body.len().is_multiple_of(4);
        if !is_binding || !length_fits || u32_at(header, 4)? != MAGIC_COOKIE {
            return None;
        }
        let mut message = Self {
            class: Class::of(message_type),
            transaction_id: header[8..].try_into().ok()?,
            username: None,
            role: None,
            priority: None,
            use_candidate: false,
            mapped_address: None,
            error_code: None,
            integrity: None,
            fingerprint: false,
            unknown: UnknownAttributes::default(),
        };
        let mut at = HEADER;
        while at < data.len() {
            at = message.attribute(data, at)?;
        }
        Some(message)
    }

    /// Takes in the attribute at `at`; returns where the next one starts.
    fn attribute(&mut self, data: &'a [u8], at: usize) -> Option<usize> {
        let attribute_type = u16_at(data, at)?;
        let length = usize::from(u16_at(data, at + 2)?);
        let value = data.get(at + 4..at + 4 + length)?;
        let next = at + 4 + length.next_multiple_of(4);
        if attribute_type == attribute::FINGERPRINT {
            let correct = u32_at(value, 0)? == fingerprint_of(data.get(..at)?);
            self.fingerprint = correct && length == 4 && next == data.len();
            return self.fingerprint.then_some(next);
        }
        if self.integrity.is_some() {
            return Some(next);
        }
        match attribute_type {
            attribute::USERNAME => self.username = Some(value),
            attribute::MESSAGE_INTEGRITY => self.integrity = Some(integrity(data, at, value)?),
            attribute::PRIORITY => self.priority = Some(u32_at(value, 0)?),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::ICE_CONTROLLING => self.role = Some(Role::Controlling(u64_at(value, 0)?)),
            attribute::ICE_CONTROLLED => self.role = Some(Role::Controlled(u64_at(value, 0)?)),
            attribute::XOR_MAPPED_ADDRESS => {
                self.mapped_address = Some(read_address(value, &self.transaction_id)?);
            }
            attribute::ERROR_CODE => {
                self.error_code =
                    Some(u16::from(*value.get(2)? & 7) * 100 + u16::from(*value.get(3)?));
            }
            attribute::UNKNOWN_ATTRIBUTES => {}
            unknown if unknown < 0x8000 => self.unknown.push(unknown),
            _ => {}
        }
        Some(next)
    }

    /// The fragment before the colon of USERNAME: in a request to us, ours (RFC 8445 §7.3).
    #[must_use]
    pub fn destination_ufrag(&self) -> Option<&'a str> {
        let (ours, _) = std::str::from_utf8(self.username?).ok()?.split_once(':')?;
        Some(ours)
    }
}

/// Of a datagram that looks like STUN, the fragment it is addressed to: what a demultiplexer needs. Checks the
/// form as [`Message::parse`] does, and no secret.
#[must_use]
pub fn destination_ufrag(data: &[u8]) -> Option<&str> {
    Message::parse(data)?.destination_ufrag()
}

fn integrity<'a>(data: &'a [u8], at: usize, mac: &'a [u8]) -> Option<Integrity<'a>> {
    let mut header: [u8; HEADER] = data.get(..HEADER)?.try_into().ok()?;
    let hashed_length = u16::try_from(at + INTEGRITY - HEADER).ok()?;
    header[2..4].copy_from_slice(&hashed_length.to_be_bytes());
    let body = data.get(HEADER..at)?;
    (mac.len() == 20).then_some(Integrity { header, body, mac })
}

fn read_address(value: &[u8], transaction_id: &TransactionId) -> Option<SocketAddr> {
    let mask = address_mask(transaction_id);
    let port = u16_at(value, 2)? ^ (MAGIC_COOKIE >> 16) as u16;
    let unmask = |byte: usize| value[4 + byte] ^ mask[byte];
    let ip = match (value.get(1)?, value.len()) {
        (1, 8) => IpAddr::V4(Ipv4Addr::from(std::array::from_fn::<u8, 4, _>(unmask))),
        (2, 20) => IpAddr::V6(Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(unmask))),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Addresses are XORed with the cookie, then with the transaction id (RFC 8489 §14.2).
fn address_mask(transaction_id: &TransactionId) -> [u8; 16] {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(transaction_id);
    mask
}

/// CRC-32 of ISO 3309, XORed with "STUN" (RFC 8489 §14.7).
fn fingerprint_of(data: &[u8]) -> u32 {
    let crc = data.iter().fold(u32::MAX, |crc, byte| {
        (crc >> 8) ^ CRC_TABLE[usize::from(crc as u8 ^ byte)]
    });
    !crc ^ FINGERPRINT_XOR
}

/// The CRC of each byte: anyone may make us compute one over a full datagram, so it must be cheap.
const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};
