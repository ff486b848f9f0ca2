//! Requests over one HTTP/1.1 connection, one after the other; it never blocks (RFC 9112).

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use super::websocket::{Incoming, address_of};
use super::{Message, Request};

/// What signalling needs of a header.
const MOST_HEADERS: usize = 64;
/// A response that is longer is none of ours.
const MOST_BYTES: usize = 1 << 20;
const READ_BYTES: usize = 16 << 10;

/// What is asked of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `POST` and so on.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// Its media type is `application/sdp`, unless it is empty.
    pub body: String,
}

/// What the server says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 201 and so on.
    pub status: u16,
    /// Where what was made is to be found.
    pub location: Option<String>,
    /// As text.
    pub body: String,
}

/// One connection.
pub struct Http {
    address: SocketAddr,
    /// `None` after the server has closed it.
    stream: Option<TcpStream>,
    /// Those that wait for the replies to earlier ones.
    waiting: VecDeque<Call>,
    is_asking: bool,
    received: Vec<u8>,
}

impl Http {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there, or the URL is none.
    pub fn open(request: &Request) -> io::Result<(Self, Vec<Incoming>)> {
        let address = address_of(&request.url)?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let this = Self {
            address,
            stream: Some(stream),
            waiting: VecDeque::new(),
            is_asking: false,
            received: Vec::new(),
        };
        Ok((this, vec![Incoming::Opened]))
    }

    /// To wait for it; `None` after its end.
    #[must_use]
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.stream.as_ref().map(AsFd::as_fd)
    }

    /// Asks as soon as everything before it is answered.
    pub fn send(&mut self, call: Call) {
        self.waiting.push_back(call);
        self.ask_next();
    }

    /// Takes everything that waits.
    pub fn receive(&mut self) -> Vec<Incoming> {
        let ended = self.read().err();
        if ended.is_some() {
            self.stream = None;
        }
        let mut all = Vec::new();
        while self.is_asking {
            match parse(&self.received) {
                Ok(Some((reply, length))) => {
                    self.received.drain(..length);
                    self.is_asking = false;
                    all.push(Incoming::Message(Message::Reply(reply)));
                    self.ask_next();
                }
                Ok(None) => break,
                Err(reason) => {
                    all.push(Incoming::Closed(reason));
                    return all;
                }
            }
        }
        // Servers close connections that are idle, which hurts nobody but who waits for a reply.
        if let Some(reason) = ended.filter(|_| self.is_asking) {
            all.push(Incoming::Closed(reason.to_string()));
        }
        all
    }

    /// Asks what is left, without waiting for any reply: over a new connection if the server has ended this one.
    pub fn close(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let Ok(mut stream) = TcpStream::connect(self.address) else {
            return; // There is nobody any more to say good-bye to.
        };
        for call in self.waiting.drain(..) {
            let _ = stream.write_all(written(&call, self.address).as_bytes());
        }
    }

    fn ask_next(&mut self) {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.is_asking) else {
            return;
        };
        if let Some(call) = self.waiting.pop_front() {
            // A description fits into an empty socket; what is wrong with the connection shows when it is read.
            let _ = stream.write_all(written(&call, self.address).as_bytes());
            self.is_asking = true;
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let mut bytes = [0; READ_BYTES];
        loop {
            match stream.read(&mut bytes) {
                Ok(0) => return Err(io::Error::other("the server closed the connection")),
                Ok(length) => self.received.extend_from_slice(&bytes[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            if self.received.len() > MOST_BYTES {
                return Err(io::Error::other("a response without an end"));
            }
        }
    }
}

fn written(call: &Call, host: SocketAddr) -> String {
    let Call {
        method,
        target,
        body,
    } = call;
    let about_body = if body.is_empty() {
        String::new()
    } else {
        format!(
            "Content-Type: application/sdp\r\nContent-Length: {}\r\n",
            body.len()
        )
    };
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{about_body}\r\n{body}")
}

/// The first reply in `bytes`, and its length there; `None` if it has not come to its end.
fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("no HTTP: {error}")),
    };
    let header = |name: &str| {
        let found = (response.headers.iter()).find(|one| one.name.eq_ignore_ascii_case(name));
        found.and_then(|one| std::str::from_utf8(one.value).ok())
    };
    let is_chunked = header("transfer-encoding").is_some_and(|value| value == "chunked");
    let body = if is_chunked {
        chunked(&bytes[head..])?
    } else {
        let length = header("content-length").map_or(Ok(0), str::parse::<usize>);
        let length = length.map_err(|error| format!("no length: {error}"))?;
        let whole = bytes[head..].get(..length);
        whole.map(|body| (body.to_vec(), length))
    };
    Ok(body.map(|(body, length)| {
        let reply = Reply {
            status: response.code.unwrap_or(0),
            location: header("location").map(str::to_owned),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        (reply, head + length)
    }))
}

/// A body in chunks (RFC 9112 §7.1), and its length on the wire.
fn chunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (start, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err("a chunk without a size".to_owned()),
        };
        let size = usize::try_from(size).map_err(|error| error.to_string())?;
        let begin = at + start;
        let Some(end) = begin.checked_add(size) else {
            return Err("a chunk without an end".to_owned());
        };
        let Some(chunk) = bytes.get(begin..end).filter(|_| bytes.len() >= end + 2) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        at = end + 2; // The line's end.
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn reply(status: u16, location: Option<&str>, body: &str) -> Reply {
        Reply {
            status,
            location: location.map(str::to_owned),
            body: body.to_owned(),
        }
    }

    const CREATED: &str =
        "HTTP/1.1 201 Created\r\nlocation: /here/1\r\nContent-Length: 3\r\n\r\nv=0";
    const IN_CHUNKS: &str = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nv=\r\n1;x=y\r\n0\r\n0\r\n\r\n";

    #[test]
    fn a_reply_is_taken_when_its_last_byte_is_there() {
        for (text, location) in [(CREATED, Some("/here/1")), (IN_CHUNKS, None)] {
            for length in 0..text.len() {
                assert_eq!(parse(&text.as_bytes()[..length]), Ok(None));
            }
            let with_more = format!("{text}HTTP/1.1 200");
            let expected = (reply(201, location, "v=0"), text.len());
            assert_eq!(parse(with_more.as_bytes()), Ok(Some(expected)));
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n";
        for text in ["SSH-2.0-x\r\n", endless] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        let without_length = "HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n";
        assert!(parse(without_length.as_bytes()).is_err());
    }

    #[test]
    fn the_second_call_waits_for_the_first_reply_and_an_idle_end_is_no_fault() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        let url = format!("http://{address}/room");
        let opened = Http::open(&Request {
            url,
            subprotocol: None,
        });
        let (mut http, _) = opened.expect("somebody listens");
        let (mut server, _) = listener.accept().expect("somebody came");
        for target in ["/first", "/second"] {
            http.send(Call {
                method: "POST",
                target: target.to_owned(),
                body: "v=0".to_owned(),
            });
        }
        let mut answer = |expected: &str| {
            let mut bytes = [0; 1024];
            let length = server.read(&mut bytes).expect("a call comes");
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            assert_eq!(text.matches("POST").count(), 1);
            assert!(text.starts_with(&format!("POST {expected} HTTP/1.1\r\n")));
            server.write_all(CREATED.as_bytes()).expect("it is read");
        };
        let expected = Incoming::Message(Message::Reply(reply(201, Some("/here/1"), "v=0")));
        for target in ["/first", "/second"] {
            answer(target);
            assert_eq!(format!("{:?}", wait(&mut http)), format!("{expected:?}"));
        }
        drop(server);
        while http.descriptor().is_some() {
            assert!(http.receive().is_empty());
        }
    }

    fn wait(http: &mut Http) -> Incoming {
        loop {
            if let Some(incoming) = http.receive().pop() {
                return incoming;
            }
            std::thread::yield_now();
        }
    }
}
