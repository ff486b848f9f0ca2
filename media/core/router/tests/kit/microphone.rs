//! A virtual microphone that repeats itself. (RFC 2198)

use super::camera::Microphone;
use super::rtp::Packet;
use super::{OPUS, RED};
use hoichan_wire::red::{self, MAX_TIMESTAMP_OFFSET, Red, Redundant};

/// A microphone that sends Opus, 20 ms a packet, with up to `distance` packets repeated in each.
pub struct RedMicrophone {
    pub plain: Microphone,
    /// Bytes of each payload.
    pub payload_len: usize,
    distance: usize,
    /// What may be repeated, oldest first.
    past: Vec<Packet>,
}

impl RedMicrophone {
    pub fn new(ssrc: u32, distance: usize) -> Self {
        RedMicrophone {
            plain: Microphone::new(ssrc),
            payload_len: 6,
            distance,
            past: Vec::new(),
        }
    }

    /// One packet: as it is sent, and as it would be without redundancy.
    pub fn packet(&mut self, level: u8) -> (Packet, Packet) {
        let mut plain = self.plain.packet(level);
        plain.payload.resize(self.payload_len, 7);
        let offset = |past: &Packet| plain.fields.timestamp.wrapping_sub(past.fields.timestamp);
        let redundant: Vec<Redundant> = self
            .past
            .iter()
            .filter(|past| offset(past) <= MAX_TIMESTAMP_OFFSET)
            .map(|past| Redundant {
                timestamp_offset: offset(past),
                payload: &past.payload,
            })
            .collect();
        let mut payload = vec![0; 4000];
        let len = red::write(&mut payload, OPUS, &redundant, &plain.payload);
        payload.truncate(len.expect("room"));
        let mut sent = plain.clone();
        sent.fields.payload_type = RED;
        sent.payload = payload;
        self.past.push(plain.clone());
        let surplus = self.past.len().saturating_sub(self.distance);
        self.past.drain(..surplus);
        (sent, plain)
    }
}

/// Lets time pass in which a microphone sends nothing. (RFC 7587 §3.1.3)
pub fn rest(microphone: &mut Microphone, millis: u32) {
    microphone.timestamp = microphone.timestamp.wrapping_add(millis * 48);
}

/// Timestamp and payload of all that a packet of redundant audio carries, its own part last.
pub fn blocks(packet: &Packet) -> Vec<(u32, Vec<u8>)> {
    let payload = &packet.payload;
    let red = Red::parse(payload).expect("RED");
    red.redundant(payload)
        .chain([red.primary.clone()])
        .map(|block| {
            let timestamp = packet.fields.timestamp.wrapping_sub(block.timestamp_offset);
            (timestamp, payload[block.range].to_vec())
        })
        .collect()
}
