//! Whole-pipeline tests, and the real servers they run against.
//!
//! | room | what lives there |
//! |---|---|
//! | [`mariadb`] | a private MariaDB with a row binlog |
//! | [`moto`] | a private S3 server |
//! | [`fault_proxy`] | a proxy that fails requests on purpose |
//! | [`held_store`] | a store in memory whose puts can be held back |
//! | [`consumer`] | an independent reader of a bucket: the judge of what the sink wrote |
//! | [`server_error`] | why a server is not there, and what to do |

pub mod consumer;
pub mod fault_proxy;
pub mod held_store;
pub mod mariadb;
pub mod moto;
mod server;
pub mod server_error;

pub use fault_proxy::{Fault, FaultProxy, Request};
pub use held_store::HeldStore;
pub use mariadb::MariaDb;
pub use moto::Moto;
pub use server_error::ServerError;
