//! The glue between a source and a sink: dispatchers, table progress, block events.
