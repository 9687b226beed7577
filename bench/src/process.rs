//! What the process has used, as Linux tells it under `/proc/self`.

use std::fs;
use std::io;

/// Clock ticks per second in `/proc`: the kernel's USER_HZ, which is 100 on every platform that has it.
const TICKS: f64 = 100.0;

/// Seconds of CPU, user and system, of all threads so far.
pub(crate) fn cpu_seconds() -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is the name in parentheses, and may hold spaces; utime and stime are fields 14 and 15.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

/// The most memory that was resident at once, in bytes.
pub(crate) fn peak_memory() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(kilobytes * 1024)
}
