//! What publishers send: cameras and microphones, as a forwarder sees them.

pub mod camera;
pub mod microphone;
pub mod stamp;
mod stream;

use std::time::Instant;

use hoichan_srtp::Session;

use camera::Camera;
use microphone::Microphone;
pub use stream::{Extensions, Parameters, Sent, Stream};

/// What one publisher sends.
pub enum Publication {
    /// Pictures.
    Camera(Camera),
    /// Sound.
    Microphone(Box<Microphone>),
}

impl Publication {
    /// Sends what is due.
    pub fn publish(
        &mut self,
        now: Instant,
        session: &mut Session,
        transport_wide: &mut u16,
        send: &mut impl FnMut(&[u8]),
    ) {
        match self {
            Self::Camera(camera) => camera.publish(now, session, transport_wide, send),
            Self::Microphone(microphone) => microphone.publish(now, session, transport_wide, send),
        }
    }

    /// The sources.
    pub fn streams(&self) -> Vec<&Stream> {
        match self {
            Self::Camera(camera) => camera.streams().collect(),
            Self::Microphone(microphone) => vec![microphone.stream()],
        }
    }

    /// The source of that name.
    pub fn stream_mut(&mut self, ssrc: u32) -> Option<&mut Stream> {
        match self {
            Self::Camera(camera) => camera
                .streams_mut()
                .find(|one| one.parameters().ssrc == ssrc),
            Self::Microphone(microphone) => {
                Some(microphone.stream_mut()).filter(|one| one.parameters().ssrc == ssrc)
            }
        }
    }

    /// The next picture of that source will be a key frame.
    pub fn want_key_frame(&mut self, ssrc: u32) {
        if let Self::Camera(camera) = self {
            camera.want_key_frame(ssrc);
        }
    }
}
