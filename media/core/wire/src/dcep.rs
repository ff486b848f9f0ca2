//! Opening data channels in-band (RFC 8832).

/// PPID of DCEP messages (RFC 8832 §8.1).
pub const PPID: u32 = 50;

const OPEN: u8 = 0x03;
const ACK: u8 = 0x02;
const UNORDERED: u8 = 0x80;
const OPEN_HEADER: usize = 12;

/// The whole DATA_CHANNEL_ACK message (RFC 8832 §5.2).
pub const ACKNOWLEDGEMENT: [u8; 1] = [ACK];

/// How hard a channel tries to deliver (RFC 8832 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reliability {
    /// Until it arrives.
    Reliable,
    /// At most this many retransmissions.
    MaxRetransmits(u32),
    /// For at most this many milliseconds.
    MaxLifetimeMs(u32),
}

/// A DATA_CHANNEL_OPEN message (RFC 8832 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    /// Messages arrive in the order they were sent.
    pub ordered: bool,
    /// How hard to try.
    pub reliability: Reliability,
    /// The channel's name, up to 65,535 bytes.
    pub label: &'a str,
    /// The subprotocol, up to 65,535 bytes; empty for none.
    pub protocol: &'a str,
}

/// A DCEP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Opens the stream it came on.
    Open(Open<'a>),
    /// Answers an open.
    Ack,
}

impl<'a> Message<'a> {
    /// Reads one message. `None` if it is malformed: of unknown type, cut short, or not UTF-8.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        match *data.first()? {
            ACK => Some(Self::Ack),
            OPEN => Open::parse(data).map(Self::Open),
            _ => None,
        }
    }
}

impl<'a> Open<'a> {
    fn parse(data: &'a [u8]) -> Option<Self> {
        let (header, names) = data.split_at_checked(OPEN_HEADER)?;
        let parameter = u32::from_be_bytes(header[4..8].try_into().ok()?);
        let reliability = match header[1] & !UNORDERED {
            0 => Reliability::Reliable,
            1 => Reliability::MaxRetransmits(parameter),
            2 => Reliability::MaxLifetimeMs(parameter),
            _ => return None,
        };
        let label_length = usize::from(u16::from_be_bytes([header[8], header[9]]));
        let protocol_length = usize::from(u16::from_be_bytes([header[10], header[11]]));
        let (label, rest) = names.split_at_checked(label_length)?;
        Some(Self {
            ordered: header[1] & UNORDERED == 0,
            reliability,
            label: std::str::from_utf8(label).ok()?,
            protocol: std::str::from_utf8(rest.get(..protocol_length)?).ok()?,
        })
    }

    /// Writes the message, at priority "normal" (RFC 8831 §6.4). `None` if a name is over 65,535 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let (kind, parameter) = match self.reliability {
            Reliability::Reliable => (0, 0),
            Reliability::MaxRetransmits(count) => (1, count),
            Reliability::MaxLifetimeMs(lifetime) => (2, lifetime),
        };
        let label_length = u16::try_from(self.label.len()).ok()?;
        let protocol_length = u16::try_from(self.protocol.len()).ok()?;
        let mut data = vec![OPEN, if self.ordered { kind } else { kind | UNORDERED }];
        data.extend_from_slice(&256u16.to_be_bytes());
        data.extend_from_slice(&parameter.to_be_bytes());
        data.extend_from_slice(&label_length.to_be_bytes());
        data.extend_from_slice(&protocol_length.to_be_bytes());
        data.extend_from_slice(self.label.as_bytes());
        data.extend_from_slice(self.protocol.as_bytes());
        Some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_open_reads_as_on_the_wire() {
        let bytes = b"\x03\x81\x01\x00\x00\x00\x00\x00\x00\x06\x00\x00_lossy";
        let lossy = Open {
            ordered: false,
            reliability: Reliability::MaxRetransmits(0),
            label: "_lossy",
            protocol: "",
        };
        assert_eq!(Message::parse(bytes), Some(Message::Open(lossy)));
        assert_eq!(lossy.to_bytes().as_deref(), Some(&bytes[..]));
        assert_eq!(Message::parse(&ACKNOWLEDGEMENT), Some(Message::Ack));
    }

    #[test]
    fn an_open_that_promises_more_than_it_brings_is_nothing() {
        let bytes = b"\x03\x00\x01\x00\x00\x00\x00\x00\x00\x06\x00\x01_lossy";
        assert_eq!(Message::parse(bytes), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(data in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Message::parse(&data);
        }

        #[test]
        fn what_is_written_is_read_back(
            ordered: bool, label in ".{0,40}", protocol in ".{0,8}", value: u32, kind in 0..3
        ) {
            let reliability = match kind {
                0 => Reliability::Reliable,
                1 => Reliability::MaxRetransmits(value),
                _ => Reliability::MaxLifetimeMs(value),
            };
            let open = Open { ordered, reliability, label: &label, protocol: &protocol };
            let bytes = open.to_bytes().expect("short names fit");
            prop_assert_eq!(Message::parse(&bytes), Some(Message::Open(open)));
        }
    }
}
