//! What a name or a key can be wrong about.

use thiserror::Error;

/// A name that may not become a key, or a key that is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// A schema or table name cannot stand in an object key. Rename it at the server, or leave it out there.
    #[error(
        "{what} name {name:?} cannot become a directory: it {why}; rename it at the server, or leave it \
         out with a rule in [filter]"
    )]
    UnsafeName {
        /// `schema` or `table`.
        what: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file name is not one of the layout's. `CDC:ErrStorageSinkInvalidFileName` in the ancestor.
    #[error("filename in storage sink is invalid: {0:?}")]
    InvalidFileName(String),
    /// A path does not have the shape that the date separator asks for. `CDC:ErrStorageSinkInvalidFileName` there.
    #[error("cannot match dml path pattern for {0:?}")]
    NoDataPath(String),
    /// A date separator other than the four. `CDC:ErrStorageSinkInvalidDateSeparator` in the ancestor.
    #[error("date-separator {0:?} is invalid: it must be none, year, month or day")]
    InvalidDateSeparator(String),
    /// The content of the checkpoint file is not what it should be.
    #[error("the metadata file does not hold a checkpoint: {0:?}")]
    InvalidCheckpoint(String),
}
