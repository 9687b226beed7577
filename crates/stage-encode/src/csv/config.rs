//! The options of CSV.

use std::str::FromStr;
use thiserror::Error;

/// Bytes a delimiter may have.
const MAX_DELIMITER_LEN: usize = 3;

/// The options of CSV, as the keys of `[sink.csv]` name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvConfig {
    /// What stands between fields: 1 to 3 bytes, no line break. Default `,`.
    pub delimiter: String,
    /// What stands around strings: one byte, or empty to escape instead. Default `"`.
    pub quote: String,
    /// What stands for NULL, bare. Default `\N`.
    pub null: String,
    /// Whether each line has the commit-ts as its fourth field.
    pub include_commit_ts: bool,
    /// How bytes of binary columns become text. Default base64.
    pub binary_encoding_method: BinaryEncoding,
    /// Whether an UPDATE becomes a `D` and an `I` line instead of one `U` line, and each line says whether it
    /// belongs to an UPDATE. A `U` line does not show the row before: it replaces the one with its primary key. So
    /// an UPDATE that changes the primary key, or is of a table without one, must come as a DELETE and an INSERT
    /// where this is off.
    pub output_old_value: bool,
    /// Accepted, as the ancestor accepts it, and without effect: all columns are written.
    pub output_handle_key: bool,
    /// Whether each file starts with a line of column names.
    pub output_field_header: bool,
    /// What ends a line. Default CR LF.
    pub terminator: String,
}

/// How bytes of binary columns become text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BinaryEncoding {
    /// Standard base64 with padding.
    #[default]
    Base64,
    /// Lower-case hexadecimal.
    Hex,
}

/// An option out of its range: fix the configuration.
///
/// The texts are the ancestor's, so that what an operator knows or greps for still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum CsvConfigError {
    #[error("csv config quote contains more than one character")]
    QuoteTooLong,
    #[error("csv config quote cannot be line break character")]
    QuoteIsLineBreak,
    #[error("csv config delimiter cannot be empty")]
    DelimiterEmpty,
    #[error("csv config delimiter contains line break characters")]
    DelimiterHasLineBreak,
    #[error(
        "csv config delimiter contains more than three characters, \
         note that escape sequences can only be used in double quotes in toml configuration items."
    )]
    DelimiterTooLong,
    #[error("csv config quote and delimiter has common characters which is not allowed")]
    QuoteInDelimiter,
    #[error("csv config binary-encoding-method can only be hex or base64")]
    BinaryEncoding,
}

impl Default for CsvConfig {
    fn default() -> Self {
        Self {
            delimiter: ",".to_owned(),
            quote: "\"".to_owned(),
            null: "\\N".to_owned(),
            include_commit_ts: false,
            binary_encoding_method: BinaryEncoding::Base64,
            output_old_value: false,
            output_handle_key: false,
            output_field_header: false,
            terminator: "\r\n".to_owned(),
        }
    }
}

impl CsvConfig {
    /// Checks every option.
    ///
    /// # Errors
    /// The first option out of its range: the quote, then the delimiter, then both together.
    pub fn validate(&self) -> Result<(), CsvConfigError> {
        let has_line_break = |text: &str| text.contains(['\r', '\n']);
        if self.quote.len() > 1 {
            return Err(CsvConfigError::QuoteTooLong);
        }
        if has_line_break(&self.quote) {
            return Err(CsvConfigError::QuoteIsLineBreak);
        }
        if self.delimiter.is_empty() {
            return Err(CsvConfigError::DelimiterEmpty);
        }
        if has_line_break(&self.delimiter) {
            return Err(CsvConfigError::DelimiterHasLineBreak);
        }
        if self.delimiter.len() > MAX_DELIMITER_LEN {
            return Err(CsvConfigError::DelimiterTooLong);
        }
        if !self.quote.is_empty() && self.delimiter.contains(&self.quote) {
            return Err(CsvConfigError::QuoteInDelimiter);
        }
        Ok(())
    }
}

impl FromStr for BinaryEncoding {
    type Err = CsvConfigError;

    fn from_str(text: &str) -> Result<Self, CsvConfigError> {
        match text {
            "base64" => Ok(Self::Base64),
            "hex" => Ok(Self::Hex),
            _ => Err(CsvConfigError::BinaryEncoding),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(delimiter: &str, quote: &str) -> Option<String> {
        let config =
            CsvConfig { delimiter: delimiter.to_owned(), quote: quote.to_owned(), ..CsvConfig::default() };
        config.validate().err().map(|error| error.to_string())
    }

    #[test]
    fn legal_options_pass() {
        assert_eq!(CsvConfig::default().validate(), Ok(()));
        for (delimiter, quote) in [(",", ""), ("***", "'"), ("\t", "\""), ("\u{20ac}", "|")] {
            assert_eq!(refusal(delimiter, quote), None, "{delimiter:?} {quote:?}");
        }
    }

    #[test]
    fn a_refusal_has_the_ancestors_text() {
        let expected = [
            ("", "\"", "csv config delimiter cannot be empty"),
            (",\n", "\"", "csv config delimiter contains line break characters"),
            ("\r", "", "csv config delimiter contains line break characters"),
            (
                "****",
                "\"",
                "csv config delimiter contains more than three characters, note that escape sequences can only \
                 be used in double quotes in toml configuration items.",
            ),
            (",", "''", "csv config quote contains more than one character"),
            (",", "\u{e9}", "csv config quote contains more than one character"),
            (",", "\n", "csv config quote cannot be line break character"),
            (",", "\r", "csv config quote cannot be line break character"),
            ("a|b", "|", "csv config quote and delimiter has common characters which is not allowed"),
        ];
        for (delimiter, quote, text) in expected {
            assert_eq!(refusal(delimiter, quote).as_deref(), Some(text), "{delimiter:?} {quote:?}");
        }
    }

    #[test]
    fn a_binary_encoding_is_hex_or_base64() {
        assert_eq!("hex".parse(), Ok(BinaryEncoding::Hex));
        assert_eq!("base64".parse(), Ok(BinaryEncoding::Base64));
        let error = "BASE64".parse::<BinaryEncoding>().unwrap_err();
        assert_eq!(error.to_string(), "csv config binary-encoding-method can only be hex or base64");
    }
}
