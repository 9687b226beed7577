//! Both formats from the outside: whole events in, whole lines out.

mod canal_lines;
mod canal_types;
mod csv_lines;
mod csv_round_trip;
mod csv_types;
mod event;
mod laws;
mod output;
mod selected;
