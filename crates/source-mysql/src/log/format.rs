//! The format description: the first event of a file says how all others are written.

use super::event::CHECKSUM;
use crate::decode::{Cursor, Fault, ServerVersion};

/// How the events of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// Who wrote it.
    pub(crate) server: ServerVersion,
}

/// Reads the format description's body, with or without what is at its end. Refuses what we do not read: headers
/// of another version, and table ids of four bytes.
pub(crate) fn format_of(body: &[u8]) -> Result<Format, Fault> {
    const TABLE_MAP: usize = 19;
    let mut cursor = Cursor::new(body);
    let version = cursor.u16()?;
    let server = String::from_utf8_lossy(cursor.take(50)?);
    let _created = cursor.u32()?;
    let header = cursor.u8()?;
    if version != 4 {
        return Err(Fault::unsupported(format!(
            "the log has version {version}; only version 4 (MySQL 5.0 and later) can be read"
        )));
    }
    if header != 19 {
        return Err(Fault::unsupported(format!(
            "the log's event headers have {header} bytes; only those of 19 bytes can be read"
        )));
    }
    if cursor.rest().get(TABLE_MAP - 1) != Some(&8) {
        return Err(Fault::unsupported("the log is of a server before version 5.1"));
    }
    Ok(Format { server: ServerVersion::of(&server) })
}

impl Format {
    /// Whether every event of the file ends in a CRC32, said at the end of the format description as the file has
    /// it: an algorithm, and then always a checksum.
    pub(crate) fn has_checksums(self, body: &[u8]) -> Result<bool, Fault> {
        // Only a server that knows checksums ends the body in their algorithm.
        if !self.server.knows_checksums() {
            return Ok(false);
        }
        match body.len().checked_sub(CHECKSUM + 1).map(|at| body[at]) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(other) => Err(Fault::unsupported(format!("the log has unknown checksums ({other})"))),
            None => Err(Fault::corrupt("the format description is too short")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(server: &str, algorithm: u8) -> Vec<u8> {
        let mut body = vec![4, 0];
        body.extend(server.bytes().chain(std::iter::repeat(0)).take(50));
        body.extend([0, 0, 0, 0, 19]);
        body.extend([8; 40]);
        body.extend([algorithm, 0, 0, 0, 0]);
        body
    }

    #[test]
    fn a_log_that_cannot_be_read_is_told_what_it_is() {
        let text = |at: usize, value: u8| {
            let mut body = body("8.0.36", 1);
            body[at] = value;
            match format_of(&body).unwrap_err() {
                Fault::Unsupported(text) | Fault::Corrupt(text) => text.into_owned(),
                Fault::Elsewhere(_) => unreachable!("the format has no other place"),
            }
        };
        assert!(text(0, 3).contains("version 3"));
        assert!(text(56, 13).contains("headers have 13 bytes"), "{}", text(56, 13));
    }

    #[test]
    fn checksums_are_known_by_version_and_algorithm() {
        let checksums = |server, algorithm| {
            let body = body(server, algorithm);
            format_of(&body)?.has_checksums(&body)
        };
        assert_eq!(checksums("10.11.19-MariaDB-log", 1), Ok(true));
        assert_eq!(checksums("8.0.36", 0), Ok(false));
        assert_eq!(checksums("5.5.62-log", 1), Ok(false));
        assert!(checksums("8.0.36", 7).is_err());
    }
}
