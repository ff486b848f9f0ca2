//! Wire formats as values: parsers and builders that own no state, read no clock and do no I/O.
//!
//! Every parser here runs on bytes a stranger may have sent, so all of them hold to the same four rules:
//! they never panic, never read past the slice they were given, never allocate more than they were given
//! bytes, and answer what they cannot read with `None`. Builders write into buffers of the caller and
//! answer `None` when the buffer is too small.
//!
//! | module | what it reads and writes | source |
//! | --- | --- | --- |
//! | [`rtp`] | RTP header, header extensions, telling protocols on one port apart | RFC 3550, 8285, 7983 |
//! | [`rtcp`] | reports, NACK, PLI, FIR, transport-wide feedback, REMB | RFC 3550, 4585, 5104 |
//! | [`vp8`], [`vp9`], [`h264`], [`av1`] | where a key frame starts; what must be rewritten per subscriber | RFC 7741, 9628, 6184, AV1 RTP |
//! | [`picture_numbers`] | what VP8 and VP9 have in common of that | RFC 7741, 9628 |
//! | [`red`] | audio packets that repeat those before them | RFC 2198 |
//! | [`dependency_descriptor`] | layers and dependencies of frames, beside the payload | AV1 RTP |
//! | [`seq`], [`ntp`] | wide sequence numbers, wall-clock time | RFC 3550 |
//! | [`stun`] | STUN messages as ICE-lite needs them | RFC 8489 |
//! | [`dcep`] | opening data channels | RFC 8832 |
//! | [`framing`] | packets inside a TCP stream | RFC 4571 |
//! | [`path`] | the way to a peer: an address, over UDP or one TCP connection | - |

mod cursor;

pub mod av1;
pub mod dcep;
pub mod dependency_descriptor;
pub mod framing;
pub mod h264;
pub mod ntp;
pub mod path;
pub mod picture_numbers;
pub mod red;
pub mod rtcp;
pub mod rtp;
pub mod seq;
pub mod stun;
pub mod vp8;
pub mod vp9;
