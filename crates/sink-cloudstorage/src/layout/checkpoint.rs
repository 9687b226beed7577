//! The checkpoint file.

use super::LayoutError;
use serde::Deserialize;

/// The key of the checkpoint file.
pub const METADATA_KEY: &str = "metadata";

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "checkpoint-ts")]
    checkpoint_ts: u64,
}

/// The content of the checkpoint file.
pub fn checkpoint_content(checkpoint_ts: u64) -> String {
    format!("{{\"checkpoint-ts\":{checkpoint_ts}}}")
}

/// Reads the content of the checkpoint file back.
///
/// # Errors
/// [`LayoutError::InvalidCheckpoint`] if it holds none.
pub fn parse_checkpoint(content: &[u8]) -> Result<u64, LayoutError> {
    serde_json::from_slice(content)
        .map(|metadata: Metadata| metadata.checkpoint_ts)
        .map_err(|_| LayoutError::InvalidCheckpoint(String::from_utf8_lossy(content).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::{checkpoint_content, parse_checkpoint};

    #[test]
    fn the_content_is_the_golden_one_and_parses_back() {
        assert_eq!(checkpoint_content(100), r#"{"checkpoint-ts":100}"#);
        let greatest = checkpoint_content(u64::MAX);
        assert_eq!(parse_checkpoint(greatest.as_bytes()), Ok(u64::MAX));
    }

    #[test]
    fn anything_else_is_refused() {
        for content in ["", "{}", r#"{"checkpoint-ts":-1}"#, r#"{"checkpoint-ts":1"#] {
            assert!(parse_checkpoint(content.as_bytes()).is_err(), "{content}");
        }
    }
}
