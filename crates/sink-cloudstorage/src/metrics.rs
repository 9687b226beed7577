//! Every instrument of the sink, as a Prometheus scrape shows it.
//!
//! | metric | labels | what |
//! |---|---|---|
//! | `spillway_wake_calls_total` | | enqueue acks given |
//! | `spillway_wake_suppressed_total` | `gate` | events that a shut watermark made wait for their wake |
//! | `spillway_spool_bytes` | `tier`, `dir` | bytes held in the spool's memory, and on its disk |
//! | `spillway_spool_items` | `dir` | pieces in the spool |
//! | `spillway_spool_physical_bytes` | `dir` | bytes of segment files, dead frames included |
//! | `spillway_spool_waiting_bytes` | `dir` | bytes on their way to a tier |
//! | `spillway_spool_segments` | `dir` | segment files |
//! | `spillway_spool_segment_rotations_total` | `dir` | segments that were ever begun |
//! | `spillway_spool_read_back_bytes_total` | `dir` | payload bytes that were ever read back from disk |
//! | `spillway_flush_tasks_total` | `reason` | files begun |
//! | `spillway_flush_duration_seconds` | `reason` | from a batch's closing until its file is visible, its index written |
//! | `spillway_flush_file_size_bytes` | `reason` | bytes of visible data files, as they stand in the store |
//! | `spillway_ddl_drain_duration_seconds` | | from a DDL's arrival until everything before it is durable |
//! | `spillway_encode_rows_total` | | rows encoded |
//! | `spillway_encode_bytes_total` | | bytes they were encoded to |
//! | `spillway_parked_events_total` | `by` | events that the source passed over, and that are kept |
//! | `spillway_parked_bytes_total` | `by` | bytes of what is kept of them |
//! | `spillway_stage_calls_total` | `stage` | calls of a stage that were begun |
//! | `spillway_stage_calls_in_flight` | `stage` | calls that run, or whose output waits for its turn |
//! | `spillway_gate_held_bytes` | `gate` | bytes held behind a gate |
//! | `spillway_gate_high_bytes` | `gate` | above this the gate shuts |
//! | `spillway_gate_low_bytes` | `gate` | at this it opens again |
//! | `spillway_gate_shut` | `gate` | 1 while it is shut |
//! | `spillway_gate_waiting` | `gate` | events that wait before it |
//! | `spillway_gate_time_shut_seconds_total` | `gate` | how long it was shut |
//!
//! `stage` and `gate` are names of stages: `encode`, `spool`, `batch`, `upload`, `publish`, and `front` for the front
//! door's gate. `by` is `policy` or `operator`. All carry `pipeline`, if the [`Telemetry`](pipeline_core::Telemetry) that the sink was opened with has
//! one. The test `metrics` of the workspace holds this table against a scrape.
