//! One packet as a subscriber gets it, written into its place in the arena.

use super::header::{HeaderPlan, HeaderShape, Stamps};
use super::masking::Masking;
use super::redundancy::Repetition;
use crate::codec::PictureShift;
use crate::ring::Entry;
use hoichan_wire::rtp::Fields;

/// Bytes before the payload of a retransmission: the original sequence number. (RFC 4588 §4)
const ORIGINAL_SEQUENCE_LEN: usize = 2;

/// All that decides the plain bytes of one packet, but for its stamps.
pub(crate) struct Rewrite<'a> {
    pub(crate) plan: &'a HeaderPlan,
    pub(crate) shape: HeaderShape,
    pub(crate) fields: Fields,
    /// What the publisher sent, and where it lies.
    pub(crate) entry: &'a Entry,
    pub(crate) packet: &'a [u8],
    /// What its dependency descriptor says of decode targets, if not what the publisher said.
    pub(crate) masking: Option<Masking<'a>>,
    /// Without its payload: nothing but a number that was left for it.
    pub(crate) is_blank: bool,
    /// For audio: what goes before its payload.
    pub(crate) repetition: Repetition<'a>,
    pub(crate) picture: PictureShift,
    /// For a retransmission, the number the packet was first sent under.
    pub(crate) original_sequence: Option<u16>,
    /// Bytes to be added so that the packet is as long as its neighbours, at most 255.
    pub(crate) extra_len: usize,
}

impl Rewrite<'_> {
    /// Bytes of header, payload and padding.
    pub(crate) fn len(&self) -> usize {
        let original_len = self.original_sequence.map_or(0, |_| ORIGINAL_SEQUENCE_LEN);
        self.shape.len + original_len + self.payload_len() + self.extra_len
    }

    /// Bytes of the payload as the subscriber gets it.
    pub(crate) fn payload_len(&self) -> usize {
        self.repetition.payload_len(self.payload().len())
    }

    /// What the subscriber gets of the publisher's payload: all or nothing.
    fn payload(&self) -> &[u8] {
        if self.is_blank {
            &[]
        } else {
            self.entry.payload.of(self.packet)
        }
    }

    /// Writes the packet to the beginning of `out` and returns the length of its header; `None` if it does
    /// not fit.
    ///
    /// What is extra goes into the extension block in whole words, where it is no payload to anyone, and the
    /// rest becomes RTP padding. (RFC 8285 §4.1.1, RFC 3550 §5.1)
    pub(crate) fn write(&self, out: &mut [u8], stamps: &Stamps) -> Option<usize> {
        let out = out.get_mut(..self.len())?;
        let filler = if self.shape.is_extended() {
            self.extra_len & !3
        } else {
            0
        };
        let padding = self.extra_len - filler;
        let header_len = self.plan.write(
            out,
            self.shape,
            (&self.fields, padding > 0),
            (self.entry, self.packet, self.masking.as_ref()),
            (stamps, filler),
        )?;
        let mut rest = &mut out[header_len..];
        if let Some(sequence) = self.original_sequence {
            let (original, after) = rest.split_first_chunk_mut()?;
            *original = sequence.to_be_bytes();
            rest = after;
        }
        let (copy, padding_out) = rest.split_at_mut_checked(self.payload_len())?;
        self.repetition.write(copy, self.payload())?;
        if let Some(picture) = self.entry.picture
            && self.picture != PictureShift::default()
        {
            picture.shifted(self.picture).patch(copy);
        }
        if let Some((count, zeros)) = padding_out.split_last_mut() {
            zeros.fill(0);
            *count = padding as u8;
        }
        Some(header_len)
    }
}
