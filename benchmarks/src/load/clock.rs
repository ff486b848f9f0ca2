//! The clock that stamps packets: the kernel's, with which it also notes when a datagram has come.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970.
pub type Nanoseconds = u64;

/// What the wall clock shows. A machine whose clock is stepped during a run measures nonsense.
#[must_use]
pub fn wall() -> Nanoseconds {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as Nanoseconds)
}
