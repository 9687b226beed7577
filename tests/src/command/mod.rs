//! The `spillway` command, run as an operator runs it.
//!
//! | room | what lives there |
//! |---|---|
//! | [`mod@program`] | where the command is; built when it is missing or older than its sources |
//! | [`spillway`] | one run: its arguments, its process, what it said |
//! | [`saved`] | how far a run says it has come |

pub mod program;
pub mod saved;
pub mod spillway;

pub use program::program;
pub use saved::Saved;
pub use spillway::{Ended, Running, Spillway};
