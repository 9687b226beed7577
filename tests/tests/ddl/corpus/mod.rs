//! Every DDL that is followed, and those that must be passed by: small cases with rows before, between and after.

mod alter;
mod beside;
mod create;
mod database;
mod drop;
mod exchange;
mod periods;
mod rename;
mod session;

use super::case::Case;

/// All cases but for those of [`PERIODS`].
pub fn all() -> Vec<Case> {
    let families = [
        create::CASES,
        session::CASES,
        alter::CASES,
        rename::CASES,
        drop::CASES,
        database::CASES,
        beside::CASES,
        exchange::CASES,
    ];
    families.concat()
}

/// Tables with hidden columns and rows of the past.
pub const PERIODS: &[Case] = periods::CASES;
