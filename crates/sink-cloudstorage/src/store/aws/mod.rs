//! Who asks S3, where the client's own chain does not go.
//!
//! | room | what lives there |
//! |---|---|
//! | `who` | from a location and the environment to a client's credentials |
//! | `profile` | a profile of AWS's shared files, followed to its keys and roles |
//! | `ini` | these files as texts by section and key |
//! | `role` | a role that is taken on, with credentials that are renewed before they end |

mod ini;
mod profile;
mod role;
mod who;

pub(super) use who::{Asker, Environment};
