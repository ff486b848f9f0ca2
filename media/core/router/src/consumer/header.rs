//! The header a subscriber sees: its own payload types, and one extension block of ours.

use super::masking::{MaskedElement, Masking};
use crate::extensions::{self, ABSOLUTE_SEND_TIME, MID, ProducerExtensions, TRANSPORT_WIDE};
use crate::parameters::{ConsumerParameters, PayloadTypeMapping, RtpHeaderExtensionParameters};
use crate::ring::Entry;
use hoichan_wire::rtp::{ExtensionWriter, FIXED_HEADER_LEN, Fields, Form, write_fixed};

/// Largest data of an element in a one-byte block. (RFC 8285 §4.2)
const ONE_BYTE_MAX_LEN: usize = 16;

/// Largest id in a one-byte block; 15 is reserved. (RFC 8285 §4.2)
const ONE_BYTE_MAX_ID: u8 = 14;

/// Zero bytes in the extension block of a padding packet, where they are payload to nobody: with the 255 that RTP
/// padding can have, they make it as large as media. (RFC 8285 §4.1.1)
pub(super) const FILLER_LEN: usize = 860;

/// What is written anew into each packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamps {
    /// The transport-wide sequence number.
    pub(crate) transport_sequence: u16,
    /// 24 bits; see [`crate::moment::Moment::absolute_send_time`].
    pub(crate) absolute_send_time: u32,
}

/// What one subscriber has negotiated for the headers of one track.
#[derive(Debug)]
pub(crate) struct HeaderPlan {
    payload_types: Box<[PayloadTypeMapping]>,
    /// Id and value, until the subscriber has shown that it knows the SSRC. (RFC 8843 §9.2)
    mid: Option<(u8, Box<[u8]>)>,
    transport_wide: Option<u8>,
    absolute_send_time: Option<u8>,
    /// By index of the producer's copied extensions: the id here, 0 for none.
    copied: Box<[u8]>,
    /// The index among them of the dependency descriptor.
    descriptor: Option<u8>,
    wanted: Vec<RtpHeaderExtensionParameters>,
    /// Bytes of the elements that all packets have, each with a one-byte head; and how many they are.
    common: (usize, usize),
    /// All ids fit the one-byte form.
    small_ids: bool,
}

/// Form and size of one packet's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderShape {
    form: Form,
    /// The whole header, in bytes: 12 if it has no extension block.
    pub(crate) len: usize,
}

impl HeaderShape {
    /// Whether there is an extension block, which could hold filler.
    pub(crate) fn is_extended(&self) -> bool {
        self.len > FIXED_HEADER_LEN
    }
}

impl HeaderPlan {
    /// What `parameters` say for the headers of a producer with these `extensions`.
    pub(crate) fn new(parameters: &ConsumerParameters, extensions: &ProducerExtensions) -> Self {
        let id = |uri| extensions::id_of(&parameters.header_extensions, uri);
        let mid = id(MID).map(|id| (id, parameters.mid.as_bytes().into()));
        let mut plan = HeaderPlan {
            payload_types: parameters.payload_types.clone().into_boxed_slice(),
            mid,
            transport_wide: id(TRANSPORT_WIDE),
            absolute_send_time: id(ABSOLUTE_SEND_TIME),
            copied: extensions.translate(&parameters.header_extensions),
            descriptor: extensions.descriptor_index(),
            wanted: parameters.header_extensions.clone(),
            common: (0, 0),
            small_ids: true,
        };
        plan.measure();
        plan
    }

    /// The producer has been replaced by one with these `extensions`.
    pub(crate) fn follow(&mut self, extensions: &ProducerExtensions) {
        self.copied = extensions.translate(&self.wanted);
        self.descriptor = extensions.descriptor_index();
        self.measure();
    }

    /// The subscriber has reported on the SSRC: it needs no MID to know whose packets these are.
    pub(crate) fn drop_mid(&mut self) {
        if self.mid.take().is_some() {
            self.measure();
        }
    }

    /// How the producer's payload type is called here.
    pub(crate) fn payload_type(&self, producer: u8) -> Option<PayloadTypeMapping> {
        self.payload_types
            .iter()
            .find(|mapping| mapping.producer == producer)
            .copied()
    }

    /// Form and size of the header for the packet `entry`, which the publisher sent as `packet`.
    pub(crate) fn shape(
        &self,
        entry: &Entry,
        masking: Option<&Masking<'_>>,
        packet: &[u8],
    ) -> HeaderShape {
        let (mut len, mut count) = self.common;
        let mut form = if self.small_ids {
            Form::OneByte
        } else {
            Form::TwoByte
        };
        for element in entry.elements.as_slice() {
            if self.id_of(element.index) != 0 {
                let masking = masking.filter(|_| Some(element.index) == self.descriptor);
                let data_len = masking.map_or(element.len(), |mask| mask.len(element.of(packet)));
                len += 1 + data_len;
                count += 1;
                if !(1..=ONE_BYTE_MAX_LEN).contains(&data_len) {
                    form = Form::TwoByte;
                }
            }
        }
        if form == Form::TwoByte {
            len += count;
        }
        let block = if count == 0 {
            0
        } else {
            4 + len.next_multiple_of(4)
        };
        HeaderShape {
            form,
            len: FIXED_HEADER_LEN + block,
        }
    }

    /// Writes the header of `entry` and returns its length: that of its shape, and `filler`, a multiple of 4.
    ///
    /// `packet` is the publisher's, where the copied elements lie.
    pub(crate) fn write(
        &self,
        out: &mut [u8],
        shape: HeaderShape,
        (fields, padded): (&Fields, bool),
        (entry, packet, masking): (&Entry, &[u8], Option<&Masking<'_>>),
        (stamps, filler): (&Stamps, usize),
    ) -> Option<usize> {
        let (fixed, rest) = out.split_first_chunk_mut()?;
        write_fixed(fixed, fields, shape.is_extended(), padded);
        if !shape.is_extended() {
            return Some(FIXED_HEADER_LEN);
        }
        let mut block = ExtensionWriter::new(rest, shape.form)?;
        if let Some(id) = self.transport_wide {
            block.push(id, &stamps.transport_sequence.to_be_bytes())?;
        }
        if let Some(id) = self.absolute_send_time {
            block.push(id, &stamps.absolute_send_time.to_be_bytes()[1..])?;
        }
        if let Some((id, mid)) = &self.mid {
            block.push(*id, mid)?;
        }
        for element in entry.elements.as_slice() {
            let id = self.id_of(element.index);
            match masking.filter(|_| Some(element.index) == self.descriptor) {
                _ if id == 0 => {}
                Some(masking) => {
                    let mut masked = MaskedElement::new();
                    block.push(id, masking.write(element.of(packet), &mut masked))?;
                }
                None => {
                    block.push(id, element.of(packet))?;
                }
            }
        }
        Some(FIXED_HEADER_LEN + block.finish(filler)?)
    }

    /// Writes the header of a padding packet, filler included, and returns its length.
    pub(super) fn write_filler(
        &self,
        out: &mut [u8],
        fields: &Fields,
        stamps: &Stamps,
    ) -> Option<usize> {
        let (fixed, rest) = out.split_first_chunk_mut()?;
        write_fixed(fixed, fields, true, true);
        let form = if self.small_ids {
            Form::OneByte
        } else {
            Form::TwoByte
        };
        let mut block = ExtensionWriter::new(rest, form)?;
        block.push(
            self.transport_wide?,
            &stamps.transport_sequence.to_be_bytes(),
        )?;
        if let Some(id) = self.absolute_send_time {
            block.push(id, &stamps.absolute_send_time.to_be_bytes()[1..])?;
        }
        Some(FIXED_HEADER_LEN + block.finish(FILLER_LEN)?)
    }

    /// Under which payload type retransmissions are sent, whatever they repair.
    pub(super) fn retransmission_type(&self) -> Option<u8> {
        let types = self.payload_types.iter();
        types.filter_map(|mapping| mapping.consumer_rtx).next()
    }

    /// Whether packets carry a transport-wide sequence number.
    pub(crate) fn is_numbered_transport_wide(&self) -> bool {
        self.transport_wide.is_some()
    }

    fn id_of(&self, index: u8) -> u8 {
        self.copied.get(usize::from(index)).copied().unwrap_or(0)
    }

    /// Recomputes what does not change from packet to packet.
    fn measure(&mut self) {
        let common = [
            self.transport_wide.map(|id| (id, 2)),
            self.absolute_send_time.map(|id| (id, 3)),
            self.mid.as_ref().map(|(id, mid)| (*id, mid.len())),
        ];
        let common = common.into_iter().flatten();
        self.common = common.clone().fold((0, 0), |(len, count), (_, data)| {
            (len + 1 + data, count + 1)
        });
        let ids = common
            .clone()
            .map(|(id, _)| id)
            .chain(self.copied.iter().copied());
        self.small_ids = ids.clone().all(|id| id <= ONE_BYTE_MAX_ID)
            && common
                .clone()
                .all(|(_, len)| (1..=ONE_BYTE_MAX_LEN).contains(&len));
    }
}
