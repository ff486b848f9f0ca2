//! Batches of datagrams through the kernel: the one module that holds `unsafe`.
//!
//! `recvmmsg`, `sendmmsg` and their control messages have no safe wrapper that lets every message of a batch carry
//! its own UDP_SEGMENT. All pointers are written right before the call that uses them, into memory owned by the
//! batch, so none outlives what it points to.
#![allow(
    unsafe_code,
    reason = "recvmmsg, sendmmsg and setsockopt(UDP_GRO) are system calls without a safe wrapper"
)]

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;

/// Most messages of one `sendmmsg`: the kernel's UIO_MAXIOV.
pub const SEND_SLOTS: usize = 1024;
/// Messages of one `recvmmsg`. Each can hold a whole run that the kernel has put together (UDP_GRO).
pub const RECEIVE_SLOTS: usize = 32;
const SLOT_BYTES: usize = 65_536;

/// Asks the kernel to hand over equal-size datagrams of one sender as one buffer (UDP_GRO).
///
/// # Errors
/// `ENOPROTOOPT` where the kernel is older than 5.0; batches are then single datagrams.
pub fn enable_gro(socket: &UdpSocket) -> io::Result<()> {
    set_option(socket, libc::SOL_UDP, libc::UDP_GRO, 1)
}

/// For those who read datagrams with `recv`.
#[cfg(test)]
pub fn disable_gro(socket: &UdpSocket) {
    set_option(socket, libc::SOL_UDP, libc::UDP_GRO, 0).expect("it could be enabled");
}

/// Makes the kernel refuse UDP_SEGMENT on `socket` with EINVAL, as some drivers do: it cannot cut without checksums.
#[cfg(test)]
pub fn refuse_segmentation(socket: &UdpSocket) {
    set_option(socket, libc::SOL_SOCKET, libc::SO_NO_CHECK, 1)
        .expect("it is there since Linux 2.2");
}

fn set_option(
    socket: &UdpSocket,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    // SAFETY: the option's value is a live `c_int`, and its length is given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            (&raw const value).cast(),
            length_of::<libc::c_int>(),
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// One control message with room for a `u16` (UDP_SEGMENT) or a `c_int` (UDP_GRO).
#[repr(C)]
#[derive(Clone, Copy)]
struct Control {
    header: libc::cmsghdr,
    value: [u8; 8],
}

#[repr(C)]
#[derive(Clone, Copy)]
union Address {
    family: libc::sa_family_t,
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

/// The arrays that the kernel reads and fills: one entry of each per message.
struct Slots {
    headers: Vec<libc::mmsghdr>,
    vectors: Vec<libc::iovec>,
    addresses: Vec<Address>,
    controls: Vec<Control>,
}

impl Slots {
    fn new(count: usize) -> Self {
        // SAFETY: all four are plain C structures for which all-zero bytes are a value.
        unsafe {
            Self {
                headers: vec![mem::zeroed(); count],
                vectors: vec![mem::zeroed(); count],
                addresses: vec![mem::zeroed(); count],
                controls: vec![mem::zeroed(); count],
            }
        }
    }

    /// Points the header of `slot` to `bytes` and to the slot's own address and control message.
    fn point(&mut self, slot: usize, bytes: *mut u8, length: usize, control_length: usize) {
        self.vectors[slot] = libc::iovec {
            iov_base: bytes.cast(),
            iov_len: length,
        };
        let header = &mut self.headers[slot].msg_hdr;
        header.msg_name = (&raw mut self.addresses[slot]).cast();
        header.msg_iov = &raw mut self.vectors[slot];
        header.msg_iovlen = 1;
        header.msg_control = (&raw mut self.controls[slot]).cast();
        header.msg_controllen = control_length as _;
    }
}

/// Room for one `recvmmsg`, and what the last one brought.
pub struct ReceiveBatch {
    slots: Slots,
    memory: Vec<u8>,
    /// How many slots the last call has changed, so must be made ready again.
    used: usize,
}

/// Datagrams of one sender: all `segment` bytes long, except that the last may be shorter.
pub struct Received<'a> {
    /// Who sent them.
    pub from: SocketAddr,
    /// One after the other, without gaps.
    pub bytes: &'a mut [u8],
    /// Never 0.
    pub segment: usize,
}

impl ReceiveBatch {
    /// Allocates 2 MiB, of which the kernel touches what it fills.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: Slots::new(RECEIVE_SLOTS),
            memory: vec![0; RECEIVE_SLOTS * SLOT_BYTES],
            used: RECEIVE_SLOTS,
        }
    }

    /// Takes what waits in `socket`, at most [`RECEIVE_SLOTS`] messages, and returns how many came.
    ///
    /// # Errors
    /// `WouldBlock` when nothing waits; others as of recvmmsg(2).
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        for slot in 0..self.used {
            let bytes = self.memory[slot * SLOT_BYTES..][..SLOT_BYTES].as_mut_ptr();
            self.slots
                .point(slot, bytes, SLOT_BYTES, mem::size_of::<Control>());
            self.slots.headers[slot].msg_hdr.msg_namelen = length_of::<Address>();
        }
        self.used = 0;
        // SAFETY: every header points into `self.slots` and `self.memory`, which live as long as the call, with
        // the lengths they have.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.slots.headers.as_mut_ptr(),
                RECEIVE_SLOTS as _,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        self.used = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        Ok(self.used)
    }

    /// How many messages the last [`Self::receive`] brought.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether it brought none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Message `slot` of the last [`Self::receive`]; `None` if its sender's address is of no family we know.
    pub fn message(&mut self, slot: usize) -> Option<Received<'_>> {
        assert!(slot < self.used, "only what was received can be read");
        let header = &self.slots.headers[slot];
        let length = (header.msg_len as usize).min(SLOT_BYTES);
        let from = self.slots.addresses[slot].decode()?;
        let segment = gro_segment(&header.msg_hdr, &self.slots.controls[slot]);
        Some(Received {
            from,
            bytes: &mut self.memory[slot * SLOT_BYTES..][..length],
            segment: segment.unwrap_or(length).max(1),
        })
    }
}

impl Default for ReceiveBatch {
    fn default() -> Self {
        Self::new()
    }
}

/// The segment size that UDP_GRO reports, if the message is a run.
fn gro_segment(header: &libc::msghdr, control: &Control) -> Option<usize> {
    let is_gro = header.msg_controllen >= mem::size_of::<libc::cmsghdr>() + 4
        && control.header.cmsg_level == libc::SOL_UDP
        && control.header.cmsg_type == libc::UDP_GRO;
    let [a, b, c, d, ..] = control.value;
    is_gro
        .then(|| usize::try_from(libc::c_int::from_ne_bytes([a, b, c, d])).ok())
        .flatten()
}

/// Messages collected for one `sendmmsg`.
pub struct SendBatch {
    slots: Slots,
    /// Where in the arena each message lies.
    ranges: Vec<(usize, usize)>,
    /// What the next calls are to fail with.
    #[cfg(test)]
    failures: std::collections::VecDeque<libc::c_int>,
}

impl SendBatch {
    /// An empty batch with room for [`SEND_SLOTS`] messages.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: Slots::new(SEND_SLOTS),
            ranges: Vec::with_capacity(SEND_SLOTS),
            #[cfg(test)]
            failures: std::collections::VecDeque::new(),
        }
    }

    /// Lets the next calls of [`Self::send`] fail, as the kernel's would.
    #[cfg(test)]
    pub fn fail_with(&mut self, errors: impl IntoIterator<Item = libc::c_int>) {
        self.failures.extend(errors);
    }

    /// Forgets all messages.
    pub fn clear(&mut self) {
        self.ranges.clear();
    }

    /// How many messages are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether no more message fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ranges.len() == SEND_SLOTS
    }

    /// Adds `length` bytes of the arena from `start`. With `segment`, the kernel cuts them into datagrams of
    /// that many bytes, the last may be shorter (UDP_SEGMENT); without, they are one datagram.
    pub fn push(&mut self, to: SocketAddr, start: usize, length: usize, segment: Option<u16>) {
        let slot = self.ranges.len();
        self.ranges.push((start, length));
        self.slots.headers[slot].msg_hdr.msg_namelen = self.slots.addresses[slot].encode(to);
        self.slots.headers[slot].msg_hdr.msg_controllen = 0;
        if let Some(segment) = segment {
            let control = &mut self.slots.controls[slot];
            control.header.cmsg_len = (mem::size_of::<libc::cmsghdr>() + 2) as _;
            control.header.cmsg_level = libc::SOL_UDP;
            control.header.cmsg_type = libc::UDP_SEGMENT;
            control.value[..2].copy_from_slice(&segment.to_ne_bytes());
            self.slots.headers[slot].msg_hdr.msg_controllen = mem::size_of::<Control>() as _;
        }
    }

    /// Sends the messages from number `first` on; returns how many the kernel took, at least one.
    ///
    /// # Errors
    /// What is wrong with message `first`, as of sendmmsg(2); nothing was sent then.
    pub fn send(&mut self, socket: &UdpSocket, arena: &[u8], first: usize) -> io::Result<usize> {
        #[cfg(test)]
        if let Some(error) = self.failures.pop_front() {
            return Err(io::Error::from_raw_os_error(error));
        }
        for (slot, &(start, length)) in self.ranges.iter().enumerate().skip(first) {
            let bytes = arena[start..start + length].as_ptr().cast_mut();
            let control_length = self.slots.headers[slot].msg_hdr.msg_controllen;
            self.slots.point(slot, bytes, length, control_length);
        }
        // SAFETY: every header points into `self.slots` and `arena`, which live as long as the call, with lengths
        // checked by the slicing above; the kernel only reads what `sendmmsg` is given.
        let count = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                self.slots.headers[first..].as_mut_ptr(),
                (self.ranges.len() - first) as _,
                libc::MSG_DONTWAIT as _,
            )
        };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }
}

impl Default for SendBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl Address {
    fn decode(&self) -> Option<SocketAddr> {
        // SAFETY: `family` is the first field of every socket address, and it says which of the others the
        // kernel wrote; all are plain integers.
        unsafe {
            match libc::c_int::from(self.family) {
                libc::AF_INET => Some(SocketAddr::V4(SocketAddrV4::new(
                    Ipv4Addr::from(u32::from_be(self.v4.sin_addr.s_addr)),
                    u16::from_be(self.v4.sin_port),
                ))),
                libc::AF_INET6 => Some(SocketAddr::V6(SocketAddrV6::new(
                    Ipv6Addr::from(self.v6.sin6_addr.s6_addr),
                    u16::from_be(self.v6.sin6_port),
                    self.v6.sin6_flowinfo,
                    self.v6.sin6_scope_id,
                ))),
                _ => None,
            }
        }
    }

    /// Writes `address` in the kernel's form and returns its length.
    fn encode(&mut self, address: SocketAddr) -> libc::socklen_t {
        match address {
            SocketAddr::V4(address) => {
                self.v4 = libc::sockaddr_in {
                    sin_family: libc::AF_INET as _,
                    sin_port: address.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from(*address.ip()).to_be(),
                    },
                    sin_zero: [0; 8],
                };
                length_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(address) => {
                // SAFETY: all-zero bytes are an IPv6 socket address; some systems have more fields than we set.
                let mut raw: libc::sockaddr_in6 = unsafe { MaybeUninit::zeroed().assume_init() };
                raw.sin6_family = libc::AF_INET6 as _;
                raw.sin6_port = address.port().to_be();
                raw.sin6_flowinfo = address.flowinfo();
                raw.sin6_addr.s6_addr = address.ip().octets();
                raw.sin6_scope_id = address.scope_id();
                self.v6 = raw;
                length_of::<libc::sockaddr_in6>()
            }
        }
    }
}

fn length_of<T>() -> libc::socklen_t {
    mem::size_of::<T>() as libc::socklen_t
}
