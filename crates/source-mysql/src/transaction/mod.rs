//! Events to whole transactions, and those to change events.
//!
//! | room | what lives there |
//! |---|---|
//! | [`announced`] | what a GTID says of the transaction or statement behind it |
//! | [`group`] | a transaction that has not committed yet |
//! | `passing` | events that cannot be taken, and are passed over |
//! | [`room`] | how much of it is in memory, and how much may be on disk |
//! | [`spill`] | the part of it that is on disk |
//! | [`disk`] | what goes there and comes back, and when |
//! | [`prepared`] | XA transactions between their two phases |
//! | [`tables`] | table maps, each read once |
//! | [`assembler`] | events in, change events and marks out |
//! | `filtered` | what becomes of tables that are not taken |
//! | `known` | transactions that were handed over from another server's log |
//! | `unknown` | tables whose shape must be asked for |
//! | [`commit`] | what a commit makes of a transaction |
//! | [`pieces`] | a large one, handed over in pieces |

mod announced;
mod assembler;
mod commit;
mod disk;
mod filtered;
mod group;
mod known;
mod passing;
mod pieces;
mod prepared;
mod room;
mod spill;
mod tables;
mod unknown;

pub(crate) use assembler::Assembler;
