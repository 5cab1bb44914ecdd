//! A client that sends exactly the bytes it is told to, and knows just enough HTTP to read
//! the answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// Nothing here takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    stream: TcpStream,
    /// Received, but not yet asked for.
    ahead: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub(crate) version: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// `authority` is like `127.0.0.1:4740`.
    pub(crate) fn connect(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).expect("the server accepts connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time is not zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time is not zero");
        stream.set_nodelay(true).expect("a connected socket");
        Self { stream, ahead: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).expect("the server reads");
        self
    }

    /// Like `send`, when the server may have hung up.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Tells the server that nothing more will be sent.
    pub(crate) fn finish(&mut self) -> &mut Self {
        self.stream.shutdown(Shutdown::Write).expect("a connected socket");
        self
    }

    /// The next answer, of a request that was not HEAD.
    pub(crate) fn reply(&mut self) -> Reply {
        let mut reply = self.head();
        reply.body = match reply.header("content-length") {
            Some(length) => self.take(length.parse().expect("a length")),
            None => self.rest(),
        };
        reply
    }

    /// The status line and headers of the next answer.
    pub(crate) fn head(&mut self) -> Reply {
        let end = loop {
            match self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break end,
                None => assert!(self.receive(), "closed before an answer: {:?}", self.shown()),
            }
        };
        let head = String::from_utf8(self.take(end + 4)).expect("a head is text");
        let mut lines = head.trim_end().lines();
        let mut status_line = lines.next().unwrap_or_default().splitn(3, ' ');
        let version = status_line.next().unwrap_or_default().to_owned();
        let status = status_line.next().unwrap_or_default().parse().expect("a status");
        let headers = lines
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Reply { status, version, headers, body: Vec::new() }
    }

    /// Everything up to the end of the connection.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.receive() {}
        std::mem::take(&mut self.ahead)
    }

    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        while self.ahead.len() < length {
            assert!(self.receive(), "closed within an answer: {:?}", self.shown());
        }
        self.ahead.drain(..length).collect()
    }

    /// False at the end of the connection.
    fn receive(&mut self) -> bool {
        let mut chunk = [0; 16 << 10];
        match self.stream.read(&mut chunk) {
            Ok(length) => {
                self.ahead.extend_from_slice(&chunk[..length]);
                length > 0
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("no answer within {PATIENCE:?}: {error}; got {:?}", self.shown()),
        }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.ahead).into_owned()
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }
}

/// One request on a connection of its own.
pub(crate) fn ask(authority: &str, method: &str, target: &str, body: &str) -> Reply {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = Client::connect(authority);
    let reply = client.send(request).reply();
    assert_eq!(client.rest(), b"", "something follows the answer");
    reply
}

pub(crate) fn get(authority: &str, target: &str) -> Reply {
    ask(authority, "GET", target, "")
}
