//! One instant, in the three forms that packets and reports want it.

use hoichan_wire::ntp::NtpTime;
use std::time::{Duration, Instant};

/// Ticks the router's clocks: where monotonic and wall-clock time were once compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epoch {
    instant: Instant,
    wallclock: NtpTime,
}

/// One instant. Made once per call into the router, so that a batch costs one conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Since the router was made.
    pub(crate) since_start: Duration,
    /// The same in milliseconds, wrapping after 49 days; compare with [`Moment::millis_since`].
    pub(crate) millis: u32,
    /// Wall-clock time.
    pub(crate) ntp: NtpTime,
}

impl Epoch {
    pub(crate) fn new(instant: Instant, wallclock: NtpTime) -> Self {
        Epoch { instant, wallclock }
    }

    /// The inverse of [`Epoch::at`], for deadlines.
    pub(crate) fn instant_at(&self, since_start: Duration) -> Instant {
        self.instant + since_start
    }

    /// What `now` is; times before the epoch count as the epoch.
    pub(crate) fn at(&self, now: Instant) -> Moment {
        let since_start = now.saturating_duration_since(self.instant);
        let fraction = (u64::from(since_start.subsec_nanos()) << 32) / 1_000_000_000;
        let elapsed = (since_start.as_secs() << 32) + fraction;
        Moment {
            since_start,
            millis: since_start.as_millis() as u32,
            ntp: NtpTime(self.wallclock.0.wrapping_add(elapsed)),
        }
    }
}

impl Moment {
    /// Milliseconds since `earlier`, which came from [`Moment::millis`]; right for 49 days.
    pub(crate) fn millis_since(&self, earlier: u32) -> u32 {
        self.millis.wrapping_sub(earlier)
    }

    /// Seconds in 6.18 fixed point, as the abs-send-time extension has them.
    pub(crate) fn absolute_send_time(&self) -> u32 {
        (self.ntp.0 >> 14) as u32 & 0x00ff_ffff
    }

    /// How far a media clock of `rate` ticks per second runs from the start to now, wrapping.
    pub(crate) fn media_ticks(&self, rate: u32) -> u32 {
        let nanos = self.since_start.subsec_nanos();
        let whole = self.since_start.as_secs().wrapping_mul(u64::from(rate));
        let part = u64::from(nanos) * u64::from(rate) / 1_000_000_000;
        whole.wrapping_add(part) as u32
    }
}
