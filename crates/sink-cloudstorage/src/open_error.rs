//! Why a sink could not be opened.

use crate::store::OpenError;
use crate::written_with::WrittenWithError;
use stage_encode::CsvConfigError;
use stage_spool::SpoolError;
use stage_writer::ProbeError;
use thiserror::Error;

/// Why a sink could not be opened: nothing was written but a probe.
#[derive(Debug, Error)]
pub enum OpenSinkError {
    /// The store cannot be opened: fix the sink URI, or what it points at.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The store does not let the sink write, or does not answer: fix credentials, permissions or the network.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// The target was written with other settings: set them back, or write to a new prefix.
    #[error(transparent)]
    WrittenWith(#[from] WrittenWithError),
    /// Another process on this machine writes to the target, and has its spool: stop that one first.
    #[error("another spillway on this machine writes to {0}; stop it first")]
    InUse(String),
    /// The spool cannot be opened: fix its directory.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The format's options do not fit together: fix the configuration.
    #[error(transparent)]
    Csv(#[from] CsvConfigError),
}
