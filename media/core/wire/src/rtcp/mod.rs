//! RTCP: a walk over a received compound without copying, and builders that append to one of ours.
//!
//! [`packets`] yields one [`Packet`] after the other and stops where the bytes stop making sense. The variants
//! keep a borrow of their body and decode on demand; every iterator in here does work in proportion to the
//! *bytes* it reads, never to a count that a peer wrote into them.
//!
//! | module | source |
//! | --- | --- |
//! | `report` | sender and receiver reports, SDES, BYE (RFC 3550 §6) |
//! | `feedback` | NACK, PLI, FIR (RFC 4585 §6, RFC 5104 §4.3.1) |
//! | `remb` | receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03) |
//! | `transport` | transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) |

mod feedback;
mod remb;
mod report;
mod transport;

pub use feedback::{Fir, Nack, write_nack, write_pli};
pub use remb::{Remb, write_remb};
pub use report::{
    Bye, MAX_COUNT, ReceiverReport, ReportBlock, Sdes, SenderInfo, SenderReport, write_bye,
    write_cname, write_receiver_report, write_sender_report,
};
pub use transport::{Arrival, TICK, TransportFeedback, write_transport_feedback};

use crate::cursor::{u16_at, u32_at};

/// Bytes of the header that every RTCP packet has. (RFC 3550 §6.4.1)
const HEADER_LEN: usize = 4;

/// Packet types. (RFC 3550 §12.1, RFC 4585 §6.1)
mod packet_type {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const SDES: u8 = 202;
    pub(super) const BYE: u8 = 203;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
}

/// Feedback message types. (RFC 4585 §6.2, §6.3, RFC 5104 §4.3)
mod format {
    pub(super) const NACK: u8 = 1;
    pub(super) const TRANSPORT_WIDE: u8 = 15;
    pub(super) const PLI: u8 = 1;
    pub(super) const FIR: u8 = 4;
    pub(super) const APPLICATION: u8 = 15;
}

/// One packet of a compound.
#[derive(Clone, Debug)]
pub enum Packet<'a> {
    /// What a sender sent, and when; with reception reports.
    SenderReport(SenderReport<'a>),
    /// Reception reports only.
    ReceiverReport(ReceiverReport<'a>),
    /// Descriptions of sources.
    Sdes(Sdes<'a>),
    /// Sources that end.
    Bye(Bye<'a>),
    /// Packets to be sent again.
    Nack(Nack<'a>),
    /// A key frame is wanted. (RFC 4585 §6.3.1)
    Pli {
        /// Who asks.
        sender_ssrc: u32,
        /// Whose key frame.
        media_ssrc: u32,
    },
    /// Key frames are wanted, each request numbered.
    Fir(Fir<'a>),
    /// Arrival times of packets numbered across the transport.
    TransportFeedback(TransportFeedback<'a>),
    /// The bit rate a receiver believes it can take.
    Remb(Remb<'a>),
    /// A packet we have no use for (XR, APP, …), or whose body does not parse.
    Unknown {
        /// As on the wire.
        packet_type: u8,
    },
}

/// Walks over the packets of a *decrypted* compound, or of a single reduced-size packet (RFC 5506).
pub fn packets(compound: &[u8]) -> Packets<'_> {
    Packets { rest: compound }
}

/// Iterator over the packets of a compound; ends at the first whose header or length is wrong.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        let raw = Raw::split_first(&mut self.rest)?;
        let packet_type = raw.packet_type;
        Some(raw.decode().unwrap_or(Packet::Unknown { packet_type }))
    }
}

/// One packet with its header taken off.
struct Raw<'a> {
    padded: bool,
    /// The 5 bits of the first byte: a count of items, or the format of a feedback message.
    count: u8,
    packet_type: u8,
    body: &'a [u8],
}

impl<'a> Raw<'a> {
    fn split_first(rest: &mut &'a [u8]) -> Option<Self> {
        let [first, packet_type, ..] = **rest else {
            return None;
        };
        let len = HEADER_LEN + 4 * usize::from(u16_at(rest, 2)?);
        let (packet, after) = rest.split_at_checked(len).filter(|_| first >> 6 == 2)?;
        *rest = after;
        let padded = first & 0x20 != 0;
        Some(Raw {
            padded,
            count: first & 0x1f,
            packet_type,
            body: &packet[HEADER_LEN..],
        })
    }

    fn decode(self) -> Option<Packet<'a>> {
        let body = self.unpadded()?;
        Some(match (self.packet_type, self.count) {
            (packet_type::SENDER_REPORT, count) => {
                Packet::SenderReport(SenderReport::parse(count, body)?)
            }
            (packet_type::RECEIVER_REPORT, count) => {
                Packet::ReceiverReport(ReceiverReport::parse(count, body)?)
            }
            (packet_type::SDES, _) => Packet::Sdes(Sdes::parse(body)),
            (packet_type::BYE, count) => Packet::Bye(Bye::parse(count, body)?),
            (packet_type::TRANSPORT_FEEDBACK, format::NACK) => Packet::Nack(Nack::parse(body)?),
            (packet_type::TRANSPORT_FEEDBACK, format::TRANSPORT_WIDE) => {
                Packet::TransportFeedback(TransportFeedback::parse(body)?)
            }
            (packet_type::PAYLOAD_FEEDBACK, format::PLI) => Packet::Pli {
                sender_ssrc: u32_at(body, 0)?,
                media_ssrc: u32_at(body, 4)?,
            },
            (packet_type::PAYLOAD_FEEDBACK, format::FIR) => Packet::Fir(Fir::parse(body)?),
            (packet_type::PAYLOAD_FEEDBACK, format::APPLICATION) => {
                Packet::Remb(Remb::parse(body)?)
            }
            (packet_type, _) => Packet::Unknown { packet_type },
        })
    }

    /// The body without its padding, whose last byte counts it. (RFC 3550 §6.4.1)
    fn unpadded(&self) -> Option<&'a [u8]> {
        if !self.padded {
            return Some(self.body);
        }
        let padding = usize::from(*self.body.last()?);
        let len = self
            .body
            .len()
            .checked_sub(padding)
            .filter(|_| padding > 0)?;
        self.body.get(..len)
    }
}

/// Appends one packet: its header, then what `body` appends, then zeros up to a word.
///
/// Callers bound what they append, so the length always fits its 16 bits.
fn append(out: &mut Vec<u8>, count: u8, packet_type: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0x80 | count, packet_type, 0, 0]);
    body(out);
    let len = (out.len() - start).next_multiple_of(4);
    out.resize(start + len, 0);
    let words = u16::try_from(len / 4 - 1).expect("builders take bounded input");
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// Appends a field in network order.
fn put(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_be_bytes());
}
