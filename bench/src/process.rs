//! What the process has used.

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::io;

/// Seconds of CPU, user and system, of all threads so far.
pub(crate) fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// The most memory that was resident at once, in bytes, as Linux tells it.
pub(crate) fn peak_memory() -> io::Result<u64> {
    status("VmHWM:")
}

/// Memory that is resident now, in bytes.
pub(crate) fn memory() -> io::Result<u64> {
    status("VmRSS:")
}

fn status(field: &str) -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(kilobytes * 1024)
}

/// The profile that this program was built with: cargo's folder is called after it.
pub(crate) fn profile() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    program.parent()?.file_name()?.to_str().map(str::to_owned)
}
