//! What one worker has for another: datagrams that came to the wrong socket, what must be known of them, and what the
//! routers of the two relay.

use hoichan_router::Post;
use hoichan_wire::path::Path;

use crate::crew::WorkerIndex;
use crate::net::tcp::Handed;

/// Datagrams of one parcel together; what comes beyond it is lost, as it would be in a full socket.
pub const MAX_PARCEL_BYTES: usize = 1 << 20;

/// Something a worker must know; never lost on the way.
#[derive(Debug)]
pub enum Notice {
    /// Datagrams from this path come to your socket, and are `owner`'s.
    Route {
        /// Whence they come.
        path: Path,
        /// Whose they are.
        owner: WorkerIndex,
    },
    /// Datagrams from this path are mine no more.
    Unroute {
        /// Whence they come.
        path: Path,
    },
    /// A path of yours has been proved by a transport of `by`: let it go, unless your peer's media flows over it.
    Claimed {
        /// Which path.
        path: Path,
        /// Who wants it.
        by: WorkerIndex,
    },
    /// The path you have taken carries media of a transport of mine.
    Refused {
        /// Which path.
        path: Path,
    },
    /// This connection's first words are for a transport of yours.
    Connection(Handed),
    /// I have begun anew: nothing of what was mine is there any more.
    Reborn,
}

/// What one worker has for another.
#[derive(Debug, Default)]
pub struct Parcel {
    /// Whose it is.
    pub from: WorkerIndex,
    bytes: Vec<u8>,
    datagrams: Vec<(Path, usize)>,
    notices: Vec<Notice>,
    /// What the routers have for each other.
    pub relayed: Post,
}

impl Parcel {
    /// An empty one of worker `from`.
    #[must_use]
    pub fn new(from: WorkerIndex) -> Self {
        Self {
            from,
            ..Self::default()
        }
    }

    /// Adds a copy of a datagram; false if the parcel is full.
    #[must_use]
    pub fn add(&mut self, path: Path, datagram: &[u8]) -> bool {
        let has_room = self.bytes.len() + datagram.len() <= MAX_PARCEL_BYTES;
        if has_room {
            self.bytes.extend_from_slice(datagram);
            self.datagrams.push((path, datagram.len()));
        }
        has_room
    }

    /// Adds a notice.
    pub fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty() && self.notices.is_empty() && self.relayed.is_empty()
    }

    /// Its notices, which are to be read before the datagrams.
    pub fn take_notices(&mut self) -> std::vec::Drain<'_, Notice> {
        self.notices.drain(..)
    }

    /// Hands each datagram to `take`, and forgets them all.
    pub fn open(&mut self, mut take: impl FnMut(Path, &mut [u8])) {
        let mut rest = self.bytes.as_mut_slice();
        for (path, len) in self.datagrams.drain(..) {
            let (datagram, others) = rest.split_at_mut(len);
            take(path, datagram);
            rest = others;
        }
        self.bytes.clear();
    }

    /// Forgets everything, for a worker that begins anew.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.datagrams.clear();
        self.notices.clear();
        self.relayed.reset();
    }
}
