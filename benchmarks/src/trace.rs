//! A camera, as packets.

use std::time::Duration;

/// Between two frames.
pub const FRAME_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// How large the frames of one layer are.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    frame_bytes: usize,
    key_frame_bytes: usize,
}

/// The layers of a 720p camera in Chromium, lowest first: 180p, 360p and 720p at 160, 450 and 1700 kbit/s and 30 frames a
/// second. A key frame is about six times as large as another; more, the smaller the picture.
pub const LAYERS: [Layer; 3] = [
    Layer {
        frame_bytes: 667,
        key_frame_bytes: 6_000,
    },
    Layer {
        frame_bytes: 1_875,
        key_frame_bytes: 14_000,
    },
    Layer {
        frame_bytes: 7_083,
        key_frame_bytes: 42_000,
    },
];
/// libwebrtc keeps RTP packets to 1200 bytes, header and tag included.
const LARGEST_PAYLOAD: usize = 1_150;

/// Frame sizes vary by a third either way, in an order that is the same in every run.
///
/// A frame is cut into equal packets, as libwebrtc's packetiser does: in Chromium's own, sizes within a frame differ by a
/// byte at most.
#[derive(Debug)]
pub struct Trace {
    state: u64,
    layer: Layer,
}

impl Trace {
    /// The largest layer; `seed` is the camera.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of_layer(seed, LAYERS[2])
    }

    /// One layer; `seed` is the camera.
    #[must_use]
    pub fn of_layer(seed: u64, layer: Layer) -> Self {
        Self { state: seed, layer }
    }

    /// The payload sizes of the next frame's packets.
    pub fn frame(&mut self, is_key: bool) -> Vec<usize> {
        // Knuth's MMIX generator; its upper bits are good enough for sizes.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let Layer {
            frame_bytes,
            key_frame_bytes,
        } = self.layer;
        let spread = frame_bytes * 2 / 3;
        let usual = frame_bytes - spread / 2 + (self.state >> 33) as usize % spread;
        let bytes = if is_key { key_frame_bytes } else { usual };
        let packets = bytes.div_ceil(LARGEST_PAYLOAD);
        (0..packets)
            .map(|number| bytes / packets + usize::from(number < bytes % packets))
            .collect()
    }
}
