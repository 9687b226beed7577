//! One server, and everything about its log that can be set.
//!
//! | room | what lives there |
//! |---|---|
//! | `version` | which server it is |
//! | `any_server` | the server that the environment names |
//! | `variation` | every combination of what can be set |
//! | `tables` | every type of column, and rows |

mod any_server;
mod tables;
mod variation;
mod version;

pub use any_server::AnyServer;
pub use tables::statements;
pub use variation::{Variation, starts, variations};
