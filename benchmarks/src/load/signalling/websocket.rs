//! A WebSocket that never blocks, nor the one thread that serves hundreds of them.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, client::client_with_config};

use super::{Message, Request};

/// Signalling is small; the default would take 128 KiB for each connection.
const READ_BUFFER: usize = 4096;

/// One connection.
pub struct WebSocket {
    state: State,
    /// The descriptor that the connection has in any state.
    stream: TcpStream,
}

enum State {
    Connecting(MidHandshake<ClientHandshake<TcpStream>>),
    Open(tungstenite::WebSocket<TcpStream>),
    Closed,
}

/// What has happened on a connection.
#[derive(Debug)]
pub enum Incoming {
    /// It is open.
    Opened,
    /// This came.
    Message(Message),
    /// It has ended, for this reason.
    Closed(String),
}

impl WebSocket {
    /// Begins to connect.
    ///
    /// # Errors
    /// If nobody listens there, or the URL is none.
    pub fn open(request: &Request) -> io::Result<(Self, Vec<Incoming>)> {
        let mut http = request
            .url
            .as_str()
            .into_client_request()
            .map_err(io::Error::other)?;
        if let Some(subprotocol) = request.subprotocol {
            let value = HeaderValue::from_static(subprotocol);
            http.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, value);
        }
        let stream = TcpStream::connect(address_of(&request.url)?)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let mut this = Self {
            state: State::Closed,
            stream: stream.try_clone()?,
        };
        let incoming = this.advance(client_with_config(http, stream, Some(config)));
        Ok((this, incoming.into_iter().collect()))
    }

    /// To wait for it.
    #[must_use]
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Takes everything that waits.
    pub fn receive(&mut self) -> Vec<Incoming> {
        let mut all = Vec::new();
        while let Some(incoming) = self.receive_one() {
            let is_end = matches!(incoming, Incoming::Closed(_));
            all.push(incoming);
            if is_end {
                break;
            }
        }
        all
    }

    fn receive_one(&mut self) -> Option<Incoming> {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Closed => None,
            State::Connecting(handshake) => self.advance(handshake.handshake()),
            State::Open(mut socket) => {
                let read = socket.read();
                self.state = State::Open(socket);
                match read {
                    Ok(tungstenite::Message::Text(text)) => {
                        Some(Incoming::Message(Message::Text(text.to_string())))
                    }
                    Ok(tungstenite::Message::Binary(bytes)) => {
                        Some(Incoming::Message(Message::Binary(bytes.to_vec())))
                    }
                    Ok(tungstenite::Message::Close(_)) => {
                        Some(self.end("the server closed the connection".into()))
                    }
                    Ok(_) => self.receive_one(),
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
                    Err(error) => Some(self.end(error.to_string())),
                }
            }
        }
    }

    /// Sends, or keeps what the kernel does not take now until the next call or message.
    pub fn send(&mut self, message: tungstenite::Message) {
        if let State::Open(socket) = &mut self.state {
            // What is wrong with the connection shows when it is read.
            let _ = socket.send(message);
        }
    }

    /// Says good-bye.
    pub fn close(&mut self) {
        if let State::Open(socket) = &mut self.state {
            let _ = socket.close(None).and_then(|()| socket.flush());
        }
    }

    fn advance(
        &mut self,
        result: Result<
            (
                tungstenite::WebSocket<TcpStream>,
                tungstenite::handshake::client::Response,
            ),
            HandshakeError<ClientHandshake<TcpStream>>,
        >,
    ) -> Option<Incoming> {
        match result {
            Ok((socket, _)) => {
                self.state = State::Open(socket);
                Some(Incoming::Opened)
            }
            Err(HandshakeError::Interrupted(handshake)) => {
                self.state = State::Connecting(handshake);
                None
            }
            Err(HandshakeError::Failure(error)) => Some(self.end(error.to_string())),
        }
    }

    fn end(&mut self, reason: String) -> Incoming {
        self.state = State::Closed;
        Incoming::Closed(reason)
    }
}

/// Where the host of a `ws://` or `http://` URL listens.
///
/// # Errors
/// If the URL is none, or nobody knows the host.
pub fn address_of(url: &str) -> io::Result<std::net::SocketAddr> {
    let wrong = || {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{url} is no ws:// or http:// URL"),
        )
    };
    let schemes = ["ws://", "http://"].iter();
    let rest = (schemes.filter_map(|scheme| url.strip_prefix(scheme)).next()).ok_or_else(wrong)?;
    let host = rest.split(['/', '?']).next().ok_or_else(wrong)?;
    let host = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut addresses = host.to_socket_addrs()?;
    addresses
        .find(std::net::SocketAddr::is_ipv4)
        .ok_or_else(wrong)
}
