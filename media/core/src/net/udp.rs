//! The UDP socket that all peers share.

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

#[cfg(test)]
mod tests {
    use super::*;
    use hoichan_wire::path::Path;
    use std::time::Duration;

    const RUN: usize = 12;

    /// A flush to several receivers: runs whose last datagram is shorter, single datagrams between them.
    fn flush_to(receivers: &[UdpSocket]) -> Outbox {
        let mut outbox = Outbox::new();
        for (who, receiver) in receivers.iter().enumerate() {
            for number in 0..RUN {
                let length = if number == RUN - 1 { 700 } else { 1100 + who };
                write(&mut outbox, receiver, length, number as u8);
            }
            write(&mut outbox, receiver, 1300, 99);
        }
        outbox
    }

    fn write(outbox: &mut Outbox, receiver: &UdpSocket, length: usize, content: u8) {
        let path = Path {
            remote: receiver.local_addr().expect("it is bound"),
            via: Via::Udp,
        };
        outbox.write(path, length, |slot| {
            slot.fill(content);
            length
        });
    }

    fn receivers() -> Vec<UdpSocket> {
        (0..3)
            .map(|_| bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound"))
            .collect()
    }

    fn sender() -> Udp {
        Udp::new(bind(([127, 0, 0, 1], 0).into()).expect("loopback can be bound"))
    }

    /// Reads with `recv`, so that what is compared has not been through our own receiving.
    fn read_all(receiver: &UdpSocket) -> Vec<Vec<u8>> {
        let plain = receiver.try_clone().expect("there are descriptors left");
        sys::disable_gro(&plain);
        plain.set_nonblocking(false).expect("a socket has modes");
        plain
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a socket has a time-out");
        let mut datagrams = Vec::new();
        let mut buffer = [0; 65_536];
        while let Ok(length) = plain.recv(&mut buffer) {
            datagrams.push(buffer[..length].to_vec());
        }
        datagrams
    }

    fn expected(outbox: &Outbox, receiver: &UdpSocket) -> Vec<Vec<u8>> {
        let address = receiver.local_addr().expect("it is bound");
        let theirs = outbox
            .datagrams()
            .filter(|(path, _)| path.remote == address);
        theirs.map(|(_, datagram)| datagram.to_vec()).collect()
    }

    #[test]
    fn a_flush_of_runs_arrives_as_the_datagrams_it_was_made_of() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let outbox = flush_to(&receivers);
        assert_eq!(outbox.messages().len(), 6, "one run and one single each");
        let sent = sender().send(&outbox, 0);
        assert_eq!((sent.messages, sent.fallbacks), (6, 0));
        assert_eq!(sent.refused, Refusals::default());
        for receiver in &receivers {
            assert_eq!(read_all(receiver), expected(&outbox, receiver));
        }
    }

    #[test]
    fn where_segmentation_is_refused_the_same_datagrams_arrive_one_by_one() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let outbox = flush_to(&receivers);
        let mut sender = sender();
        sys::refuse_segmentation(&sender.socket);
        let first = sender.send(&outbox, 0);
        assert_eq!(first.messages, 6);
        assert_eq!(first.refused, Refusals::default());
        assert_eq!(
            first.fallbacks, 1,
            "one refusal speaks for all of an address"
        );
        assert_eq!(sender.send(&outbox, 0).fallbacks, 0, "and is remembered");
        for receiver in &receivers {
            let once = expected(&outbox, receiver);
            assert_eq!(read_all(receiver), [once.clone(), once].concat());
        }
    }

    #[test]
    fn runs_that_the_kernel_joined_are_received_as_datagrams() {
        let receivers = receivers();
        let outbox = flush_to(&receivers);
        sender().send(&outbox, 0);
        for receiver in receivers {
            let wanted = expected(&outbox, &receiver);
            let mut receiver = Udp::new(receiver);
            let mut datagrams = Vec::new();
            while datagrams.len() < wanted.len() {
                receiver.receive();
                receiver.open(|_, datagram| datagrams.push(datagram.to_vec()));
            }
            assert_eq!(datagrams, wanted);
        }
    }

    #[test]
    fn a_destination_that_cannot_be_reached_costs_its_own_datagrams_only() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let mut outbox = Outbox::new();
        write(&mut outbox, &receivers[0], 100, 1);
        let nowhere = Path {
            remote: "[2001:db8::1]:9"
                .parse()
                .expect("an address of the other family"),
            via: Via::Udp,
        };
        outbox.write(nowhere, 50, |slot| slot.len());
        write(&mut outbox, &receivers[1], 100, 2);
        let sent = sender().send(&outbox, 0);
        assert_eq!((sent.messages, sent.is_blocked), (3, false));
        let unreachable = Refusals {
            unreachable: 1,
            ..Refusals::default()
        };
        assert_eq!(sent.refused, unreachable);
        assert_eq!(read_all(&receivers[0]), [vec![1; 100]]);
        assert_eq!(read_all(&receivers[1]), [vec![2; 100]]);
    }

    #[test]
    fn what_the_kernel_will_not_send_costs_nobody_else_and_is_counted_by_reason() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let outbox = flush_to(&receivers);
        let mut sender = sender();
        // A full device queue for the first message, a run; a firewall for the second.
        sender.send.fail_with([libc::ENOBUFS, libc::EPERM]);
        let sent = sender.send(&outbox, 0);
        assert_eq!((sent.messages, sent.is_blocked), (6, false));
        let refused = Refusals {
            no_buffers: RUN as u64,
            not_permitted: 1,
            ..Refusals::default()
        };
        assert_eq!(sent.refused, refused);
        assert!(read_all(&receivers[0]).is_empty());
        for receiver in &receivers[1..] {
            assert_eq!(read_all(receiver), expected(&outbox, receiver));
        }
    }

    #[test]
    fn a_datagram_beyond_the_mtu_is_dropped_alone() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let mut outbox = Outbox::new();
        write(&mut outbox, &receivers[0], 65_520, 1);
        write(&mut outbox, &receivers[0], 100, 2);
        let sent = sender().send(&outbox, 0);
        assert_eq!(sent.messages, 2);
        assert_eq!(sent.refused.too_large, 1, "{sent:?}");
        assert_eq!(read_all(&receivers[0]), [vec![2; 100]]);
    }

    #[test]
    fn a_full_socket_is_left_where_it_was_and_gone_on_with() {
        let receivers = receivers();
        receivers.iter().for_each(sys::disable_gro);
        let outbox = flush_to(&receivers);
        let mut sender = sender();
        sender.send.fail_with([libc::EAGAIN]);
        let blocked = sender.send(&outbox, 0);
        assert_eq!((blocked.messages, blocked.is_blocked), (0, true));
        let rest = sender.send(&outbox, blocked.messages);
        assert_eq!((rest.messages, rest.is_blocked), (6, false));
        for receiver in &receivers {
            assert_eq!(read_all(receiver), expected(&outbox, receiver));
        }
    }

    #[test]
    fn a_crew_has_one_port_of_its_own_and_a_sender_always_meets_the_same_of_them() {
        let crew = bind_crew(([127, 0, 0, 1], 0).into(), 4).expect("loopback can be bound");
        let address = crew[0].local_addr().expect("it is bound");
        for socket in &crew {
            assert_eq!(socket.local_addr().expect("it is bound"), address);
            sys::disable_gro(socket);
        }
        let taken = bind_crew(address, 4).expect_err("it is in use");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        let mut met = std::collections::HashSet::new();
        for _ in 0..40 {
            let sender = UdpSocket::bind("127.0.0.1:0").expect("loopback can be bound");
            (0..5).for_each(|_| assert_eq!(sender.send_to(b"hello", address).ok(), Some(5)));
            let counts = crew
                .iter()
                .map(|socket| std::iter::from_fn(|| socket.recv(&mut [0; 16]).ok()).count());
            let counts: Vec<_> = counts.collect();
            met.insert(
                counts
                    .iter()
                    .position(|count| *count == 5)
                    .expect("all to one"),
            );
        }
        assert!(met.len() > 1, "and not always the same for all");
    }
}
