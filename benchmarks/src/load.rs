//! A load client for any SFU: it joins rooms over the network as people would, sends what cameras and microphones send,
//! and measures what arrives.
//!
//! | module | what it is |
//! | --- | --- |
//! | `options`, `result` | the command line, and the answer |
//! | `run` | the loop: who joins when, and what is measured |
//! | `participant` | one person: signalling, and the peer connections that it opens |
//! | `signalling` | an adapter for each kind of server |
//! | `sdp` | as much of it as offers and answers need |
//! | `peer` | ICE, DTLS and SRTP over one socket |
//! | `media` | what publishers send |
//! | `reception` | what subscribers count, and what they tell the server |

pub mod clock;
pub mod media;
pub mod options;
pub mod participant;
pub mod peer;
pub mod process;
pub mod progress;
pub mod reception;
pub mod result;
pub mod run;
pub mod sdp;
pub mod signalling;
pub mod socket;
