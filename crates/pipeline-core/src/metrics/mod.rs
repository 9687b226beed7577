//! What a meter sees of a pipeline, through the OpenTelemetry API.
//!
//! The numbers are kept by those who do the work, one writer each, and read when they are collected: an element pays
//! next to nothing for them, and nothing at all depends on them.
//!
//! | instrument | in a Prometheus scrape | labels | what |
//! |---|---|---|---|
//! | `spillway.wake_calls` | `spillway_wake_calls_total` | | enqueue acks given |
//! | `spillway.wake_suppressed` | `spillway_wake_suppressed_total` | `gate` | elements that had to wait before a gate |
//! | `spillway.discarded` | `spillway_discarded_total` | `reason` | elements left out on purpose |
//! | `spillway.stage_calls` | `spillway_stage_calls_total` | `stage` | calls of a stage's service that were begun |
//! | `spillway.stage_calls_in_flight` | the same, with `_` | `stage` | calls that run, or whose output waits for its turn |
//! | `spillway.gate_held` | `spillway_gate_held_bytes` | `gate` | bytes held behind a gate |
//! | `spillway.gate_high` | `spillway_gate_high_bytes` | `gate` | above this the gate shuts |
//! | `spillway.gate_low` | `spillway_gate_low_bytes` | `gate` | at this it opens again |
//! | `spillway.gate_shut` | `spillway_gate_shut` | `gate` | 1 while it is shut |
//! | `spillway.gate_waiting` | `spillway_gate_waiting` | `gate` | elements that wait before it |
//! | `spillway.gate_time_shut` | `spillway_gate_time_shut_seconds_total` | `gate` | how long it was shut |
//!
//! A gate is called after the stage it stands in, and `front` at the front door. All carry `pipeline`, if it was given
//! a name ([`Telemetry::pipeline`]).

mod books;
mod observed;
mod telemetry;

pub use telemetry::{Series, Telemetry, durations, sizes};

pub(crate) use books::{LaneBooks, StageBooks};
pub(crate) use observed::observe;
