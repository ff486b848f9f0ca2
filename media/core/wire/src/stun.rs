//! STUN messages as ICE-lite needs them (RFC 8489).
