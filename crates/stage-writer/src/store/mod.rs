//! Stores that whoever writes files can use, and what a store is found to honour.
//!
//! | room | what lives there |
//! |---|---|
//! | [`durable_local`] | a local directory whose writes survive a crash |
//! | [`mod@probe`] | whether a store honours conditions, asked at start |

pub mod durable_local;
pub mod probe;

pub use durable_local::DurableLocal;
pub use probe::{ProbeError, probe};
