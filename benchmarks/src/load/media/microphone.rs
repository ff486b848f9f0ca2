//! A microphone: Opus in 20 ms, with DTX while nobody speaks.

use std::time::{Duration, Instant};

use hoichan_srtp::Session;

use super::stamp;
use super::stream::{Packet, Parameters, Stream};

const FRAME: Duration = Duration::from_millis(20);
const TICKS: u32 = 960;
/// In silence, libopus sends one frame in so many (400 ms).
const SILENT_FRAMES: u64 = 20;
/// Speech and silence follow each other within so many frames (5 s).
const TURN: u64 = 250;
/// 32 kbit/s, a fifth up and down.
const SPEECH_BYTES: std::ops::Range<usize> = 64..96;
/// In -dBov (RFC 6464).
const SPEECH_LEVEL: u8 = 30;
const SILENCE_LEVEL: u8 = 127;

/// What one microphone sends.
pub struct Microphone {
    stream: Stream,
    frames: u64,
    next_frame: Instant,
    /// Where in its turn it began: they do not all speak at once.
    phase: u64,
    speech_frames: u64,
    was_speaking: bool,
}

impl Microphone {
    /// Begins at `first_frame`; hears speech for the share `talking` of the time.
    #[must_use]
    pub fn new(first_frame: Instant, parameters: Parameters, talking: f64) -> Self {
        Self {
            phase: u64::from(parameters.ssrc.wrapping_mul(0x9e37_79b9)) % TURN,
            stream: Stream::new(parameters),
            frames: 0,
            next_frame: first_frame,
            speech_frames: (TURN as f64 * talking) as u64,
            was_speaking: false,
        }
    }

    /// The source.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The source.
    pub fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Sends the frame that is due, if it is worth sending.
    pub fn publish(
        &mut self,
        now: Instant,
        session: &mut Session,
        transport_wide: &mut u16,
        send: &mut impl FnMut(&[u8]),
    ) {
        while self.next_frame <= now {
            self.next_frame += FRAME;
            self.frames += 1;
            let is_speaking = (self.frames + self.phase) % TURN < self.speech_frames;
            if is_speaking || self.frames.is_multiple_of(SILENT_FRAMES) {
                self.send_frame(is_speaking, session, transport_wide, send);
            }
            self.was_speaking = is_speaking;
        }
    }

    fn send_frame(
        &mut self,
        is_speaking: bool,
        session: &mut Session,
        transport_wide: &mut u16,
        send: &mut impl FnMut(&[u8]),
    ) {
        let varied = self.frames.wrapping_mul(7919) as usize % SPEECH_BYTES.len();
        let packet = Packet {
            marker: is_speaking && !self.was_speaking,
            timestamp: (self.frames as u32).wrapping_mul(TICKS),
            payload_length: if is_speaking {
                SPEECH_BYTES.start + varied
            } else {
                1 + stamp::LENGTH
            },
            layer: 0,
            is_key: true,
            audio_level: if is_speaking {
                0x80 | SPEECH_LEVEL
            } else {
                SILENCE_LEVEL
            },
        };
        // The table-of-contents byte of 20 ms of wide-band speech in one frame (RFC 6716 §3.1).
        let fill = |payload: &mut [u8]| payload[0] = 0x48;
        self.stream
            .push(packet, session, transport_wide, fill, send);
    }
}
