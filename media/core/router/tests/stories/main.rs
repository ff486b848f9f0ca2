//! What publishers and subscribers do, and what must then be true. Real SRTP on every side.

#[path = "../kit/mod.rs"]
mod kit;

mod abuse;
mod any_scalable;
mod any_story;
mod audio;
mod bandwidth;
mod floods;
mod forwarding;
mod layers;
mod loss;
mod loudest;
mod redundancy;
mod relayed_voices;
mod relays;
mod reports;
mod scalable;
mod sharing;
