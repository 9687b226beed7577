//! How a store is used.

use super::Concurrency;
use std::time::Duration;

/// How a store is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteConfig {
    /// Requests in flight at once.
    pub requests: Concurrency,
    /// When a failed request is sent again.
    pub retry: Retry,
    /// How long a request may go unanswered. Then it counts as failed, though the store may still carry it out.
    pub timeout: Duration,
    /// Whether the store honours conditions.
    pub conditional: Conditional,
    /// What becomes of data files whose attributes the store has no place for.
    pub attributed: Attributed,
    /// The largest object that is put in one request, in bytes, where its bytes are in memory already, or are
    /// compressed and [find room](crate::UploadConfig::buffers).
    pub single_put: u64,
    /// Bytes of a part of a multipart upload, and the largest spilled file that is put in one request; a compressed one
    /// of this size always is.
    pub part: u64,
}

impl Default for RemoteConfig {
    fn default() -> Self {
        Self {
            requests: Concurrency::Adaptive { first: 64, most: 512 },
            retry: Retry::default(),
            timeout: Duration::from_secs(300),
            conditional: Conditional::Honoured,
            attributed: Attributed::Always,
            single_put: 96 << 20,
            part: 8 << 20,
        }
    }
}

/// Whether a store honours `PutMode::Create`, as [`probe`](crate::probe()) finds out at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditional {
    /// It does: two owners of a name cannot overwrite each other.
    Honoured,
    /// It overwrites without a word, or has no such condition: a name is looked up before it is written, which protects against a leftover
    /// but not against a second owner at the same moment.
    Ignored,
}

/// What becomes of data files with [attributes](crate::Layout::attributes) on a store that has no place for them, as
/// a local directory has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attributed {
    /// They are not written: the pipeline fails. Readers can rely on the attributes.
    Always,
    /// They go without, which is said once: the attributes only make reading more convenient.
    WherePossible,
}

/// When a failed request is sent again: exponential backoff, spread so that failures do not march in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How long after the first failure the last attempt may start.
    pub total: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
            total: Duration::from_secs(300),
        }
    }
}
