//! Events to whole transactions, and those to change events.
//!
//! | room | what lives there |
//! |---|---|
//! | [`statement`] | what a logged statement does to its transaction |
//! | [`group`] | a transaction that has not committed yet |
//! | [`tables`] | table maps, each read once |
//! | [`assembler`] | events in, change events and marks out |
//! | [`commit`] | what a commit makes of a transaction |

mod assembler;
mod commit;
mod group;
mod statement;
mod tables;

pub(crate) use assembler::Assembler;
