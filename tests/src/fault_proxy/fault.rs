//! What can become of a request.

use percent_encoding::percent_decode_str;

/// What a [`FaultProxy`](super::FaultProxy) does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server answers it.
    Pass,
    /// The connection is reset; the server never hears of it.
    CutBefore,
    /// The server applies it, then the connection is reset: the answer is lost.
    CutAfter,
    /// The server applies it, and the connection is reset in the middle of the answer's bytes.
    CutDuringAnswer,
    /// The proxy answers with this status; the server never hears of it.
    AnswerBefore(u16),
    /// The server applies it, and the proxy answers with this status instead.
    AnswerAfter(u16),
    /// The proxy answers with this status and, as S3 and Azure do, this code; the server never hears of it.
    RefuseBefore(u16, &'static str),
    /// Nothing happens and no answer comes, until the client gives up or the proxy lets go of it.
    HangBefore,
    /// The server applies it, and no answer comes, until the client gives up or the proxy lets go of it.
    HangAfter,
}

impl Fault {
    /// Whether the server gets to see the request.
    pub(super) fn reaches_the_server(self) -> bool {
        match self {
            Self::Pass | Self::CutAfter | Self::CutDuringAnswer | Self::AnswerAfter(_) | Self::HangAfter => {
                true
            }
            Self::CutBefore | Self::AnswerBefore(_) | Self::RefuseBefore(..) | Self::HangBefore => false,
        }
    }
}

/// The part of a request that a rule decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `PUT`…
    pub method: String,
    /// The path and the query, as sent.
    pub path: String,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| &**value)
    }

    /// Whether it sends a part of an object. Whichever cloud's client sends it.
    pub fn is_part(&self) -> bool {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = query.split('&');
        self.method == "PUT" && pairs.any(|pair| pair.starts_with("partNumber=") || pair == "comp=block")
    }

    /// Whether it writes an object whose key ends like this: a `PUT` of one request, or what completes an object that
    /// came in parts. Whichever cloud's client sends it.
    pub fn writes(&self, end_of_key: &str) -> bool {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        // S3 and GCS complete with a POST; Azure with a PUT of the list of blocks.
        let completes = self.method == "POST" && has("uploadId");
        let writes = completes || self.method == "PUT" && !self.is_part();
        writes && percent_decode_str(path).decode_utf8_lossy().ends_with(end_of_key)
    }

    /// Whether the path has this in it, as one reads it: a client may escape every slash and dot.
    pub fn names(&self, part: &str) -> bool {
        percent_decode_str(&self.path).decode_utf8_lossy().contains(part)
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_write_is_what_makes_an_object_in_each_clouds_tongue() {
        for (writes, method, path) in [
            (true, "PUT", "/bucket/p/a.csv"),
            (false, "GET", "/bucket/p/a.csv"),
            (false, "PUT", "/bucket/p/a.index"),
            (false, "PUT", "/bucket/p/a.csv?partNumber=1&uploadId=x"),
            (false, "POST", "/bucket/p/a.csv?uploads="),
            (true, "POST", "/bucket/p/a.csv?uploadId=x"),
            (true, "PUT", "/bucket/p%2Fa%2Ecsv"),
            (false, "PUT", "/bucket/p%2Fa%2Ecsv?partNumber=2&uploadId=x"),
            (false, "PUT", "/account/box/p/a.csv?comp=block&blockid=AA"),
            (true, "PUT", "/account/box/p/a.csv?comp=blocklist"),
        ] {
            let request = Request { method: method.to_owned(), path: path.to_owned(), headers: Vec::new() };
            assert_eq!(request.writes(".csv"), writes, "{method} {path}");
            assert!(writes || !request.names("/p/b") && request.names("p/a."), "{method} {path}");
        }
    }
}
