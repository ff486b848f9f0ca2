//! h264: follows.
