//! What can become of a request.

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
            Self::CutBefore | Self::AnswerBefore(_) | Self::HangBefore => false,
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
}

impl Request {
    /// Whether it writes an object whose key ends like this: a `PUT` of one request, or one that completes a
    /// multipart upload.
    pub fn writes(&self, end_of_key: &str) -> bool {
        let (key, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let is_whole = self.method == "PUT" && !query.contains("partNumber=");
        let completes = self.method == "POST" && query.contains("uploadId=");
        (is_whole || completes) && key.ends_with(end_of_key)
    }
}
