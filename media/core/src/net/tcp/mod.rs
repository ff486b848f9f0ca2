//! ICE over TCP (RFC 6544): passive connections whose streams carry datagrams in RFC 4571 frames.
//!
//! A stranger may connect, but not stay: a connection that no transport has verified within [`UNVERIFIED_LIFE`] is
//! closed, and there are never more than [`MAX_UNVERIFIED`] such, the oldest yields. Output waits in a bounded
//! buffer per connection; when the peer reads too slowly, media is dropped first, and at the end the connection.

mod connection;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoichan_wire::framing;

use super::poll::{Interest, Poll, Source};
use connection::Connection;

/// How long a connection may take to bring a STUN request with valid integrity.
pub const UNVERIFIED_LIFE: Duration = Duration::from_secs(15);
/// An honest peer is unverified for a round trip or two; only an attack keeps so many open.
pub const MAX_UNVERIFIED: usize = 512;
/// About a second of 2 Mbit/s video: older media is of no use to anyone.
const MEDIA_LIMIT: usize = 256 * 1024;
/// STUN, DTLS and data messages may wait behind the media.
const CONTROL_LIMIT: usize = 1024 * 1024;
/// Reads of one connection before the others get their turn.
const READS_PER_TURN: usize = 4;
const ACCEPTS_PER_TURN: usize = 64;
/// How long nothing is accepted after the system had no descriptor or memory for a connection: it waits in the
/// listener meanwhile, and so would wake us without end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Whether a frame may be dropped when its connection is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// RTP and RTCP.
    Media,
    /// All else.
    Control,
}

/// What became of a frame that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It waits for [`Tcp::flush`].
    Queued,
    /// The connection is slow, or gone: the frame was dropped.
    Dropped,
    /// Even control overflows: the connection is to be closed.
    Stuck,
}

/// A connection on its way from one worker to another.
#[derive(Debug)]
pub struct Handed {
    connection: Connection,
    accepted: Instant,
    /// What its peer has said so far, and the receiver must hear.
    pub said: Vec<Vec<u8>>,
}

/// The listening socket, which all workers share, and everything this one has accepted.
#[derive(Debug)]
pub struct Tcp {
    listener: Arc<TcpListener>,
    /// Until when nothing is accepted.
    paused_until: Option<Instant>,
    /// How often that has happened.
    accept_failures: u64,
    connections: HashMap<u32, Connection>,
    /// When each connection that nobody has verified was accepted. Numbers rise, so the first is the oldest.
    unverified: BTreeMap<u32, Instant>,
    next: u32,
    /// Connections with output that [`Tcp::flush`] has not seen yet.
    dirty: Vec<u32>,
    scratch: Box<[u8]>,
    /// One frame, where it may be decrypted in place.
    frame: Box<[u8]>,
}

/// Listens on `address`; port 0 picks a free one.
///
/// # Errors
/// If the address cannot be bound.
pub fn bind(address: SocketAddr) -> io::Result<Arc<TcpListener>> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(Arc::new(listener))
}

impl Tcp {
    /// Accepts from `listener`, made by [`bind`].
    #[must_use]
    pub fn new(listener: Arc<TcpListener>) -> Self {
        Self {
            listener,
            paused_until: None,
            accept_failures: 0,
            connections: HashMap::new(),
            unverified: BTreeMap::new(),
            next: 0,
            dirty: Vec::new(),
            scratch: vec![0; 16 * 1024].into_boxed_slice(),
            frame: vec![0; framing::MAX_FRAME].into_boxed_slice(),
        }
    }

    /// The listening socket.
    #[must_use]
    pub fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// How many connections are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.connections.len()
    }

    /// Whether no connection is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// How often a connection could not be accepted because the system had no descriptor or memory for it.
    #[must_use]
    pub fn accept_failures(&self) -> u64 {
        self.accept_failures
    }

    /// Begins to watch the listener.
    ///
    /// # Errors
    /// As of epoll_ctl(2).
    pub fn watch(&self, poll: &Poll) -> io::Result<()> {
        poll.add(&*self.listener, Source::Listener, Interest::Accept)
    }

    /// Takes what waits on the listener; where there are too many strangers then, the oldest go.
    pub fn accept(&mut self, now: Instant, poll: &Poll) {
        for _ in 0..ACCEPTS_PER_TURN {
            let (stream, remote) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if is_shortage(&error) => return self.pause(now, poll),
                // Would block, or a peer that gave up meanwhile: either way the next turn sees what is left.
                Err(_) => break,
            };
            // A connection that cannot be watched is closed by being dropped.
            let _ = self.admit(now, poll, stream, remote);
            if self.unverified.len() > MAX_UNVERIFIED
                && let Some((&oldest, _)) = self.unverified.first_key_value()
            {
                self.close(oldest);
            }
        }
    }

    fn admit(
        &mut self,
        now: Instant,
        poll: &Poll,
        stream: TcpStream,
        remote: SocketAddr,
    ) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let connection = Connection {
            stream,
            remote,
            frames: framing::Decoder::new(),
            output: Vec::new(),
            written: 0,
            waits_for_room: false,
        };
        self.watch_connection(now, poll, connection)?;
        Ok(())
    }

    /// Numbers a connection whose peer has not proved itself, and watches it.
    fn watch_connection(
        &mut self,
        accepted: Instant,
        poll: &Poll,
        connection: Connection,
    ) -> io::Result<u32> {
        let number = self.next;
        poll.add(
            &connection.stream,
            Source::Connection(number),
            Interest::Read,
        )?;
        self.next = self.next.wrapping_add(1);
        self.unverified.insert(number, accepted);
        self.connections.insert(number, connection);
        Ok(number)
    }

    /// Lets a connection go to the worker whose transport its peer asks for. One that a transport of ours has
    /// verified stays.
    pub fn hand(&mut self, number: u32, poll: &Poll) -> Option<Handed> {
        let accepted = self.unverified.remove(&number)?;
        let connection = self.connections.remove(&number)?;
        poll.remove(&connection.stream).ok()?;
        Some(Handed {
            connection,
            accepted,
            said: Vec::new(),
        })
    }

    /// Takes a connection over from another worker, and returns its number and whose it is.
    ///
    /// # Errors
    /// If it cannot be watched; it is closed then.
    pub fn adopt(&mut self, poll: &Poll, handed: Handed) -> io::Result<(u32, SocketAddr)> {
        let remote = handed.connection.remote;
        let number = self.watch_connection(handed.accepted, poll, handed.connection)?;
        Ok((number, remote))
    }

    /// Closes all connections.
    pub fn close_all(&mut self) {
        self.unverified.clear();
        self.connections.clear();
        self.dirty.clear();
    }

    /// When the next unverified connection has had its time, or the listener is to be looked at again.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        [self.stranger_deadline(), self.paused_until]
            .into_iter()
            .flatten()
            .min()
    }

    fn stranger_deadline(&self) -> Option<Instant> {
        let (_, &since) = self.unverified.first_key_value()?;
        Some(since + UNVERIFIED_LIFE)
    }

    /// Closes the connections that nobody has verified in time, and accepts again after a pause.
    pub fn expire(&mut self, now: Instant, poll: &Poll) {
        while self
            .stranger_deadline()
            .is_some_and(|deadline| deadline <= now)
            && let Some((&oldest, _)) = self.unverified.first_key_value()
        {
            self.close(oldest);
        }
        if self.paused_until.is_some_and(|until| until <= now) {
            // Where even this fails for want of memory, there is another pause.
            let is_watched = self.watch(poll).is_ok();
            self.paused_until = (!is_watched).then_some(now + ACCEPT_PAUSE);
        }
    }

    fn pause(&mut self, now: Instant, poll: &Poll) {
        self.accept_failures += 1;
        // Not watched any more in either case.
        let _ = poll.remove(&*self.listener);
        self.paused_until = Some(now + ACCEPT_PAUSE);
    }

    /// A transport has verified this connection: it lives until the transport lets it go.
    pub fn verified(&mut self, number: u32) {
        self.unverified.remove(&number);
    }

    /// Closes a connection and returns whose it was; one that is not there is no error.
    pub fn close(&mut self, number: u32) -> Option<SocketAddr> {
        self.unverified.remove(&number);
        let connection = self.connections.remove(&number)?;
        Some(connection.remote)
    }

    /// Reads what waits and hands each whole frame to `take`.
    ///
    /// # Errors
    /// When the stream has ended or carries no frames of ours; the connection is to be closed then.
    pub fn read(
        &mut self,
        number: u32,
        mut take: impl FnMut(SocketAddr, &mut [u8]),
    ) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&number) else {
            return Ok(());
        };
        for _ in 0..READS_PER_TURN {
            match connection.stream.read(&mut self.scratch) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => connection
                    .frames
                    .feed(&self.scratch[..length], |frame| {
                        let whole = &mut self.frame[..frame.len()];
                        whole.copy_from_slice(frame);
                        take(connection.remote, whole);
                    })
                    .map_err(|framing::Oversized| io::ErrorKind::InvalidData)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Appends a datagram to the connection's output, framed.
    pub fn send(&mut self, number: u32, datagram: &[u8], class: Class) -> Sent {
        let Some(connection) = self.connections.get_mut(&number) else {
            return Sent::Dropped;
        };
        let waiting = connection.output.len() - connection.written;
        match class {
            Class::Media if waiting > MEDIA_LIMIT => return Sent::Dropped,
            Class::Control if waiting > CONTROL_LIMIT => return Sent::Stuck,
            Class::Media | Class::Control => {}
        }
        if !framing::encode(datagram, &mut connection.output) {
            return Sent::Dropped;
        }
        if waiting == 0 {
            self.dirty.push(number);
        }
        Sent::Queued
    }

    /// Writes what [`Self::send`] has queued, one system call per connection. Returns those that are broken.
    pub fn flush(&mut self, poll: &Poll) -> Vec<u32> {
        let mut broken = Vec::new();
        for number in std::mem::take(&mut self.dirty) {
            if self.write(number, poll).is_err() {
                broken.push(number);
            }
        }
        broken
    }

    /// Writes as much of a connection's output as the kernel takes; asks to be told when it takes more.
    ///
    /// # Errors
    /// When the stream is broken; the connection is to be closed then.
    pub fn write(&mut self, number: u32, poll: &Poll) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(&number) else {
            return Ok(());
        };
        connection.write()?;
        let must_wait = !connection.output.is_empty();
        if must_wait != connection.waits_for_room {
            connection.waits_for_room = must_wait;
            let interest = if must_wait {
                Interest::ReadWrite
            } else {
                Interest::Read
            };
            poll.modify(&connection.stream, Source::Connection(number), interest)?;
        }
        Ok(())
    }
}

/// Whether `error` says that the system lacks what a connection needs; it may come back at any time.
fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)
    )
}
