//! Which of our file descriptors is ready.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::{Timespec, epoll};

const EVENTS_PER_WAIT: usize = 64;
const FIRST_CONNECTION: u64 = 1 << 32;

/// What a file descriptor is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The bell of the command ring.
    Commands,
    /// The UDP socket of all peers.
    Udp,
    /// The TCP socket that accepts.
    Listener,
    /// The bell of what other workers send.
    Inbox,
    /// One accepted TCP connection.
    Connection(u32),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// A connection to accept, of a listener that others watch as well: one of them is woken.
    Accept,
    /// Something to read.
    Read,
    /// Something to read, or room to write.
    ReadWrite,
}

/// A descriptor that can be read from or written to, or whose peer has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Which one.
    pub source: Source,
    /// Data, a connection, or the end of the stream waits.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
}

/// An epoll instance, level-triggered.
#[derive(Debug)]
pub struct Poll {
    epoll: OwnedFd,
}

impl Poll {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// If the process may open no more file descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
        })
    }

    /// Watches `fd` until it is closed.
    ///
    /// # Errors
    /// As of epoll_ctl(2).
    pub fn add(&self, fd: impl AsFd, source: Source, interest: Interest) -> io::Result<()> {
        Ok(epoll::add(
            &self.epoll,
            fd,
            source.encode(),
            interest.flags(),
        )?)
    }

    /// Changes what is waited for on `fd`.
    ///
    /// # Errors
    /// As of epoll_ctl(2).
    pub fn modify(&self, fd: impl AsFd, source: Source, interest: Interest) -> io::Result<()> {
        Ok(epoll::modify(
            &self.epoll,
            fd,
            source.encode(),
            interest.flags(),
        )?)
    }

    /// Watches `fd` no more.
    ///
    /// # Errors
    /// As of epoll_ctl(2).
    pub fn remove(&self, fd: impl AsFd) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, fd)?)
    }

    /// Waits for at most `timeout` (`None`: for ever) and appends what is ready to `ready`.
    ///
    /// # Errors
    /// As of epoll_wait(2), but an interruption by a signal is no error.
    pub fn wait(&self, timeout: Option<Duration>, ready: &mut Vec<Ready>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let mut events = [const { MaybeUninit::uninit() }; EVENTS_PER_WAIT];
        let events = match epoll::wait(&self.epoll, &mut events, timeout.as_ref()) {
            Ok((events, _)) => events,
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        ready.extend(events.iter().map(|event| {
            let (flags, data) = (event.flags, event.data);
            let ended = flags.intersects(epoll::EventFlags::ERR | epoll::EventFlags::HUP);
            Ready {
                source: Source::decode(data),
                readable: ended || flags.contains(epoll::EventFlags::IN),
                writable: flags.contains(epoll::EventFlags::OUT),
            }
        }));
        Ok(())
    }
}

impl Interest {
    fn flags(self) -> epoll::EventFlags {
        match self {
            Self::Accept => epoll::EventFlags::IN | epoll::EventFlags::EXCLUSIVE,
            Self::Read => epoll::EventFlags::IN,
            Self::ReadWrite => epoll::EventFlags::IN | epoll::EventFlags::OUT,
        }
    }
}

impl Source {
    fn encode(self) -> epoll::EventData {
        epoll::EventData::new_u64(match self {
            Self::Commands => 0,
            Self::Udp => 1,
            Self::Listener => 2,
            Self::Inbox => 3,
            Self::Connection(number) => FIRST_CONNECTION | u64::from(number),
        })
    }

    fn decode(data: epoll::EventData) -> Self {
        match data.u64() {
            0 => Self::Commands,
            1 => Self::Udp,
            2 => Self::Listener,
            3 => Self::Inbox,
            // The lower half is the number, as encoded above.
            connection => Self::Connection(connection as u32),
        }
    }
}
