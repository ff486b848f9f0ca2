//! What is to be sent: one arena, and messages in it that the kernel can segment itself (UDP GSO).

use hoichan_wire::path::Path;

/// Most segments in one message. (Linux `UDP_MAX_SEGMENTS` is 64 before 6.9 and 128 since.)
pub const MAX_SEGMENTS: u16 = 64;

/// Most bytes in one message: an IPv4 datagram's 65 535 less its own and UDP's header, rounded down.
pub const MAX_MESSAGE_LEN: usize = 65_000;

/// A run of datagrams to one path, lying back to back in the arena.
///
/// All are `segment` bytes long, the last one perhaps shorter: exactly what UDP_SEGMENT asks for. With
/// `count == 1` the message is a single datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub path: Path,
    /// Index of the first byte in the arena.
    pub start: usize,
    /// Bytes of all datagrams together.
    pub len: usize,
    /// Bytes of each datagram but the last.
    pub segment: u16,
    /// Datagrams in the message, 1 to [`MAX_SEGMENTS`].
    pub count: u16,
}

/// The datagrams of one flush. Filled by the router, emptied by the driver with [`Outbox::clear`].
///
/// Bound: the fan-out of what one batch of received datagrams asks for; memory is kept between flushes.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Only ever grows; what lies behind `end` is left over from earlier flushes.
    arena: Vec<u8>,
    end: usize,
    messages: Vec<Message>,
}

impl Outbox {
    /// An empty outbox that allocates as it grows.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is to be sent, in order.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The bytes of `message`, all of its datagrams together.
    pub fn bytes(&self, message: &Message) -> &[u8] {
        &self.arena[message.start..message.start + message.len]
    }

    /// The arena whole, for system calls that take many messages by their offsets.
    pub fn arena(&self) -> &[u8] {
        &self.arena[..self.end]
    }

    /// The datagrams of all messages, one by one.
    pub fn datagrams(&self) -> impl Iterator<Item = (Path, &[u8])> {
        self.messages.iter().flat_map(|message| {
            self.bytes(message)
                .chunks(usize::from(message.segment))
                .map(|datagram| (message.path, datagram))
        })
    }

    /// Nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.end = 0;
        self.messages.clear();
    }

    /// Writes one datagram of at most `capacity` bytes through `write`, which returns its length; 0 for none.
    ///
    /// The datagram joins the last message if the run allows it.
    pub fn write(
        &mut self,
        path: Path,
        capacity: usize,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> usize {
        let start = self.end;
        if self.arena.len() < start + capacity {
            self.arena.resize((start + capacity).next_power_of_two(), 0);
        }
        let len = write(&mut self.arena[start..start + capacity]).min(capacity);
        if len > 0 {
            self.end = start + len;
            self.append(path, start, len);
        }
        len
    }

    /// Adds what lies at the end of the arena to the last message, or begins a new one.
    fn append(&mut self, path: Path, start: usize, len: usize) {
        if let Some(last) = self.messages.last_mut()
            && last.path == path
            && last.takes(len)
        {
            last.len += len;
            last.count += 1;
            return;
        }
        self.messages.push(Message {
            path,
            start,
            len,
            segment: u16::try_from(len).expect("no datagram exceeds 64 KiB"),
            count: 1,
        });
    }
}

impl Message {
    /// Whether one more datagram of `len` bytes keeps the message a run.
    fn takes(&self, len: usize) -> bool {
        let closed = self.len != usize::from(self.segment) * usize::from(self.count);
        !closed
            && len <= usize::from(self.segment)
            && self.count < MAX_SEGMENTS
            && self.len + len <= MAX_MESSAGE_LEN
    }
}
