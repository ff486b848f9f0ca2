//! RTP packets: an offsets-only view of the header, and writers for our own. (RFC 3550 §5.1, RFC 8285)
//!
//! The header of an SRTP packet is in clear, so [`Header::parse`] runs on what came from the socket. The
//! view holds numbers, not a borrow: it describes the decrypted packet in its ring slot just as well.
//! Padding is inside the encrypted part, so only [`Header::payload`], on plaintext, knows where it starts.

use crate::cursor::{u16_at, u32_at};
use std::ops::Range;

/// Bytes of the header that every packet has. (RFC 3550 §5.1)
pub const FIXED_HEADER_LEN: usize = 12;

/// The `defined by profile` value of one-byte extension headers. (RFC 8285 §4.2)
const ONE_BYTE_PROFILE: u16 = 0xbede;

/// The `defined by profile` value of two-byte extension headers, without its four application bits. (§4.3)
const TWO_BYTE_PROFILE: u16 = 0x1000;

/// The identifier that ends a one-byte block early. (RFC 8285 §4.2)
const ONE_BYTE_STOP: u8 = 15;

/// What a datagram on a shared port is, by its first bytes. (RFC 7983 §7, RFC 5761 §4)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A STUN message.
    Stun,
    /// A DTLS record.
    Dtls,
    /// An RTP or SRTP packet.
    Rtp,
    /// An RTCP or SRTCP packet.
    Rtcp,
    /// Nothing we speak (TURN channels and ZRTP among them), or too short to tell.
    Unknown,
}

/// Tells the protocols of one port apart. Looks at two bytes; promises nothing about the rest.
pub fn classify(datagram: &[u8]) -> Kind {
    match *datagram {
        [0..=3, ..] => Kind::Stun,
        [20..=63, ..] => Kind::Dtls,
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}

/// The fields that every RTP header has, without those that describe its own layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// For video: this packet ends a frame. For audio: this packet starts a talk spurt.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// As on the wire; see [`crate::seq::extend`].
    pub sequence: u16,
    /// In units of the payload type's clock rate.
    pub timestamp: u32,
    /// The stream within the session.
    pub ssrc: u32,
}

/// Where things are in one RTP packet. Holds offsets only; each method takes the packet's bytes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Marker, payload type, sequence, timestamp, SSRC.
    pub fields: Fields,
    /// Bytes before the payload: fixed header, CSRCs, extension block. At most 12 + 60 + 4 + 262 140.
    pub len: usize,
    /// The last byte of the *decrypted* packet counts padding bytes.
    pub padded: bool,
    extension: Option<Extension>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extension {
    profile: u16,
    start: usize,
}

impl Header {
    /// Reads the header of a plain or encrypted packet. `None` unless version is 2 and all of it is there.
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let fixed: &[u8; FIXED_HEADER_LEN] = packet.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let csrcs_end = FIXED_HEADER_LEN + 4 * usize::from(fixed[0] & 0x0f);
        let (extension, len) = if fixed[0] & 0x10 == 0 {
            (None, csrcs_end)
        } else {
            let start = csrcs_end + 4;
            let profile = u16_at(packet, csrcs_end)?;
            let words = u16_at(packet, csrcs_end + 2)?;
            (
                Some(Extension { profile, start }),
                start + 4 * usize::from(words),
            )
        };
        (len <= packet.len()).then_some(Header {
            fields: Fields {
                marker: fixed[1] & 0x80 != 0,
                payload_type: fixed[1] & 0x7f,
                sequence: u16_at(fixed, 2)?,
                timestamp: u32_at(fixed, 4)?,
                ssrc: u32_at(fixed, 8)?,
            },
            len,
            padded: fixed[0] & 0x20 != 0,
            extension,
        })
    }

    /// Where the payload of a *decrypted* packet is, padding left out; it may be empty.
    ///
    /// `None` if the padding count is 0 or reaches into the header. (RFC 3550 §5.1)
    pub fn payload_range(&self, packet: &[u8]) -> Option<Range<usize>> {
        let end = if self.padded {
            let padding = usize::from(*packet.last()?);
            packet.len().checked_sub(padding).filter(|_| padding > 0)?
        } else {
            packet.len()
        };
        (self.len <= end).then_some(self.len..end)
    }

    /// The payload of a *decrypted* packet; see [`Header::payload_range`].
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Option<&'a [u8]> {
        packet.get(self.payload_range(packet)?)
    }

    /// All header extension elements, in order, whichever of the two forms of RFC 8285 they have.
    ///
    /// `packet` is the packet this header was parsed from, or its decrypted copy: SRTP leaves the extension
    /// block in clear, since nobody on the web negotiates RFC 6904.
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        let elements = self.extension.and_then(|block| {
            let form = Form::of_profile(block.profile)?;
            Some((form, packet.get(block.start..self.len)?))
        });
        let (form, rest) = elements.unwrap_or((Form::OneByte, &[]));
        Extensions { form, rest }
    }

    /// The data of the first extension element with this `id`.
    pub fn extension<'a>(&self, packet: &'a [u8], id: u8) -> Option<&'a [u8]> {
        self.extensions(packet)
            .find(|element| element.0 == id)
            .map(|element| element.1)
    }
}

/// How the elements of an extension block are framed. (RFC 8285 §4.2, §4.3)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Ids 1 to 14, 1 to 16 bytes of data each.
    OneByte,
    /// Ids 1 to 255, 0 to 255 bytes of data each.
    TwoByte,
}

impl Form {
    fn of_profile(profile: u16) -> Option<Self> {
        match profile {
            ONE_BYTE_PROFILE => Some(Form::OneByte),
            _ if profile & 0xfff0 == TWO_BYTE_PROFILE => Some(Form::TwoByte),
            _ => None,
        }
    }

    fn profile(self) -> u16 {
        match self {
            Form::OneByte => ONE_BYTE_PROFILE,
            Form::TwoByte => TWO_BYTE_PROFILE,
        }
    }
}

/// Iterator over `(id, data)` of a packet's extension elements; ends at the first that does not fit.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    form: Form,
    rest: &'a [u8],
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while let [0, rest @ ..] = self.rest {
            self.rest = rest; // Padding between elements is single zero bytes, in both forms.
        }
        let (id, len, data) = match (self.form, self.rest) {
            (Form::OneByte, [head, data @ ..]) => (head >> 4, usize::from(head & 0x0f) + 1, data),
            (Form::TwoByte, [id, len, data @ ..]) => (*id, usize::from(*len), data),
            _ => return None,
        };
        if self.form == Form::OneByte && (id == ONE_BYTE_STOP || id == 0) {
            self.rest = &[];
            return None;
        }
        let Some((element, rest)) = data.split_at_checked(len) else {
            self.rest = &[];
            return None;
        };
        self.rest = rest;
        Some((id, element))
    }
}

/// Writes the 12 fixed bytes, with no CSRCs. `extended` and `padded` set the X and P bits.
pub fn write_fixed(
    out: &mut [u8; FIXED_HEADER_LEN],
    fields: &Fields,
    extended: bool,
    padded: bool,
) {
    out[0] = 0x80 | u8::from(padded) << 5 | u8::from(extended) << 4;
    out[1] = u8::from(fields.marker) << 7 | (fields.payload_type & 0x7f);
    out[2..4].copy_from_slice(&fields.sequence.to_be_bytes());
    out[4..8].copy_from_slice(&fields.timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&fields.ssrc.to_be_bytes());
}

/// Writes one extension block, element by element, into a buffer of the caller.
#[derive(Debug)]
pub struct ExtensionWriter<'a> {
    out: &'a mut [u8],
    form: Form,
    len: usize,
}

impl<'a> ExtensionWriter<'a> {
    /// Starts a block at `out[0]`, directly behind the fixed header. `None` if `out` is under 4 bytes.
    pub fn new(out: &'a mut [u8], form: Form) -> Option<Self> {
        out.first_chunk_mut::<2>()?
            .copy_from_slice(&form.profile().to_be_bytes());
        (out.len() >= 4).then_some(ExtensionWriter { out, form, len: 4 })
    }

    /// Appends one element and returns where its data lies in the block, so that it can be patched later.
    ///
    /// `None`, and nothing written, if id or length are outside what the form can carry, or it does not fit.
    pub fn push(&mut self, id: u8, data: &[u8]) -> Option<Range<usize>> {
        let (head, head_len) = match self.form {
            Form::OneByte if (1..ONE_BYTE_STOP).contains(&id) && (1..=16).contains(&data.len()) => {
                ([id << 4 | (data.len() - 1) as u8, 0], 1)
            }
            Form::TwoByte if id > 0 && data.len() <= 255 => ([id, data.len() as u8], 2),
            _ => return None,
        };
        let start = self.len + head_len;
        let end = start + data.len();
        let element = self.out.get_mut(self.len..end)?;
        let (head_out, data_out) = element.split_at_mut(head_len);
        head_out.copy_from_slice(&head[..head_len]);
        data_out.copy_from_slice(data);
        self.len = end;
        Some(start..end)
    }

    /// Ends the block: at least `filler` zero bytes, then zeros up to a word. Returns the block's length.
    ///
    /// `None` if that does not fit. Filler is legal padding to every receiver, and lets packets of slightly
    /// different size be made equal. (RFC 8285 §4.1.1)
    pub fn finish(self, filler: usize) -> Option<usize> {
        let len = self.len.checked_add(filler)?.checked_next_multiple_of(4)?;
        let words = u16::try_from(len / 4 - 1).ok()?;
        self.out.get_mut(self.len..len)?.fill(0);
        self.out
            .get_mut(2..4)?
            .copy_from_slice(&words.to_be_bytes());
        Some(len)
    }
}
