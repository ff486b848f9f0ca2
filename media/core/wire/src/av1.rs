//! av1: follows.
