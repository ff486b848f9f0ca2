//! Opening data channels (RFC 8832).
