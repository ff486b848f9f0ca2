//! What processes cost: ours, and the server's.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::ClockId;
use nix::unistd::Pid;

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

/// CPU time of all threads of those processes so far, those that have ended included; to the nanosecond, since ten
/// subscribers cost less in a few seconds than a tick of `/proc/PID/stat`.
///
/// # Errors
/// If one of them does not run.
pub fn cpu_of(pids: &[u32]) -> io::Result<Duration> {
    let mut sum = Duration::ZERO;
    for &pid in pids {
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid.cast_signed()))?;
        sum += Duration::from(clock.now()?);
    }
    Ok(sum)
}

/// CPU time so far of the threads that run now, summed over those of one name. A thread may end while we look.
#[must_use]
pub fn thread_cpu_of(pids: &[u32]) -> BTreeMap<String, Duration> {
    let mut sums = BTreeMap::new();
    let folders = pids
        .iter()
        .filter_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok());
    for task in folders.flatten().flatten() {
        let (name, spent) = (task.path().join("comm"), task.path().join("schedstat"));
        if let (Ok(name), Ok(spent)) = (fs::read_to_string(name), fs::read_to_string(spent))
            && let Some(Ok(spent)) = spent.split_whitespace().next().map(str::parse)
        {
            *sums.entry(name.trim_end().to_owned()).or_default() += Duration::from_nanos(spent);
        }
    }
    sums
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
    fn work_shows_in_the_clock_of_its_process() {
        let own = [std::process::id()];
        let before = cpu_of(&own).expect("we run");
        while own_cpu().expect("we run") < before + Duration::from_millis(2) {}
        let spent = cpu_of(&own).expect("we run") - before;
        assert!(spent >= Duration::from_millis(1), "{spent:?}");
    }

    #[test]
    fn a_thread_is_found_by_its_name() {
        let named = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(|| {
                // Its clock moves with the kernel's ticks.
                while thread_cpu_of(&[std::process::id()])["worker"].is_zero() {}
            });
        named
            .expect("a thread can be had")
            .join()
            .expect("it found itself");
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        let above_the_highest = (1 << 22) + 1;
        assert!(cpu_of(&[above_the_highest]).is_err());
    }
}
