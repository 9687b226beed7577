//! Whole-pipeline tests, and the real servers they run against.
//!
//! | room | what lives there |
//! |---|---|
//! | [`mariadb`] | a private MariaDB with a row binlog |
//! | [`mysql`] | a private MySQL with a row binlog |
//! | [`database`] | whichever of them the environment names |
//! | [`unpacked`] | a server of the matrix, which is not installed |
//! | [`moto`] | a private S3 server |
//! | [`pod_identity`] | credentials for S3 that end, and the agent that hands them out |
//! | [`token_service`] | roles of AWS, whose credentials end |
//! | [`gcs`] | a private GCS server, of our own making |
//! | [`azurite`] | a private Azure Blob Storage |
//! | [`managed_identity`] | tokens for it that end, and the metadata server that hands them out |
//! | [`cloud`] | what these three have in common |
//! | [`fault_proxy`] | a proxy that fails requests on purpose |
//! | [`command`] | the `spillway` command, run as an operator runs it |
//! | [`held_store`] | a store in memory whose puts can be held back |
//! | [`consumer`] | an independent reader of a bucket: the judge of what the sink wrote |
//! | [`executing`] | a reader that runs a bucket on a second server: the judge of the DDL texts in it |
//! | [`mod@contents`] | everything in a bucket, byte for byte |
//! | [`mod@until`] | waiting for something that another process does |
//! | [`server_error`] | why a server is not there, and what to do |

pub mod azurite;
mod client;
pub mod cloud;
pub mod command;
pub mod consumer;
pub mod contents;
pub mod database;
pub mod executing;
pub mod fault_proxy;
pub mod gcs;
pub mod held_store;
mod issued;
pub mod managed_identity;
pub mod mariadb;
pub mod moto;
pub mod mysql;
pub mod pod_identity;
mod server;
pub mod server_error;
pub mod token_service;
pub mod unpacked;
pub mod until;

pub use azurite::Azurite;
pub use cloud::Cloud;
pub use command::Spillway;
pub use contents::contents;
pub use database::Database;
pub use fault_proxy::{Fault, FaultProxy, Request};
pub use gcs::Gcs;
pub use held_store::HeldStore;
pub use managed_identity::ManagedIdentity;
pub use mariadb::MariaDb;
pub use moto::Moto;
pub use mysql::MySql;
pub use pod_identity::PodIdentity;
pub use server_error::ServerError;
pub use token_service::TokenService;
pub use unpacked::Unpacked;
pub use until::until;
