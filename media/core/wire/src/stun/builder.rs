//! Writing STUN messages.

use std::net::{IpAddr, SocketAddr};

use super::{
    Class, FINGERPRINT, HEADER, INTEGRITY, MAGIC_COOKIE, METHOD_BINDING, Role, TransactionId,
    UnknownAttributes, address_mask, attribute, fingerprint_of,
};

/// Writes one message: a header, then attributes, then [`Builder::finish`].
#[derive(Debug)]
pub struct Builder {
    data: Vec<u8>,
}

impl Builder {
    /// Starts a binding message.
    #[must_use]
    pub fn new(class: Class, transaction_id: &TransactionId) -> Self {
        let mut data = Vec::with_capacity(128);
        data.extend_from_slice(&(METHOD_BINDING | class.bits()).to_be_bytes());
        data.extend_from_slice(&[0, 0]);
        data.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
        data.extend_from_slice(transaction_id);
        Self { data }
    }

    /// USERNAME, at most 513 bytes.
    #[must_use]
    pub fn username(self, username: &str) -> Self {
        self.attribute(attribute::USERNAME, username.as_bytes())
    }

    /// PRIORITY.
    #[must_use]
    pub fn priority(self, priority: u32) -> Self {
        self.attribute(attribute::PRIORITY, &priority.to_be_bytes())
    }

    /// USE-CANDIDATE.
    #[must_use]
    pub fn use_candidate(self) -> Self {
        self.attribute(attribute::USE_CANDIDATE, &[])
    }

    /// ICE-CONTROLLING or ICE-CONTROLLED.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        match role {
            Role::Controlling(tie) => {
                self.attribute(attribute::ICE_CONTROLLING, &tie.to_be_bytes())
            }
            Role::Controlled(tie) => self.attribute(attribute::ICE_CONTROLLED, &tie.to_be_bytes()),
        }
    }

    /// XOR-MAPPED-ADDRESS.
    #[must_use]
    pub fn mapped_address(self, address: SocketAddr) -> Self {
        let transaction_id: TransactionId = self.data[8..HEADER].try_into().unwrap_or_default();
        let mut value = [0; 20];
        let length = write_address(address, &transaction_id, &mut value);
        self.attribute(attribute::XOR_MAPPED_ADDRESS, &value[..length])
    }

    /// ERROR-CODE with `code` 300 to 699 and a short reason.
    #[must_use]
    pub fn error(self, code: u16, reason: &str) -> Self {
        let mut value = vec![0, 0, (code / 100) as u8, (code % 100) as u8];
        value.extend_from_slice(reason.as_bytes());
        self.attribute(attribute::ERROR_CODE, &value)
    }

    /// UNKNOWN-ATTRIBUTES, which goes with error 420.
    #[must_use]
    pub fn unknown_attributes(self, unknown: &UnknownAttributes) -> Self {
        let value: Vec<u8> = unknown
            .as_slice()
            .iter()
            .flat_map(|kind| kind.to_be_bytes())
            .collect();
        self.attribute(attribute::UNKNOWN_ATTRIBUTES, &value)
    }

    /// Closes with MESSAGE-INTEGRITY, for which `hmac_sha1` is given what to hash, and FINGERPRINT.
    #[must_use]
    pub fn finish(mut self, hmac_sha1: impl FnOnce(&[u8]) -> [u8; 20]) -> Vec<u8> {
        self.set_length(INTEGRITY);
        let mac = hmac_sha1(&self.data);
        self = self.attribute(attribute::MESSAGE_INTEGRITY, &mac);
        self.set_length(FINGERPRINT);
        let fingerprint = fingerprint_of(&self.data);
        self.attribute(attribute::FINGERPRINT, &fingerprint.to_be_bytes())
            .data
    }

    /// Any attribute: its type, and at most 65,535 bytes of value.
    #[must_use]
    pub fn attribute(mut self, attribute_type: u16, value: &[u8]) -> Self {
        self.data.extend_from_slice(&attribute_type.to_be_bytes());
        self.data
            .extend_from_slice(&(value.len() as u16).to_be_bytes());
        self.data.extend_from_slice(value);
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        self.set_length(0);
        self
    }

    /// Writes the length of the attributes so far plus `to_come` into the header.
    fn set_length(&mut self, to_come: usize) {
        let length = (self.data.len() - HEADER + to_come) as u16;
        self.data[2..4].copy_from_slice(&length.to_be_bytes());
    }
}

fn write_address(
    address: SocketAddr,
    transaction_id: &TransactionId,
    value: &mut [u8; 20],
) -> usize {
    let mask = address_mask(transaction_id);
    let port = address.port() ^ (MAGIC_COOKIE >> 16) as u16;
    value[2..4].copy_from_slice(&port.to_be_bytes());
    let length = match address.ip() {
        IpAddr::V4(ip) => {
            value[1] = 1;
            value[4..8].copy_from_slice(&ip.octets());
            8
        }
        IpAddr::V6(ip) => {
            value[1] = 2;
            value[4..].copy_from_slice(&ip.octets());
            20
        }
    };
    for (byte, mask) in value[4..].iter_mut().zip(mask) {
        *byte ^= mask;
    }
    length
}
