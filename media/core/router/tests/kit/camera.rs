//! Virtual sources: one layer of a camera, a microphone.

use super::rtp::Packet;
use super::{AUDIO_LEVEL, MID, OPUS, REPAIRED_RID, RID, TRANSPORT_WIDE, VP8, VP8_RTX};
use hoichan_wire::rtp::Fields;

/// One layer of a camera that sends VP8.
#[derive(Clone)]
pub struct Camera {
    pub ssrc: u32,
    pub rid: Option<&'static str>,
    pub mid: &'static str,
    pub sequence: u16,
    pub timestamp: u32,
    pub picture: u16,
    pub tl0: u8,
    /// Transport-wide numbers; shared by the layers of a camera, so set from outside.
    pub transport_sequence: Option<u16>,
    rtx_sequence: u16,
    counter: u32,
}

impl Camera {
    pub fn new(ssrc: u32, rid: &'static str) -> Self {
        Camera {
            ssrc,
            rid: Some(rid),
            mid: "1",
            sequence: (ssrc * 7919) as u16,
            timestamp: ssrc.wrapping_mul(0x9e37_79b9),
            picture: (ssrc * 31) as u16 & 0x7fff,
            tl0: ssrc as u8,
            transport_sequence: None,
            rtx_sequence: 5,
            counter: 0,
        }
    }

    /// One frame of `count` packets, a thirtieth of a second after the one before.
    pub fn frame(&mut self, is_key: bool, count: usize, len: usize) -> Vec<Packet> {
        self.timestamp = self.timestamp.wrapping_add(3000);
        self.picture = (self.picture + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(1);
        (0..count)
            .map(|index| self.packet(is_key, index == 0, index + 1 == count, len))
            .collect()
    }

    fn packet(&mut self, is_key: bool, first: bool, marker: bool, len: usize) -> Packet {
        let start = if first { 0x90 } else { 0x80 };
        let frame_header = u8::from(!is_key);
        let id = (self.picture | 0x8000).to_be_bytes();
        let mut payload = vec![start, 0xc0, id[0], id[1], self.tl0, frame_header];
        self.counter += 1;
        payload.extend_from_slice(&self.ssrc.to_be_bytes());
        payload.extend_from_slice(&self.counter.to_be_bytes());
        payload.resize(len.max(payload.len()), self.counter as u8);
        self.wrap(marker, payload)
    }

    /// A packet of nothing but padding, as libwebrtc probes with where it may not use RTX.
    pub fn padding(&mut self) -> Packet {
        let mut packet = self.wrap(false, Vec::new());
        packet.padding = 200;
        packet
    }

    fn wrap(&mut self, marker: bool, payload: Vec<u8>) -> Packet {
        let fields = Fields {
            marker,
            payload_type: VP8,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let packet = Packet::new(fields, payload).with_extension(MID.0, self.mid.as_bytes());
        let packet = match self.rid {
            Some(rid) => packet.with_extension(RID.0, rid.as_bytes()),
            None => packet,
        };
        self.number(packet)
    }

    /// The retransmission of one of its packets. (RFC 4588 §4)
    pub fn repair(&mut self, lost: &Packet) -> Packet {
        let mut payload = lost.fields.sequence.to_be_bytes().to_vec();
        payload.extend_from_slice(&lost.payload);
        let fields = Fields {
            payload_type: VP8_RTX,
            sequence: self.rtx_sequence,
            ssrc: self.ssrc + 0x1000_0000,
            ..lost.fields
        };
        self.rtx_sequence = self.rtx_sequence.wrapping_add(1);
        let packet = Packet::new(fields, payload).with_extension(MID.0, self.mid.as_bytes());
        let packet = match self.rid {
            Some(rid) => packet.with_extension(REPAIRED_RID.0, rid.as_bytes()),
            None => packet,
        };
        self.number(packet)
    }

    fn number(&mut self, packet: Packet) -> Packet {
        let Some(sequence) = &mut self.transport_sequence else {
            return packet;
        };
        *sequence = sequence.wrapping_add(1);
        packet.with_extension(TRANSPORT_WIDE.0, &sequence.to_be_bytes())
    }
}

/// A microphone that sends Opus, 20 ms a packet.
pub struct Microphone {
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
}

impl Microphone {
    pub fn new(ssrc: u32) -> Self {
        Microphone {
            ssrc,
            sequence: 65_500,
            timestamp: 4_294_960_000,
        }
    }

    /// One packet of this loudness in −dBov.
    pub fn packet(&mut self, level: u8) -> Packet {
        let fields = Fields {
            marker: false,
            payload_type: OPUS,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(960);
        let payload = vec![0xf8, level, self.sequence as u8, 4, 5, 6];
        Packet::new(fields, payload).with_extension(AUDIO_LEVEL.0, &[0x80 | level])
    }
}
