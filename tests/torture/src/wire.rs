//! The least of HTTP/1.1 that the scenarios need: one keep-alive connection whose bytes are seen, because
//! how a connection ends is what they are about.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Option<String>,
}

impl<'a> Request<'a> {
    pub(crate) fn get(path: &'a str, token: &'a str) -> Self {
        Self { method: "GET", path, token: Some(token), key: None, body: None }
    }

    pub(crate) fn post(path: &'a str, token: &'a str, body: &Value) -> Self {
        Self { method: "POST", path, token: Some(token), key: None, body: Some(body.to_string()) }
    }

    /// What goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: torture\r\n", self.method, self.path);
        if let Some(token) = self.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        if let Some(key) = self.key {
            head += &format!("Idempotency-Key: {key}\r\n");
        }
        if let Some(body) = &self.body {
            head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        head += self.body.as_deref().unwrap_or_default();
        head.into_bytes()
    }
}

/// What was answered, whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) replayed: bool,
    /// Null when it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// Whether this is what a client may expect of a database that is away: the envelope, and when to ask again.
    pub(crate) fn is_proper_503(&self) -> bool {
        self.status == 503 && self.retry_after && self.body["code"] == "unavailable"
    }

    /// Whether it is a success or a refusal in the envelope, and nothing else.
    pub(crate) fn is_proper(&self) -> bool {
        self.body["status"].is_number() && (self.status == 200 || self.body["code"].is_string())
    }

    /// What to say of it.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.status, self.body.to_string().chars().take(300).collect::<String>())
    }
}

/// One keep-alive connection.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Opens one on which nothing waits longer than `patience`.
    pub(crate) fn open(address: SocketAddr, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    pub(crate) fn send(&mut self, request: &Request<'_>) -> Result<Answer> {
        self.write(&request.bytes())?;
        self.read()
    }

    /// Reads one answer to its end; the end of the connection before that is an error.
    pub(crate) fn read(&mut self) -> Result<Answer> {
        let broken = || Error::new(ErrorKind::UnexpectedEof, "the answer is cut off");
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
        let (mut length, mut retry_after, mut replayed) = (None, false, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse::<usize>().ok(),
                "retry-after" => retry_after = true,
                "idempotency-replayed" => replayed = true,
                _ => {}
            }
        }
        let mut body = vec![0; length.ok_or_else(broken)?];
        self.reader.read_exact(&mut body)?;
        Ok(Answer { status, retry_after, replayed, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        match line.ends_with("\r\n") {
            true => Ok(line.trim_end().to_owned()),
            false => Err(Error::new(ErrorKind::UnexpectedEof, "the connection was closed")),
        }
    }
}

/// Sends one request over a connection of its own.
pub(crate) fn ask(address: SocketAddr, request: &Request<'_>, patience: Duration) -> Result<Answer> {
    Connection::open(address, patience)?.send(request)
}
