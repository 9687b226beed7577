//! Events of which nothing can be made, and behind which the log goes on: why each is refused.

/// Rows of the formats before version 5.1.20.
const PRE_RELEASE: std::ops::RangeInclusive<u8> = 20..=22;
const INCIDENT: u8 = 26;
/// An update of rows that shows parts of JSON values.
pub(crate) const PARTIAL_UPDATE: u8 = 39;

/// Whether events of this type are refused.
pub(crate) fn is_refused(code: u8) -> bool {
    matches!(code, INCIDENT | PARTIAL_UPDATE) || PRE_RELEASE.contains(&code)
}

/// Whether an event of this type begins with the id of a table.
pub(crate) fn has_rows(code: u8) -> bool {
    code == PARTIAL_UPDATE || PRE_RELEASE.contains(&code)
}

/// Why an event of this type is refused.
pub(crate) fn why(code: u8) -> &'static str {
    match code {
        PARTIAL_UPDATE => {
            "a JSON value is partial (SET GLOBAL binlog_row_value_options='' on the server avoids it from then on)"
        }
        INCIDENT => "the server reports that events were lost here",
        _ => "the rows are of a format that no server since 5.1.20 writes",
    }
}
