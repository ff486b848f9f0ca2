//! A camera's packets: VP8 as a forwarder sees it, with the time of sending inside.

use std::time::{Duration, Instant};

use hoichan_core::net::sys::SendBatch;
use hoichan_srtp::Session;
use hoichan_wire::rtp::{ExtensionWriter, FIXED_HEADER_LEN, Fields, Form, write_fixed};
use std::net::{SocketAddr, UdpSocket};

use crate::trace::{FRAME_INTERVAL, Trace};

/// Where in the payload the time of sending lies: behind VP8's descriptor and a key frame's header.
const STAMP: std::ops::Range<usize> = 16..24;
/// VP8's.
pub const PAYLOAD_TYPE: u8 = 96;
/// The id of the MID extension.
pub const MID_ID: u8 = 1;
/// The id of the absolute send time.
pub const ABS_SEND_TIME_ID: u8 = 2;
/// The id of the transport-wide sequence number.
pub const TWCC_ID: u8 = 3;
const CLOCK_RATE: u64 = 90_000;

/// What a camera sends, frame by frame.
pub struct Publisher {
    trace: Trace,
    ssrc: u32,
    index: u64,
    transport_wide: u16,
    frames: u64,
    next_frame: Instant,
    key_wanted: bool,
    arena: Vec<u8>,
    batch: SendBatch,
}

impl Publisher {
    /// Begins with a key frame at `first_frame`.
    #[must_use]
    pub fn new(first_frame: Instant, ssrc: u32) -> Self {
        Self {
            trace: Trace::new(ssrc.into()),
            ssrc,
            index: 0,
            transport_wide: 0,
            frames: 0,
            next_frame: first_frame,
            key_wanted: true,
            arena: Vec::new(),
            batch: SendBatch::new(),
        }
    }

    /// The next frame will be a key frame.
    pub fn want_key_frame(&mut self) {
        self.key_wanted = true;
    }

    /// Sends the next frame to `server` if it is due; returns how many packets that were.
    pub fn publish(
        &mut self,
        now: Instant,
        start: Instant,
        session: &mut Session,
        socket: &UdpSocket,
        server: SocketAddr,
    ) -> usize {
        if now < self.next_frame {
            return 0;
        }
        self.next_frame += FRAME_INTERVAL;
        let is_key = std::mem::take(&mut self.key_wanted);
        let sizes = self.trace.frame(is_key);
        self.arena.clear();
        self.batch.clear();
        for (number, &size) in sizes.iter().enumerate() {
            let place = Place {
                is_key,
                is_first: number == 0,
                is_last: number + 1 == sizes.len(),
            };
            let begun = self.arena.len();
            self.seal(size, place, now - start, session);
            self.batch
                .push(server, begun, self.arena.len() - begun, None);
        }
        self.frames += 1;
        self.send(socket);
        sizes.len()
    }

    fn seal(&mut self, size: usize, place: Place, since_start: Duration, session: &mut Session) {
        let begun = self.arena.len();
        let fields = Fields {
            marker: place.is_last,
            payload_type: PAYLOAD_TYPE,
            sequence: self.index as u16,
            timestamp: (self.frames * CLOCK_RATE / 30) as u32,
            ssrc: self.ssrc,
        };
        let mut header = [0; 64];
        let (fixed, block) = header
            .split_first_chunk_mut::<FIXED_HEADER_LEN>()
            .expect("64 bytes hold a header");
        write_fixed(fixed, &fields, true, false);
        let mut writer = ExtensionWriter::new(block, Form::OneByte).expect("there is room");
        writer.push(MID_ID, b"0").expect("there is room");
        writer
            .push(ABS_SEND_TIME_ID, &[0; 3])
            .expect("there is room");
        writer
            .push(TWCC_ID, &self.transport_wide.to_be_bytes())
            .expect("there is room");
        let header_length = FIXED_HEADER_LEN + writer.finish(0).expect("there is room");
        self.arena.extend_from_slice(&header[..header_length]);
        let payload = self.arena.len();
        self.arena.resize(payload + size, 0xA5);
        place.write_vp8(&mut self.arena[payload..]);
        let stamp = since_start.as_nanos() as u64;
        self.arena[payload..][STAMP].copy_from_slice(&stamp.to_be_bytes());
        let plain_length = self.arena.len() - begun;
        let overhead = session.outbound.rtp_overhead();
        self.arena.resize(self.arena.len() + overhead, 0);
        session
            .outbound
            .seal_rtp(
                &mut self.arena[begun..],
                header_length,
                plain_length,
                self.index,
            )
            .expect("indices only rise");
        self.index += 1;
        self.transport_wide = self.transport_wide.wrapping_add(1);
    }

    fn send(&mut self, socket: &UdpSocket) {
        let mut done = 0;
        while done < self.batch.len() {
            // A full socket is loss, as on any network.
            done += self.batch.send(socket, &self.arena, done).unwrap_or(1);
        }
    }
}

/// Where in its frame a packet is.
#[derive(Clone, Copy)]
struct Place {
    is_key: bool,
    is_first: bool,
    is_last: bool,
}

impl Place {
    /// The descriptor, and the frame's first bytes (RFC 7741 §4.2, RFC 6386 §9.1).
    fn write_vp8(self, payload: &mut [u8]) {
        payload[0] = if self.is_first { 0x10 } else { 0x00 };
        let inter_frame = u8::from(!self.is_key);
        payload[1..11].copy_from_slice(&[inter_frame, 0, 0, 0x9d, 0x01, 0x2a, 0, 5, 0xd0, 2]);
    }
}

/// How long ago, at `now`, a packet with this payload was sent.
#[must_use]
pub fn delay(now: Duration, payload: &[u8]) -> Option<Duration> {
    let stamp = payload.get(STAMP)?.try_into().ok()?;
    Some(now.saturating_sub(Duration::from_nanos(u64::from_be_bytes(stamp))))
}
