//! One UDP socket for each peer connection, as browsers have them; what comes is noted with the kernel's time.
//!
//! Runs that the server sends in one piece come in one piece (UDP_GRO): one system call for many packets. `recvmmsg` would
//! save calls with servers that send packet by packet, but no safe wrapper of it gives back the time of arrival.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;

use nix::cmsg_space;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
    sockopt::UdpGroSegment,
};
use nix::sys::time::TimeSpec;

use super::clock::Nanoseconds;

/// The largest run: what an IP packet can hold.
const LARGEST_RUN: usize = 65_536;

/// A socket on any port of any interface.
///
/// # Errors
/// If there are no descriptors or ports left, or the kernel is older than 5.0.
pub fn bind() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, UdpGroSegment, &true)?;
    setsockopt(&socket, ReceiveTimestampns, &true)?;
    Ok(socket)
}

/// The addresses of all interfaces that are up: a server that nominates waits for those it was not told of.
///
/// # Errors
/// If the kernel does not tell.
pub fn own_addresses() -> io::Result<Vec<Ipv4Addr>> {
    let interfaces = getifaddrs()?.filter(|one| one.flags.contains(InterfaceFlags::IFF_UP));
    let addresses = interfaces.filter_map(|one| Some(one.address?.as_sockaddr_in()?.ip()));
    Ok(addresses.collect())
}

/// Datagrams of one sender that came together: all `segment` bytes long, except that the last may be shorter.
pub struct Run<'a> {
    /// Who sent them.
    pub from: SocketAddrV4,
    /// One after the other.
    pub bytes: &'a [u8],
    /// Never 0.
    pub segment: usize,
    /// When the kernel put them into the socket.
    pub arrived: Nanoseconds,
}

/// Memory for what is received next; one serves all sockets.
pub struct Receiver {
    memory: Vec<u8>,
    control: Vec<u8>,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            memory: vec![0; LARGEST_RUN],
            control: cmsg_space!(TimeSpec, libc_int),
        }
    }
}

/// What UDP_GRO's control message holds.
#[allow(non_camel_case_types, reason = "as the kernel writes it")]
type libc_int = i32;

impl Receiver {
    /// Takes one run from `socket`; `None` when nothing waits.
    pub fn receive(&mut self, socket: &UdpSocket) -> Option<Run<'_>> {
        let mut segment = None;
        let mut arrived = None;
        let (length, from) = {
            let mut slices = [IoSliceMut::new(&mut self.memory)];
            let message = recvmsg::<SockaddrIn>(
                socket.as_raw_fd(),
                &mut slices,
                Some(&mut self.control),
                MsgFlags::MSG_DONTWAIT,
            )
            .ok()?;
            for control in message.cmsgs().ok()? {
                match control {
                    ControlMessageOwned::ScmTimestampns(at) => arrived = Some(nanoseconds(at)),
                    ControlMessageOwned::UdpGroSegments(size) => {
                        segment = usize::try_from(size).ok()
                    }
                    _ => {}
                }
            }
            (message.bytes, SocketAddrV4::from(message.address?))
        };
        Some(Run {
            from,
            bytes: &self.memory[..length],
            segment: segment.unwrap_or(length).max(1),
            arrived: arrived?,
        })
    }
}

fn nanoseconds(at: TimeSpec) -> Nanoseconds {
    at.tv_sec() as u64 * 1_000_000_000 + at.tv_nsec() as u64
}
