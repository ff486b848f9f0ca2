//! What processes cost: ours, and the server's.

use std::fs;
use std::io;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// USER_HZ, which is the same on every Linux that we meet.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time of all threads of this process so far.
///
/// # Errors
/// Never, on Linux.
pub fn own_cpu() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let duration =
        |time: TimeVal| Duration::from_micros((time.tv_sec() * 1_000_000 + time.tv_usec()) as u64);
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

/// CPU time of all threads of those processes so far, those that have ended included; to 10 ms.
///
/// # Errors
/// If one of them does not run.
pub fn cpu_of(pids: &[u32]) -> io::Result<Duration> {
    let mut ticks = 0;
    for pid in pids {
        ticks += parse_ticks(&fs::read_to_string(format!("/proc/{pid}/stat"))?)
            .ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// User and system time, fields 14 and 15 (proc(5)); the second field may hold spaces and brackets.
fn parse_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Resident memory of those processes, in KiB.
///
/// # Errors
/// If one of them does not run.
pub fn rss_kib_of(pids: &[u32]) -> io::Result<u64> {
    let mut sum = 0;
    for pid in pids {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        sum += kib.ok_or(io::ErrorKind::InvalidData)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_brackets() {
        let stat = "77 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 9";
        assert_eq!(parse_ticks(stat), Some(300));
    }
}
