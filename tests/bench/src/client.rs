//! The least of HTTP/1.1 that a load generator needs: one keep-alive connection, one request at a
//! time, answers with a `Content-Length`. A full client would cost more than some of the answers.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    body: Option<String>,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None }
    }

    pub(crate) fn post(path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self { method: "POST", path: path.into(), body: Some(body.to_string()) }
    }

    /// The same, asked of another path.
    pub(crate) fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// What goes over the wire, with the session of this token.
    pub(crate) fn bytes(&self, token: Option<&str>) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: bench\r\n", self.method, self.path);
        if let Some(token) = token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        if let Some(body) = &self.body {
            head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        head += self.body.as_deref().unwrap_or_default();
        head.into_bytes()
    }
}

/// What was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and waits for its whole answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::find(&self.buffer)? {
                break head;
            }
        };
        let end = head.length + head.body;
        while self.buffer.len() < end {
            self.read().await?;
        }
        Ok(Answer { status: head.status, body: &self.buffer[head.length..end] })
    }

    async fn read(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

struct Head {
    status: u16,
    /// Bytes of the head, the empty line included.
    length: usize,
    /// Bytes of the body.
    body: usize,
}

impl Head {
    /// The head of an answer, once it is all there.
    fn find(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let bad = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| bad("a head that is no text"))?;
        let status = text.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| bad("no status"))?;
        let lengths = text.lines().filter_map(|line| line.split_once(": "));
        let body = lengths
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .find_map(|(_, value)| value.parse().ok())
            .ok_or_else(|| bad("an answer without Content-Length"))?;
        Ok(Some(Self { status, length: end + 4, body }))
    }
}
