//! Just enough HTTP/1.1 to find where a message ends.

use super::Request;
use std::io;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// No head is this long.
const LONGEST_HEAD: usize = 64 * 1024;

/// One message, byte for byte, and what its head says about the rest.
pub(super) struct Message {
    /// All of it: head and body.
    pub(super) bytes: Vec<u8>,
    /// Its first line.
    start_line: String,
    /// Its headers: names in lower case, and values.
    headers: Vec<(String, String)>,
    /// Whether the sender closes the connection behind it.
    pub(super) is_last: bool,
}

impl Message {
    /// Reads the next request; `None` if the client has closed the connection.
    pub(super) async fn read_request(from: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let Some(head) = read_head(from).await? else {
            return Ok(None);
        };
        let body =
            if is_chunked(&head) { Body::Chunked } else { Body::Sized(content_length(&head)?.unwrap_or(0)) };
        Self::read_rest(head, body, from).await.map(Some)
    }

    /// Reads the answer to a request of this method.
    pub(super) async fn read_answer(from: &mut BufReader<TcpStream>, method: &str) -> io::Result<Self> {
        let head = read_head(from).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        let is_empty = method == "HEAD" || status.starts_with('1') || matches!(status, "204" | "304");
        let body = if is_empty {
            Body::Sized(0)
        } else if is_chunked(&head) {
            Body::Chunked
        } else {
            content_length(&head)?.map_or(Body::UntilClose, Body::Sized)
        };
        Self::read_rest(head, body, from).await
    }

    /// An answer with this status and this body.
    pub(super) fn answer(status: u16, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status} Fault\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    /// What a rule decides by.
    pub(super) fn request(&self) -> Request {
        let mut words = self.start_line.split(' ').map(str::to_owned);
        Request {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            headers: self.headers.clone(),
        }
    }

    async fn read_rest(head: String, body: Body, from: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let closes = header(&head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let start_line = head.lines().next().unwrap_or_default().to_owned();
        let mut message = Self {
            is_last: closes || matches!(body, Body::UntilClose) || start_line.starts_with("HTTP/1.0"),
            start_line,
            headers: headers(&head).collect(),
            bytes: head.into_bytes(),
        };
        match body {
            Body::Sized(length) => read_exactly(from, &mut message.bytes, length).await?,
            Body::Chunked => read_chunks(from, &mut message.bytes).await?,
            Body::UntilClose => {
                from.read_to_end(&mut message.bytes).await?;
            }
        }
        Ok(message)
    }
}

/// How the length of a body is known.
enum Body {
    Sized(u64),
    Chunked,
    UntilClose,
}

/// Reads up to and including the empty line; `None` at a clean end.
async fn read_head(from: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    loop {
        let read = from.read_until(b'\n', &mut head).await?;
        if read == 0 && head.is_empty() {
            return Ok(None);
        }
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.ends_with(b"\r\n\r\n") {
            break;
        }
        if head.len() > LONGEST_HEAD {
            return Err(malformed("a head of more than 64 KiB"));
        }
    }
    String::from_utf8(head).map(Some).map_err(|_| malformed("a head that is not text"))
}

/// Reads chunk after chunk, sizes and line ends included, to the empty line after the last.
async fn read_chunks(from: &mut BufReader<TcpStream>, into: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let start = into.len();
        from.read_until(b'\n', into).await?;
        let line = String::from_utf8_lossy(&into[start..]);
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| malformed("a chunk without a size"))?;
        if size == 0 {
            break;
        }
        read_exactly(from, into, size + 2).await?;
    }
    // Trailers, if any, up to the empty line.
    loop {
        let start = into.len();
        from.read_until(b'\n', into).await?;
        if matches!(&into[start..], b"\r\n" | b"") {
            return Ok(());
        }
    }
}

async fn read_exactly(from: &mut BufReader<TcpStream>, into: &mut Vec<u8>, length: u64) -> io::Result<()> {
    let read = from.take(length).read_to_end(into).await?;
    if read as u64 == length {
        return Ok(());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn headers(head: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn is_chunked(head: &str) -> bool {
    header(head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
}

fn content_length(head: &str) -> io::Result<Option<u64>> {
    let length = header(head, "content-length").map(str::parse).transpose();
    length.map_err(|_| malformed("a content-length that is not a number"))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
