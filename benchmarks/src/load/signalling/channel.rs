//! What an adapter's messages go over: a WebSocket, or HTTP.

use std::io;
use std::os::fd::BorrowedFd;

use super::http::Http;
use super::websocket::{Incoming, WebSocket};
use super::{Message, Request};

/// One signalling connection.
pub enum Channel {
    /// `ws://`.
    WebSocket(WebSocket),
    /// `http://`.
    Http(Http),
}

impl Channel {
    /// Begins to connect.
    ///
    /// # Errors
    /// If nobody listens there, or the URL is none.
    pub fn open(request: &Request) -> io::Result<(Self, Vec<Incoming>)> {
        if request.url.starts_with("http://") {
            let (http, incoming) = Http::open(request)?;
            return Ok((Self::Http(http), incoming));
        }
        let (websocket, incoming) = WebSocket::open(request)?;
        Ok((Self::WebSocket(websocket), incoming))
    }

    /// To wait for it; `None` after its end.
    #[must_use]
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::WebSocket(websocket) => Some(websocket.descriptor()),
            Self::Http(http) => http.descriptor(),
        }
    }

    /// Takes everything that waits.
    pub fn receive(&mut self) -> Vec<Incoming> {
        match self {
            Self::WebSocket(websocket) => websocket.receive(),
            Self::Http(http) => http.receive(),
        }
    }

    /// Sends, now or as soon as possible.
    pub fn send(&mut self, message: Message) {
        match (self, message) {
            (Self::WebSocket(websocket), Message::Text(text)) => {
                websocket.send(tungstenite::Message::text(text));
            }
            (Self::WebSocket(websocket), Message::Binary(bytes)) => {
                websocket.send(tungstenite::Message::binary(bytes));
            }
            (Self::Http(http), Message::Call(call)) => http.send(call),
            (_, message) => unreachable!("no adapter sends {message:?} over its channel"),
        }
    }

    /// Says good-bye.
    pub fn close(&mut self) {
        match self {
            Self::WebSocket(websocket) => websocket.close(),
            Self::Http(http) => http.close(),
        }
    }
}
