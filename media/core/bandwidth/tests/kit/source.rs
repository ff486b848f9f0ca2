//! What an SFU has to send to one subscriber: voice, and frames of one of a few layers.

use super::random::Random;

/// Frames a second.
const FRAME_RATE: f64 = 30.0;

/// A key frame is so many times as large as another one.
const KEY_FRAME: f64 = 6.0;

/// Of a video packet, with all headers.
const PACKET: usize = 1200;

/// Voice: 60 bytes of Opus, with all headers, every 20 ms.
pub const AUDIO_PERIOD: u64 = 20_000;
pub const AUDIO_BYTES: usize = 130;
pub const AUDIO_RATE: f64 = AUDIO_BYTES as f64 * 8.0 * 50.0;
pub const FRAME_PERIOD: u64 = (1e6 / FRAME_RATE) as u64;

/// How the rate of the video follows what is available.
#[derive(Clone)]
pub enum Video {
    None,
    /// Simulcast layers by rising rate: the best that fits, and a key frame at each switch.
    Layers(Vec<f64>),
    /// An encoder that fills what is available, up to this.
    Elastic(f64),
}

pub struct Source {
    video: Video,
    rate: f64,
    needs_key_frame: bool,
}

impl Source {
    pub fn new(video: Video) -> Self {
        Source {
            video,
            rate: 0.0,
            needs_key_frame: true,
        }
    }

    /// All it would like to send.
    pub fn desired(&self) -> f64 {
        AUDIO_RATE
            + match &self.video {
                Video::None => 0.0,
                Video::Layers(rates) => *rates.last().expect("a layer"),
                Video::Elastic(most) => *most,
            }
    }

    /// The packets of the next frame.
    pub fn frame(&mut self, available: f64, random: &mut Random) -> Vec<usize> {
        self.choose(available - AUDIO_RATE);
        let scale = if std::mem::take(&mut self.needs_key_frame) {
            KEY_FRAME
        } else {
            (1.0 + 0.2 * random.normal()).max(0.3)
        };
        let mut bytes = (self.rate / 8.0 / FRAME_RATE * scale) as usize;
        let count = bytes.div_ceil(PACKET);
        let mut sizes = Vec::with_capacity(count);
        for left in (1..=count).rev() {
            sizes.push((bytes / left).max(100));
            bytes -= bytes / left;
        }
        sizes
    }

    fn choose(&mut self, available: f64) {
        let rate = match &self.video {
            Video::None => 0.0,
            Video::Layers(rates) => {
                // Upwards with a little room, as an allocator with hysteresis does.
                let fits = |rate: f64| rate <= available / if rate > self.rate { 1.1 } else { 1.0 };
                let best = rates.iter().rfind(|rate| fits(**rate));
                best.copied().unwrap_or(0.0)
            }
            Video::Elastic(most) => (0.95 * available).clamp(0.0, *most),
        };
        if matches!(self.video, Video::Layers(_)) && rate != self.rate && rate > 0.0 {
            self.needs_key_frame = true;
        }
        self.rate = rate;
    }
}
