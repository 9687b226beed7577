//! Room to wait: a memory tier, then disk segments, under one quota.
//!
//! ```text
//!               room in memory?
//! call ─► piece ──────┬────── yes ──────────────────────────────────► Stored, at once
//!                     │
//!                     └─ no ─► waiting room ─► writer thread ─► frame ─► Stored, when written
//!                              (a gate)        one write for all       read back in parts
//!                                              that wait
//! ```
//!
//! The spool is overflow, not a log: nothing in it survives its process, nothing is synced, and after a crash the
//! source sends again what was not flushed. What it does promise: bytes come back as they were put or as an error
//! that names file and offset, and neither tier exceeds its bound.
//!
//! | room | what happens there |
//! |---|---|
//! | `spool`, `spooling` | the service, and the future of a call |
//! | `of_payloads` | the service for payloads that are not bytes |
//! | `memory` | the memory tier: counted bytes |
//! | `inbox`, `writer` | pieces that found it full, and the thread that places them |
//! | `shelf`, `segment` | segment files: where the next frame goes, and what may be deleted |
//! | `frame` | the bytes of a file |
//! | `tier`, `read` | where bytes are, and reading them back |
//! | `stored` | what a call gives |
//! | `directory` | one spool a directory |
//! | [`disk`] | the file operations, as a seam |
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`bytes`] | 1 | what is put, and what is read back |
//! | [`tower`] | 0.5 | the spool is a `Service` |
//! | [`opentelemetry`] | 0.33 | the meter in a [`Telemetry`](pipeline_core::Telemetry) |

mod config;
mod core;
mod directory;
pub mod disk;
mod error;
mod frame;
mod inbox;
mod ledger;
mod memory;
mod metrics;
mod of_payloads;
mod read;
mod segment;
mod shelf;
mod spool;
mod spooling;
mod stored;
mod tier;
mod writer;

pub use config::SpoolConfig;
pub use error::{Flaw, SpoolError};
pub use ledger::SpoolStats;
pub use of_payloads::{Packing, SpoolOf};
pub use spool::Spool;
pub use spooling::Spooling;
pub use stored::Stored;
