//! Who is audible, and who of many is forwarded.

mod last_n;
mod levels;

pub(crate) use last_n::LastN;
pub(crate) use levels::{LevelWindow, WINDOW};
