//! Calls over links of all kinds, in virtual time. `--nocapture` shows the figures.

#[path = "../kit/mod.rs"]
mod kit;

mod weak_links;
