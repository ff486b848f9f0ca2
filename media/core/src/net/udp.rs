//! The UDP socket that all peers share.

#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use hoichan_router::{Message, Outbox};
use hoichan_wire::path::Via;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};

use super::gso::{Segmentation, is_refusal};
use super::refusals::Refusals;
use super::sys::{self, ReceiveBatch, SEND_SLOTS, SendBatch};

/// A quarter of a second of 100 Mbit/s: what may arrive while the worker is not scheduled.
const RECEIVE_BUFFER_BYTES: usize = 4 << 20;
/// One flush to some hundred subscribers. The kernel counts its own overhead, so more than the bytes themselves.
const SEND_BUFFER_BYTES: usize = 16 << 20;

/// Sends and receives in batches; holds memory whose pointers are the kernel's, so it stays on its thread.
pub struct Udp {
    socket: UdpSocket,
    receive: ReceiveBatch,
    send: SendBatch,
    /// From which message of the outbox each slot of `send` comes.
    origins: Vec<usize>,
    segmentation: Segmentation,
}

/// How far sending came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Messages of the outbox that are done with, from its start.
    pub messages: usize,
    /// Datagrams that the kernel would not send.
    pub refused: Refusals,
    /// Runs that had to be sent as single datagrams, because segmentation was refused.
    pub fallbacks: u64,
    /// The socket is full: the rest must wait until it is writable.
    pub is_blocked: bool,
}

/// Binds `address`, non-blocking, with buffers as large as the system allows.
///
/// # Errors
/// If the address cannot be bound.
pub fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    prepare(UdpSocket::bind(address)?)
}

/// Binds `address` once for each of `crew` workers: one port, among whose sockets the kernel chooses by the address of
/// the sender, always the same for the same sender.
///
/// # Errors
/// If the address cannot be bound; also if it is bound by another process that would share it, for only those may
/// share it that join after the first of us.
pub fn bind_crew(address: SocketAddr, crew: u8) -> io::Result<Vec<UdpSocket>> {
    let first = bind(address)?;
    let mut sockets = vec![first];
    if crew > 1 {
        let address = sockets[0].local_addr()?;
        sockopt::set_socket_reuseport(&sockets[0], true)?;
        for _ in 1..crew {
            sockets.push(join(address)?);
        }
    }
    Ok(sockets)
}

/// One more socket for the address that others have bound already.
fn join(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC;
    let socket = net::socket_with(family, SocketType::DGRAM, flags, None)?;
    sockopt::set_socket_reuseport(&socket, true)?;
    net::bind(&socket, &address)?;
    prepare(socket.into())
}

fn prepare(socket: UdpSocket) -> io::Result<UdpSocket> {
    socket.set_nonblocking(true)?;
    // The forced form is for the privileged; the plain one is capped by net.core.*mem_max, never an error.
    sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER_BYTES)
        .or_else(|_| sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER_BYTES))?;
    sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER_BYTES)?;
    // Old kernels have no UDP_GRO; batches then hold single datagrams.
    let _ = sys::enable_gro(&socket);
    Ok(socket)
}

impl Udp {
    /// Takes over a socket made by [`bind`].
    #[must_use]
    pub fn new(socket: UdpSocket) -> Self {
        Self {
            socket,
            receive: ReceiveBatch::new(),
            send: SendBatch::new(),
            origins: Vec::with_capacity(SEND_SLOTS),
            segmentation: Segmentation::default(),
        }
    }

    /// Forgets what may have been left half done.
    pub fn reset(&mut self) {
        self.receive = ReceiveBatch::new();
        self.send.clear();
    }

    /// Takes one batch out of the socket, for [`Self::open`]; returns whether more may wait.
    ///
    /// An error that a socket reports for an earlier send (ICMP) is no news: the next batch follows.
    pub fn receive(&mut self) -> bool {
        let count = self.receive.receive(&self.socket).unwrap_or(0);
        count == sys::RECEIVE_SLOTS
    }

    /// Hands every datagram of the batch to `take`.
    pub fn open(&mut self, mut take: impl FnMut(SocketAddr, &mut [u8])) {
        for slot in 0..self.receive.len() {
            if let Some(received) = self.receive.message(slot) {
                for datagram in received.bytes.chunks_mut(received.segment) {
                    take(received.from, datagram);
                }
            }
        }
    }

    /// Sends the outbox's messages from number `first` on, and skips those for TCP.
    pub fn send(&mut self, outbox: &Outbox, first: usize) -> Sent {
        let mut sent = Sent {
            messages: first,
            refused: Refusals::default(),
            fallbacks: 0,
            is_blocked: false,
        };
        while sent.messages < outbox.messages().len() && !sent.is_blocked {
            let end = self.collect(outbox.messages(), sent.messages);
            sent.messages = self.send_collected(outbox, end, &mut sent);
        }
        sent
    }

    /// Fills the batch from message number `first` on; returns the number of the first that did not fit.
    fn collect(&mut self, messages: &[Message], first: usize) -> usize {
        self.send.clear();
        self.origins.clear();
        for (number, message) in messages.iter().enumerate().skip(first) {
            if self.send.len() + usize::from(message.count) > SEND_SLOTS {
                return number;
            }
            if message.path.via == Via::Udp {
                self.push(number, message);
            }
        }
        messages.len()
    }

    /// Adds one message: as a run where segmentation is allowed, else datagram by datagram.
    fn push(&mut self, number: usize, message: &Message) {
        let to = message.path.remote;
        if message.count == 1 || self.segmentation.is_allowed(to.ip()) {
            let segment = (message.count > 1).then_some(message.segment);
            self.send.push(to, message.start, message.len, segment);
            self.origins.push(number);
            return;
        }
        let size = usize::from(message.segment);
        for start in (message.start..message.start + message.len).step_by(size) {
            let length = size.min(message.start + message.len - start);
            self.send.push(to, start, length, None);
            self.origins.push(number);
        }
    }

    /// Sends the batch: one system call, if the kernel takes it whole. Returns the number of the message to go on with.
    fn send_collected(&mut self, outbox: &Outbox, end: usize, sent: &mut Sent) -> usize {
        let mut done = 0;
        while done < self.send.len() {
            let error = match self.send.send(&self.socket, outbox.arena(), done) {
                Ok(count) => {
                    done += count;
                    continue;
                }
                Err(error) => error,
            };
            let number = self.origins[done];
            let message = &outbox.messages()[number];
            if error.kind() == io::ErrorKind::WouldBlock {
                sent.is_blocked = true;
                return number;
            }
            let is_run =
                message.count > 1 && self.segmentation.is_allowed(message.path.remote.ip());
            if is_run && is_refusal(&error) {
                self.segmentation.refuse(message.path.remote.ip());
                sent.fallbacks += 1;
                return number; // From here on again, this time without segmentation.
            }
            let datagrams = if is_run { message.count.into() } else { 1 };
            sent.refused.note(&error, datagrams);
            done += 1;
        }
        end
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
