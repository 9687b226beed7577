//! How it is asked to stop.

use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::SignalStream;
use tokio_stream::{Stream, StreamExt};

/// Every SIGINT and SIGTERM. From now on they do not end the process by themselves.
pub(crate) fn signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    let of = |kind| signal(kind).map(SignalStream::new);
    Ok(of(SignalKind::interrupt())?.merge(of(SignalKind::terminate())?))
}
