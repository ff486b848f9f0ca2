//! ICE over TCP (RFC 6544): passive connections whose streams carry datagrams in RFC 4571 frames.
//!
//! A stranger may connect, but not stay: a connection that no transport has verified within [`UNVERIFIED_LIFE`] is
//! closed, and there are never more than [`MAX_UNVERIFIED`] such, the oldest yields. Output waits in a bounded
//! buffer per connection; when the peer reads too slowly, media is dropped first, and at the end the connection.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use hoichan_wire::framing;

use super::poll::{Interest, Poll, Source};

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

/// The listening socket and everything it has accepted.
#[derive(Debug)]
pub struct Tcp {
    listener: TcpListener,
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

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    frames: framing::Decoder,
    output: Vec<u8>,
    /// How much of `output` the kernel has taken already.
    written: usize,
    waits_for_room: bool,
}

impl Tcp {
    /// Listens on `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            connections: HashMap::new(),
            unverified: BTreeMap::new(),
            next: 0,
            dirty: Vec::new(),
            scratch: vec![0; 16 * 1024].into_boxed_slice(),
            frame: vec![0; framing::MAX_FRAME].into_boxed_slice(),
        })
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

    /// Takes what waits on the listener; where there are too many strangers then, the oldest go.
    pub fn accept(&mut self, now: Instant, poll: &Poll) {
        for _ in 0..ACCEPTS_PER_TURN {
            // Would block, or a peer that gave up meanwhile: either way the next turn sees what is left.
            let Ok((stream, remote)) = self.listener.accept() else {
                break;
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
        let number = self.next;
        poll.add(&stream, Source::Connection(number), Interest::Read)?;
        self.next = self.next.wrapping_add(1);
        self.unverified.insert(number, now);
        self.connections.insert(
            number,
            Connection {
                stream,
                remote,
                frames: framing::Decoder::new(),
                output: Vec::new(),
                written: 0,
                waits_for_room: false,
            },
        );
        Ok(())
    }

    /// When the next unverified connection has had its time.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let (_, &since) = self.unverified.first_key_value()?;
        Some(since + UNVERIFIED_LIFE)
    }

    /// Closes the connections that nobody has verified in time.
    pub fn expire(&mut self, now: Instant) {
        while self.deadline().is_some_and(|deadline| deadline <= now)
            && let Some((&oldest, _)) = self.unverified.first_key_value()
        {
            self.close(oldest);
        }
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

impl Connection {
    fn write(&mut self) -> io::Result<()> {
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => self.written += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.output.drain(..self.written);
                    self.written = 0;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        self.output.clear();
        self.written = 0;
        Ok(())
    }
}
