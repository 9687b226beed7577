//! The name of an XA transaction.

use super::lexeme::{Lexeme, LexemeKind};
use std::fmt;

/// The name of an XA transaction: the same in both of its phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Xid {
    pub(crate) format: u32,
    pub(crate) transaction: Vec<u8>,
    pub(crate) branch: Vec<u8>,
}

impl Xid {
    /// Reads `XA COMMIT X'61',X'',1` and the like; `None` for what is no name.
    pub(crate) fn of_statement(lexemes: &[Lexeme]) -> Option<Self> {
        let mut parts = lexemes.get(2..)?.iter().filter(|lexeme| !lexeme.is_symbol(','));
        let mut xid = Self { format: 1, transaction: text(parts.next()?)?, branch: Vec::new() };
        if let Some(branch) = parts.next().and_then(text) {
            xid.branch = branch;
        }
        match parts.next().map(|lexeme| &lexeme.kind) {
            Some(LexemeKind::Number(number)) => xid.format = number.parse().ok()?,
            Some(LexemeKind::Bytes(bytes)) => {
                xid.format = bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            }
            _ => {}
        }
        Some(xid)
    }
}

/// As a statement has it.
impl fmt::Display for Xid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.transaction, &self.branch] {
            f.write_str("X'")?;
            part.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            f.write_str("',")?;
        }
        write!(f, "{}", self.format)
    }
}

fn text(lexeme: &Lexeme) -> Option<Vec<u8>> {
    match &lexeme.kind {
        LexemeKind::Bytes(bytes) => Some(bytes.clone()),
        LexemeKind::Text(text) | LexemeKind::DoubleQuoted(text) => Some(text.clone().into_bytes()),
        _ => None,
    }
}
