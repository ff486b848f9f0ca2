//! Packets inside a TCP stream (RFC 4571).
