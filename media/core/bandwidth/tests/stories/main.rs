//! Calls over links of all kinds, in virtual time: the profiles that weak links are measured with, P2 to P13.
//! `cargo test -p hoichan-bandwidth --test stories -- --nocapture` shows the figures.

#[path = "../kit/mod.rs"]
mod kit;

mod limited;
mod radio;
mod sharing;
mod thin;

use kit::source::Video;

/// The layers of one camera, in bit/s.
fn camera() -> Video {
    Video::Layers(vec![150e3, 500e3, 1_700e3])
}
