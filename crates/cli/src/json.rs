//! Text that takes as much memory as it is long.

use bytes::Bytes;
use serde::Serialize;
use std::io;

/// JSON in a buffer of its size: one that grows takes up to three times that, and there may be an event of many megabytes
/// in it.
pub(crate) fn json(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value)?;
    let mut text = Vec::with_capacity(counted.0);
    serde_json::to_writer(&mut text, value)?;
    Ok(text.into())
}

/// Keeps nothing but the number of bytes.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
