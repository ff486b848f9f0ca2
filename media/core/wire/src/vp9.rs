//! vp9: follows.
