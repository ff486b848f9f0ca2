//! A camera: VP8 in one layer or in several, which then have three temporal layers each, as Chromium sends it.

use std::time::Instant;

use hoichan_srtp::Session;

use super::stream::{Packet, Parameters, Stream};
use crate::trace::{FRAME_INTERVAL, LAYERS, Trace};

const CLOCK_RATE: u64 = 90_000;
/// Which temporal layer a frame belongs to, in turns.
const TEMPORAL_PATTERN: [u8; 4] = [0, 2, 1, 2];

/// What one camera sends.
pub struct Camera {
    layers: Vec<Layer>,
    frames: u64,
    next_frame: Instant,
}

struct Layer {
    stream: Stream,
    trace: Trace,
    number: u8,
    /// Whether it has temporal layers.
    is_scalable: bool,
    key_wanted: bool,
    key_frames: u64,
    /// Frames since the last key frame.
    position: usize,
    picture_id: u16,
    base_index: u8,
}

impl Camera {
    /// Begins with key frames at `first_frame`. `parameters` are the layers, lowest first, the last of which is layer
    /// number `highest` of the trace.
    #[must_use]
    pub fn new(first_frame: Instant, parameters: Vec<Parameters>, highest: usize) -> Self {
        let is_scalable = parameters.len() > 1;
        let lowest = highest + 1 - parameters.len();
        let layers = parameters
            .into_iter()
            .zip(lowest..)
            .map(|(parameters, number)| Layer {
                trace: Trace::of_layer(parameters.ssrc.into(), LAYERS[number]),
                stream: Stream::new(parameters),
                number: number as u8,
                is_scalable,
                key_wanted: true,
                key_frames: 0,
                position: 0,
                picture_id: 0,
                base_index: 0,
            });
        Self {
            layers: layers.collect(),
            frames: 0,
            next_frame: first_frame,
        }
    }

    /// The sources.
    pub fn streams_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.layers.iter_mut().map(|layer| &mut layer.stream)
    }

    /// The sources.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.layers.iter().map(|layer| &layer.stream)
    }

    /// Frames, and key frames of the highest layer.
    #[must_use]
    pub fn frames(&self) -> (u64, u64) {
        (
            self.frames,
            self.layers.last().map_or(0, |layer| layer.key_frames),
        )
    }

    /// The next frame of that source will be a key frame.
    pub fn want_key_frame(&mut self, ssrc: u32) {
        for layer in &mut self.layers {
            layer.key_wanted |= layer.stream.parameters().ssrc == ssrc;
        }
    }

    /// Sends the frames that are due.
    pub fn publish(
        &mut self,
        now: Instant,
        session: &mut Session,
        transport_wide: &mut u16,
        send: &mut impl FnMut(&[u8]),
    ) {
        if now < self.next_frame {
            return;
        }
        while self.next_frame <= now {
            // More than once where this program was held up: a camera drops what it cannot encode in time.
            self.next_frame += FRAME_INTERVAL;
        }
        let timestamp = (self.frames * CLOCK_RATE / 30) as u32;
        for layer in &mut self.layers {
            layer.publish(timestamp, session, transport_wide, send);
        }
        self.frames += 1;
    }
}

impl Layer {
    fn publish(
        &mut self,
        timestamp: u32,
        session: &mut Session,
        transport_wide: &mut u16,
        send: &mut impl FnMut(&[u8]),
    ) {
        let is_key = std::mem::take(&mut self.key_wanted);
        if is_key {
            self.position = 0;
            self.key_frames += 1;
        }
        let temporal_layer = TEMPORAL_PATTERN[self.position % TEMPORAL_PATTERN.len()];
        self.position += 1;
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        if temporal_layer == 0 {
            self.base_index = self.base_index.wrapping_add(1);
        }
        let sizes = self.trace.frame(is_key);
        for (number, &payload_length) in sizes.iter().enumerate() {
            let descriptor = self.descriptor(number == 0, is_key, temporal_layer);
            let packet = Packet {
                marker: number + 1 == sizes.len(),
                timestamp,
                payload_length,
                layer: self.number,
                is_key,
                audio_level: 127,
            };
            let fill =
                |payload: &mut [u8]| payload[..descriptor.len()].copy_from_slice(&descriptor);
            self.stream
                .push(packet, session, transport_wide, fill, &mut *send);
        }
    }

    /// The descriptor (RFC 7741 §4.2) and the first bytes of the frame (RFC 6386 §9.1).
    fn descriptor(&self, is_first: bool, is_key: bool, temporal_layer: u8) -> Vec<u8> {
        let [high, low] = (self.picture_id | 0x8000).to_be_bytes();
        let starts = if is_first { 0x90 } else { 0x80 };
        let mut bytes = if self.is_scalable {
            // Layer 2 depends on layer 0 only, where it comes first after it.
            let up_switch = u8::from(self.position % 4 == 2);
            let layer = temporal_layer << 6 | up_switch << 5;
            vec![starts, 0xe0, high, low, self.base_index, layer]
        } else {
            vec![starts, 0x80, high, low]
        };
        let inter_frame = u8::from(!is_key);
        bytes.extend([inter_frame, 0, 0, 0x9d, 0x01, 0x2a, 0, 5, 0xd0, 2]);
        bytes
    }
}
