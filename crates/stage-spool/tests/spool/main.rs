//! The spool, from the outside: over real files, and over a disk that the tests own.

mod corruption;
mod directory;
mod failures;
mod joining;
mod laws;
mod lifetimes;
mod metrics;
mod model;
mod quota;
mod reading;
mod rig;
