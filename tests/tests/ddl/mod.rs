//! DDLs on a real server, and whether a bucket replays to that server's tables.
//!
//! | room | what lives there |
//! |---|---|
//! | `case` | a case: statements in databases of its own |
//! | `corpus` | every DDL that is followed, case by case |
//! | `interleaved` | DDLs and rows in random order |
//! | `protocol` | how a bucket is written, and what its reader must be told |
//! | `judge` | one bucket, executed on a second server and compared |
//! | `report` | all verdicts at once |
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod case;
pub mod corpus;
pub mod interleaved;
pub mod judge;
pub mod protocol;
pub mod report;

pub use case::{Case, Version};
pub use judge::{Judge, Verdict};
pub use protocol::Protocol;
pub use report::Report;

pub use tests::Database as DatabaseServer;
