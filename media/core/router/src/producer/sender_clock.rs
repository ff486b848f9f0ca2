//! Where the timestamps of one stream stand in wall-clock time, by its latest sender report. (RFC 3550 §6.4.1)

use hoichan_wire::ntp::NtpTime;

/// One point where the publisher's wall clock and a stream's media clock meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderClock {
    /// On the publisher's clock, which is nobody else's.
    pub(crate) ntp: NtpTime,
    pub(crate) timestamp: u32,
}

impl SenderClock {
    /// The stream's timestamp when the publisher's clock showed `ntp`, wrapping. `rate` is in ticks per second.
    pub(crate) fn timestamp_at(&self, ntp: NtpTime, rate: u32) -> u32 {
        let elapsed = i128::from(ntp.0.wrapping_sub(self.ntp.0) as i64);
        let ticks = (elapsed * i128::from(rate)) >> 32;
        self.timestamp.wrapping_add(ticks as u32)
    }

    /// What is to be added to a timestamp of this stream to get that of `other` for the same instant.
    pub(crate) fn shift_to(&self, other: &SenderClock, rate: u32) -> u32 {
        other
            .timestamp_at(self.ntp, rate)
            .wrapping_sub(self.timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_layers_of_one_camera_meet_in_wall_clock_time() {
        let low = SenderClock {
            ntp: NtpTime(100 << 32),
            timestamp: 5_000,
        };
        let high = SenderClock {
            ntp: NtpTime((100 << 32) - (1 << 31)),
            timestamp: 4_000_000_000,
        };
        // Half a second earlier, `low` stood at 5 000 − 45 000.
        let captured_at_high_report = 5_000_u32.wrapping_sub(45_000);
        let shift = high.shift_to(&low, 90_000);
        assert_eq!(high.timestamp.wrapping_add(shift), captured_at_high_report);
        assert_eq!(low.shift_to(&high, 90_000), 0_u32.wrapping_sub(shift));
    }
}
