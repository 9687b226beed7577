//! One directory of one route: its date, which number is next, and which is visible.
//!
//! ```text
//! CDC1 CDC2 … CDCn │ CDCn+1 … CDCm │ CDCm+1 …      index says n: up to n visible
//!          visible │ kept at start │ uploading
//! ```
//!
//! # At start
//! Files beyond an index that says n: their pipeline ended before they were published, or the index
//! went back (below). Those that follow without a gap are whole, since a store shows no half object, and are next in
//! order; they are kept, and become visible with the next file. If they were acknowledged, nothing is lost; if not,
//! their source sends their rows again, as it does after every failure. What stands behind a gap was never
//! acknowledged and would become visible out of order: it is deleted.
//!
//! Nothing else is ever deleted: only an index proves that a file was not published. A layout without one goes on
//! after the highest number, whatever gaps retention left; and where an index should be and is not, only a run of files
//! from 1 on can be what a crash left (the first file of a directory goes alone until there is an index). Other
//! files are refused, and left for a person to look at: `resume.rs` has the table.
//!
//! # What is not protected
//! An index write that timed out may be applied after a newer one. Stores that overwrite under a condition refuse it.
//! On the others the index goes back: the next file published in the directory mends that, but if there is none,
//! files that were acknowledged stay invisible. They are not deleted, unless retention makes a gap among them
//! before their directory is used again.
//!
//! A *deletion* that timed out has no condition on any store. Applied after its name was used again, it takes away a
//! published file; so it is only done behind a gap, at the start after a failure.

mod dates;
mod numbers;
mod opening;
mod resume;

pub(crate) use dates::Dates;
pub use numbers::Directory;
pub(crate) use opening::First;
