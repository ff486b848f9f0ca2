//! Cores, and the time spent on them.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};

/// Where what is measured runs.
pub const SERVER: usize = 0;
/// Where everybody else runs.
pub const CLIENTS: usize = 1;

const PATIENCE: Duration = Duration::from_secs(5);

/// Binds this thread, and those it will start, to one core.
///
/// # Errors
/// If the machine has no such core.
pub fn pin(core: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// The CPU time of one thread of this process, found by its name.
#[derive(Debug)]
pub struct ThreadTime {
    schedstat: PathBuf,
}

impl ThreadTime {
    /// A thread names itself as the first thing it does, so this waits a little for the name to appear.
    ///
    /// # Errors
    /// If there is no such thread.
    pub fn of(name: &str) -> io::Result<Self> {
        let begun = Instant::now();
        loop {
            match Self::find(name) {
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound && begun.elapsed() < PATIENCE => {}
                found => return found,
            }
        }
    }

    fn find(name: &str) -> io::Result<Self> {
        for task in fs::read_dir("/proc/self/task")? {
            let task = task?.path();
            if fs::read_to_string(task.join("comm"))?.trim_end() == name {
                let schedstat = task.join("schedstat");
                return Ok(Self { schedstat });
            }
        }
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("no thread {name}"),
        ))
    }

    /// The calling thread.
    #[must_use]
    pub fn own() -> Self {
        Self {
            schedstat: PathBuf::from("/proc/thread-self/schedstat"),
        }
    }

    /// Time on the CPU since the thread began, user and system together, in nanoseconds' resolution.
    ///
    /// # Errors
    /// If the thread has ended, or the kernel keeps no such statistics.
    pub fn spent(&self) -> io::Result<Duration> {
        self.field(0)
    }

    /// Time for which the thread could have run, but another had its core: whatever was measured meanwhile is disturbed.
    ///
    /// # Errors
    /// As of [`Self::spent`].
    pub fn waited(&self) -> io::Result<Duration> {
        self.field(1)
    }

    fn field(&self, number: usize) -> io::Result<Duration> {
        let text = fs::read_to_string(&self.schedstat)?;
        let nanoseconds = text
            .split(' ')
            .nth(number)
            .and_then(|field| field.parse().ok());
        nanoseconds
            .map(Duration::from_nanos)
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}
