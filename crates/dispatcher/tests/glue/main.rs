//! Dispatchers over a real pipeline whose stages a test holds and releases. Clocks are paused, nothing sleeps.

mod acks;
mod active;
mod barriers;
mod checkpoints;
mod failures;
mod lifetimes;
mod maintainer;
mod model;
mod support;
