//! What a target was written with, kept beside the data and compared at each start.
//!
//! ```text
//! .spillway/written-with.json     {"version": 1, "settings": {"protocol": "csv", "date-separator": "day", …}}
//! ```
//! A reader has to know some settings (what separates fields), and takes the same one for the whole target; others
//! decide where things stand and what they are called, and changed half-way leave directories whose files follow two
//! rules. So a target keeps them from its first start on. Settings that only say how fast, with how much or where
//! to are not among them, nor those without an effect under the others: no delimiter beside `canal-json`.
//!
//! # When
//! Compared before anything but a probe is written, and written before any data. A crash in between leaves a target
//! that holds nothing else, and says so when it is opened with other settings. Of two processes that start at once the
//! file is created by one; the other finds it taken, and compares. A store that ignores conditions cannot say so: there
//! the two are only told apart if one starts after the other has written the file.
//!
//! # Later versions
//! A setting that is absent from the file was not there to be changed: it stands for what was done without it
//! (`before`, at each setting). A setting or a file version that is not known was written by a later spillway, and refused.
//!
//! # Earlier versions
//! A target without the file was written by an earlier one. Its names tell the settings that names depend on, and a
//! contradiction is refused; for the others what is set at the first start is taken down, with a warning.
//!
//! | room | what lives there |
//! |---|---|
//! | `setting` | the settings that a target keeps, and their values in a configuration |
//! | `file` | the file's text, and the differences between two |
//! | `names` | what the names in a target tell |
//! | `check` | reading, comparing and writing at start |

mod check;
mod error;
mod file;
mod names;
mod setting;
#[cfg(test)]
mod tests;

pub(crate) use check::{check, ignores_case};
pub use error::{Difference, Unusable, WrittenWithError};
