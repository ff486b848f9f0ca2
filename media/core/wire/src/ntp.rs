//! Wall-clock time as RTCP carries it.

use std::time::Duration;

/// Seconds from 1900 (NTP) to 1970 (Unix). (RFC 5905 §A.4)
const UNIX_EPOCH_SECONDS: u64 = 2_208_988_800;

/// An NTP timestamp: seconds since 1900 in the upper 32 bits, fractions of 2^-32 s below. (RFC 3550 §4)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// The time `since_unix_epoch` after 1970; wraps in 2036 as NTP itself does.
    pub fn from_unix(since_unix_epoch: Duration) -> Self {
        let seconds = since_unix_epoch.as_secs().wrapping_add(UNIX_EPOCH_SECONDS);
        let fraction = (u64::from(since_unix_epoch.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTime((seconds << 32) | fraction)
    }

    /// The middle 32 bits: units of 2^-16 s, as in LSR and DLSR. (RFC 3550 §6.4.1)
    pub fn compact(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

/// A duration in units of 2^-16 s, as DLSR wants it; what does not fit is the largest value (18 hours).
pub fn compact_duration(duration: Duration) -> u32 {
    let units = (duration.as_nanos() << 16) / 1_000_000_000;
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The duration of a count of 2^-16 s. Inverse of [`compact_duration`] to within 16 us.
pub fn duration_of_compact(units: u32) -> Duration {
    Duration::from_nanos((u64::from(units) * 1_000_000_000) >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unix_epoch_is_seventy_years_after_ntps() {
        assert_eq!(NtpTime::from_unix(Duration::ZERO).0, 0x83aa_7e80_0000_0000);
    }

    #[test]
    fn the_compact_form_is_the_example_of_rfc_3550() {
        // §6.4.1, figure 2: SR at 10 Nov 1995 11:33:25.125 UTC, NTP 0xb44db705:20000000.
        let sent = NtpTime(0xb44d_b705_2000_0000);
        assert_eq!(sent.compact(), 0xb705_2000);
        assert_eq!(compact_duration(Duration::from_millis(5250)), 0x0005_4000);
        assert_eq!(
            duration_of_compact(0x0006_2000),
            Duration::from_millis(6125)
        );
    }

    #[test]
    fn half_a_second_is_half_the_fraction() {
        let half = NtpTime::from_unix(Duration::from_millis(500)).0;
        assert_eq!(half as u32, 0x8000_0000);
    }
}
