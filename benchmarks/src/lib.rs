//! What both benchmarks share: the pictures that are sent, the clients that send and receive them, and the clock that
//! is paid for.
//!
//! One thread, on the second core, plays everybody outside of the server. It never sleeps: sockets are swept in turn, so
//! that no receiver has to be woken. A wake-up would be charged to the server, and would drown what is measured.

pub mod client;
pub mod cpu;
pub mod load;
pub mod publisher;
pub mod report;
pub mod trace;
