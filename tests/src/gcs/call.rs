//! One request, taken apart.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// A request, read to its end.
pub(super) struct Call {
    pub(super) method: Method,
    /// The first part of the path.
    pub(super) bucket: String,
    /// The rest of the path; empty for the bucket itself.
    pub(super) key: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    /// Reads a request; `None` if the client is gone before its end.
    pub(super) async fn read(request: Request<Incoming>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let path = head.uri.path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        Some(Self {
            method: head.method,
            bucket: decoded(bucket),
            key: decoded(key),
            query: query.into_owned().collect(),
            headers: head.headers,
            body,
        })
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}
