//! vp8: follows.
