//! A 720p camera, as packets.

use std::time::Duration;

/// Between two frames.
pub const FRAME_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// Together with 30 frames a second: 1.7 Mbit/s.
const FRAME_BYTES: usize = 7_083;
/// A key frame of such a camera is about six times as large.
const KEY_FRAME_BYTES: usize = 42_000;
/// libwebrtc keeps RTP packets to 1200 bytes, header and tag included.
const LARGEST_PAYLOAD: usize = 1_150;

/// Frame sizes vary by a third either way, in an order that is the same in every run.
///
/// A frame is cut into equal packets, as libwebrtc's packetiser does: in Chromium's own, sizes within a frame differ by a
/// byte at most.
#[derive(Debug)]
pub struct Trace {
    state: u64,
}

impl Trace {
    /// `seed` is the camera.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The payload sizes of the next frame's packets.
    pub fn frame(&mut self, is_key: bool) -> Vec<usize> {
        // Knuth's MMIX generator; its upper bits are good enough for sizes.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let spread = FRAME_BYTES * 2 / 3;
        let usual = FRAME_BYTES - spread / 2 + (self.state >> 33) as usize % spread;
        let bytes = if is_key { KEY_FRAME_BYTES } else { usual };
        let packets = bytes.div_ceil(LARGEST_PAYLOAD);
        (0..packets)
            .map(|number| bytes / packets + usize::from(number < bytes % packets))
            .collect()
    }
}
