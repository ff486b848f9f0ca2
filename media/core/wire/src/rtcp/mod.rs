//! rtcp/mod: follows.
