//! Why a bucket cannot be replayed onto a server.

/// Why a bucket cannot be replayed onto a server, or why two servers cannot be compared.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Failure {
    /// A schema file whose statement the consumer does not take.
    #[error("{file}: {problem}: {query}")]
    Refused { file: String, query: String, problem: &'static str },
    /// A statement that the server does not take: the `Query` of a schema file, or the rows of a data file.
    #[error("{file}: {reason}: {statement}")]
    Sql { file: String, statement: String, reason: String },
    /// A server could not be asked; this says nothing about the bucket.
    #[error("cannot ask a server for {what}")]
    Server {
        what: String,
        #[source]
        source: mysql_async::Error,
    },
}

impl Failure {
    /// Wraps an error that the bucket is not to blame for.
    pub(super) fn server(what: impl Into<String>) -> impl FnOnce(mysql_async::Error) -> Self {
        let what = what.into();
        move |source| Self::Server { what, source }
    }
}
