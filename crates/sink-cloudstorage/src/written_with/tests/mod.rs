//! Two runs of the sink over one target, and what the second makes of the first.

mod earlier;
mod file;
mod keys;
mod rig;
