//! The part of a transaction that is on disk.
//!
//! | room | what lives there |
//! |---|---|
//! | [`block`] | entries to bytes and back |
//! | `passed_over` | what is kept of an event that was passed over |
//! | [`file`](self::file) | blocks in a file that has no name |
//! | [`spilled`] | what is known of them without reading |

mod block;
mod file;
mod passed_over;
mod spilled;

pub(crate) use block::Block;
pub(crate) use file::{append, read};
pub(crate) use spilled::{First, Spilled};
