//! What a piece says of itself, and what its files are called.

use crate::Error;
use bytes::Bytes;
use object_store::path::Path;

/// What a piece says of itself.
pub trait Label: Send + 'static {
    /// What must be equal for two pieces of a route to share a file: a table at one version, say.
    type Group: Clone + PartialEq + Send + Sync + 'static;

    /// The group this piece belongs to.
    fn group(&self) -> &Self::Group;

    /// How many rows the piece has.
    fn rows(&self) -> u64;
}

/// What files are called and what surrounds them: pure, no I/O.
///
/// A directory is the unit of numbering: its files are numbered from 1 without a gap, and its index names the last
/// one that is visible. Two routes may share one only if their names and indexes differ, as with the route's id in
/// them: each deletes what it finds beyond its own index.
pub trait Layout<G>: Send + Sync + 'static {
    /// The directory that a group's files go to when a batch is closed at `millis` since the Unix epoch.
    ///
    /// Where its last part is a [date](Self::is_date), the file may go to a later date instead: one that the store has
    /// already.
    fn directory(&self, group: &G, millis: u64) -> Path;

    /// Whether the last part of a directory is a date, chosen by the time. Dates sort as text as they do in time: it
    /// is in that order that their directories are read.
    fn is_date(&self, name: &str) -> bool;

    /// The name of data file `number`, within the directory. Names of one length sort as their numbers do.
    fn data_name(&self, group: &G, number: u64) -> String;

    /// The number of a data file, from its name; `None` for what is not one of this group's data files.
    fn data_number(&self, group: &G, name: &str) -> Option<u64>;

    /// The index file's key.
    fn index(&self, group: &G, directory: &Path) -> Path;

    /// The index file's content when `number` is the last visible file.
    fn index_text(&self, group: &G, number: u64) -> Bytes;

    /// The last visible number, from an index file's content.
    ///
    /// # Errors
    /// If the content is not one that [`index_text`](Self::index_text) writes.
    fn parse_index(&self, group: &G, content: &[u8]) -> Result<u64, Error>;

    /// What every file starts with; often nothing.
    fn header(&self, group: &G) -> Bytes;

    /// Objects that must exist before the first file of a directory is visible: created if they are not there.
    fn companions(&self, group: &G) -> Vec<(Path, Bytes)>;
}
