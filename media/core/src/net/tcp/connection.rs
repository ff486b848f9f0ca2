//! One stream and what waits to be written to it.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};

use hoichan_wire::framing;

/// One accepted connection.
#[derive(Debug)]
pub struct Connection {
    pub stream: TcpStream,
    pub remote: SocketAddr,
    pub frames: framing::Decoder,
    pub output: Vec<u8>,
    /// How much of `output` the kernel has taken already.
    pub written: usize,
    pub waits_for_room: bool,
}

impl Connection {
    /// Writes as much of the output as the kernel takes.
    ///
    /// # Errors
    /// When the stream is broken.
    pub fn write(&mut self) -> io::Result<()> {
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
