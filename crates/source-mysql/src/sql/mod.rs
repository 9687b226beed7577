//! The text of statements: its lexemes, what kind of statement it is, and how it is written anew.
//!
//! ```text
//! text + dialect ─► lexer ─► lexemes ─► verb: what it does to its transaction
//!                                  └──► schemas: what it does to tables, and which names to rewrite ─► edits
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`dialect`] | how a session reads text: quotes, escapes, whose server it is |
//! | [`lexeme`] | one piece of a statement |
//! | [`lexer`] | text to lexemes |
//! | [`verb`] | what a statement does to the transaction it is in |
//! | [`xid`] | the name of an XA transaction |
//! | [`edits`] | changes of a text by place |
//! | [`letters`] | names as servers compare them |
//! | [`targets`] | which tables a statement changes the rows of |
//! | [`script`] | a file of statements |
//!
//! The lexer is our own, because a log needs what the libraries leave out: the place of each lexeme in the text, so
//! that a statement can be rewritten and everything else in it stays as it was; quotes and escapes as the session's
//! `sql_mode` had them; and the comments that servers execute.

mod dialect;
mod edits;
mod letters;
mod lexeme;
mod lexer;
mod script;
mod targets;
pub(crate) mod verb;
mod xid;

pub use dialect::Dialect;
pub(crate) use edits::Edits;
pub(crate) use letters::{capitals, lowered, weighed};
pub(crate) use lexeme::{Lexeme, LexemeKind, quote};
pub(crate) use lexer::{Pieces, pieces, split};
pub(crate) use script::split_script;
pub(crate) use targets::{created, targets};
pub(crate) use verb::Verb;
pub(crate) use xid::Xid;
