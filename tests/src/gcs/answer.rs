//! Answers, and the errors among them.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode};

pub(super) type Answer = Response<Full<Bytes>>;

/// An answer with these headers.
pub(super) fn answer(status: StatusCode, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let body = body.into();
    // Said for an empty one, too, which clients that ask for no more than the head rely on.
    let mut response = Response::builder().status(status);
    if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
        response = response.header("content-length", body.len());
    }
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(body)).expect("headers of our own are well-formed")
}

/// An answer in XML.
pub(super) fn xml(root: &str, body: &str) -> Answer {
    answer(StatusCode::OK, &[("content-type", "application/xml")], document(root, body))
}

/// What the server says when it does not do what was asked.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    NotModified,
    PreconditionFailed,
    /// A range behind the object's end.
    InvalidRange,
    /// A part that was not sent, or is another.
    InvalidPart,
    /// A part that is not the last has less than 5 MiB.
    EntityTooSmall,
    /// No bearer token, or one that has ended.
    AuthenticationRequired,
    /// Something that this server does not know.
    NotImplemented,
}

impl Refusal {
    /// As the server says it.
    pub(super) fn answer(self) -> Answer {
        let (status, code) = match self {
            Self::NoSuchBucket => (404, "NoSuchBucket"),
            Self::NoSuchKey => (404, "NoSuchKey"),
            Self::NoSuchUpload => (404, "NoSuchUpload"),
            Self::NotModified => (304, ""),
            Self::PreconditionFailed => (412, "PreconditionFailed"),
            Self::InvalidRange => (416, "InvalidRange"),
            Self::InvalidPart => (400, "InvalidPart"),
            Self::EntityTooSmall => (400, "EntityTooSmall"),
            Self::AuthenticationRequired => (401, "AuthenticationRequired"),
            Self::NotImplemented => (501, "NotImplemented"),
        };
        let status = StatusCode::from_u16(status).expect("a status");
        if status == StatusCode::NOT_MODIFIED {
            return answer(status, &[], "");
        }
        let body =
            document("Error", &format!("<Code>{code}</Code><Message>{code}, says the fake.</Message>"));
        answer(status, &[("content-type", "application/xml")], body)
    }
}

/// Text as XML has it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn document(root: &str, body: &str) -> String {
    format!("<?xml version='1.0' encoding='UTF-8'?><{root}>{body}</{root}>")
}
