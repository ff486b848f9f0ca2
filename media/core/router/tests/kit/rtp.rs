//! RTP packets as owned values, for tests to compare.

use hoichan_wire::picture_numbers::PictureId;
use hoichan_wire::rtp::{ExtensionWriter, FIXED_HEADER_LEN, Fields, Form, Header, write_fixed};
use hoichan_wire::vp8::Descriptor;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub fields: Fields,
    pub extensions: Vec<(u8, Vec<u8>)>,
    pub payload: Vec<u8>,
    /// RTP padding bytes behind the payload.
    pub padding: u8,
    /// Bytes of the plain packet as it was received.
    pub wire_len: usize,
}

impl Packet {
    pub fn new(fields: Fields, payload: Vec<u8>) -> Self {
        Packet {
            fields,
            extensions: Vec::new(),
            payload,
            padding: 0,
            wire_len: 0,
        }
    }

    pub fn with_extension(mut self, id: u8, data: &[u8]) -> Self {
        self.extensions.push((id, data.to_vec()));
        self
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; 2000];
        let (fixed, rest) = out.split_first_chunk_mut().expect("2000 bytes");
        let extended = !self.extensions.is_empty();
        write_fixed(fixed, &self.fields, extended, self.padding > 0);
        let mut len = FIXED_HEADER_LEN;
        if extended {
            let small = self
                .extensions
                .iter()
                .all(|(id, data)| *id < 15 && data.len() <= 16);
            let form = if small { Form::OneByte } else { Form::TwoByte };
            let mut writer = ExtensionWriter::new(rest, form).expect("room");
            for (id, data) in &self.extensions {
                writer.push(*id, data).expect("room");
            }
            len += writer.finish(0).expect("room");
        }
        out.truncate(len);
        out.extend_from_slice(&self.payload);
        out.resize(out.len() + usize::from(self.padding), 0);
        if let (Some(last), true) = (out.last_mut(), self.padding > 0) {
            *last = self.padding;
        }
        out
    }

    pub fn decode(plain: &[u8]) -> Self {
        let header = Header::parse(plain).expect("RTP");
        let payload = header
            .payload_range(plain)
            .expect("padding that makes sense");
        Packet {
            fields: header.fields,
            extensions: header
                .extensions(plain)
                .map(|(id, data)| (id, data.to_vec()))
                .collect(),
            payload: plain[payload.clone()].to_vec(),
            padding: (plain.len() - payload.end) as u8,
            wire_len: plain.len(),
        }
    }

    pub fn extension(&self, id: u8) -> Option<&[u8]> {
        let found = self.extensions.iter().find(|known| known.0 == id);
        found.map(|known| known.1.as_slice())
    }

    /// VP8's picture id and TL0PICIDX.
    pub fn picture(&self) -> (u16, u8) {
        let descriptor = Descriptor::parse(&self.payload).expect("VP8");
        let id = match descriptor.picture_id.expect("a picture id") {
            PictureId::Bits7(id) => u16::from(id),
            PictureId::Bits15(id) => id,
        };
        (id, descriptor.tl0_picture_index.expect("a TL0PICIDX"))
    }

    /// What is behind the VP8 descriptor: that must arrive as it was sent.
    pub fn media(&self) -> &[u8] {
        let descriptor = Descriptor::parse(&self.payload).expect("VP8");
        &self.payload[descriptor.len..]
    }

    /// For a retransmission: the number first sent under, and the packet as it was then, but for SSRC and type.
    pub fn unwrap_rtx(&self) -> (u16, &[u8]) {
        let (original, payload) = self.payload.split_first_chunk().expect("RFC 4588");
        (u16::from_be_bytes(*original), payload)
    }
}
