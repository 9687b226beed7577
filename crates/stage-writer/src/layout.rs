//! What files are called, and what surrounds their rows.

use crate::Error;
use bytes::Bytes;
use object_store::Attributes;
use object_store::path::Path;

/// What is known of a data file when it is about to be written.
#[derive(Debug)]
pub struct DataFile<'a, G> {
    /// What its rows have in common.
    pub group: &'a G,
    /// Its number in its directory.
    pub number: u64,
    /// How many rows it has.
    pub rows: u64,
    /// Bytes of its rows, without header and footer.
    pub bytes: u64,
}

/// What is known of a group before its first file in a directory, so that the store need not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// Nothing.
    Unknown,
    /// Where a directory of it has its index, its companions stand too.
    CompanionsIfIndex,
    /// It has no files unless it has companions: one that can be created proves that there are none.
    NoneUnlessCompanions,
    /// It has no files, and its companions stand.
    None,
}

/// What files are called and what surrounds them: pure, no I/O.
///
/// A directory is the unit of numbering. Three methods name what is in it; all others have a default for those who
/// need nothing of the kind.
///
/// Two routes may share a directory only if their names differ, as with the route's id in them: each goes on after its
/// own highest number, and deletes what its own index proves to be unpublished.
///
/// # With an index
/// Files are numbered from 1 without a gap, and the [index file](IndexFile) names the last one that is visible. This
/// is for readers that must see files in order, and none before its time: put [`Publish`](crate::Publish) behind
/// [`Upload`](crate::Upload).
///
/// # Without one
/// A file is visible as soon as it is there, and nothing is ever deleted, whatever gaps there are: numbers go on after
/// the highest found. [`Upload`](crate::Upload) alone is then a sound sink: what is acknowledged is durable, in order
/// per route, and files of one route appear one after the other. Where that need not be, say
/// [`effect_free`](pipeline_core::Builder::effect_free): they are then uploaded side by side, a reader may see a later
/// one first, and a crash may leave some whose rows come again at higher numbers. Going on in a directory lists
/// all of it: begin new ones by date where files are many.
///
/// ```
/// use bytes::Bytes;
/// use object_store::path::Path;
/// use object_store::{Attribute, AttributeValue, Attributes};
/// use pipeline_core::{Piece, Pipeline, RouteId, Routed};
/// use stage_writer::{
///     BatchLimits, Batcher, DataFile, Label, Layout, Remote, RemoteConfig, Upload, UploadConfig,
/// };
/// use std::sync::Arc;
/// use std::time::Duration;
/// use tower::{Service, ServiceExt};
///
/// /// Whose log a piece is of.
/// struct Of(String);
///
/// impl Label for Of {
///     type Group = String;
///
///     fn group(&self) -> &String {
///         &self.0
///     }
/// }
///
/// /// Log lines of a service, as gzip members, which make a file when put together: `web/19844/part-000001.log.gz`.
/// struct LogFiles;
///
/// impl Layout<String> for LogFiles {
///     fn directory(&self, service: &String, millis: u64) -> Path {
///         Path::from(format!("{service}/{:05}", millis / 86_400_000)) // the day since the epoch
///     }
///
///     fn data_name(&self, _: &String, number: u64) -> String {
///         format!("part-{number:06}.log.gz")
///     }
///
///     fn data_number(&self, _: &String, name: &str) -> Option<u64> {
///         name.strip_prefix("part-")?.strip_suffix(".log.gz")?.parse().ok()
///     }
///
///     // Whoever downloads one gets text: HTTP clients unpack this encoding by themselves.
///     fn attributes(&self, file: &DataFile<'_, String>) -> Attributes {
///         Attributes::from_iter([
///             (Attribute::ContentType, AttributeValue::from("text/plain")),
///             (Attribute::ContentEncoding, "gzip".into()),
///             (Attribute::Metadata("pieces".into()), file.rows.to_string().into()),
///         ])
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), pipeline_core::Error> {
/// # let store = Arc::new(object_store::memory::InMemory::new());
/// # let (bucket, now, gzip_member) = (store.clone(), || 19_844 * 86_400_000, Bytes::from_static(b"..."));
/// let remote = Remote::new(store, RemoteConfig::default());
/// let config = UploadConfig { clock: now, ..UploadConfig::default() };
/// let (mut sink, pipeline) = Pipeline::builder()
///     .transform(Batcher::new(BatchLimits { age: Duration::from_secs(60), ..BatchLimits::default() }))
///     .concurrency(16)
///     .service(Upload::new(remote, Arc::new(LogFiles), config))
///     .spawn();
///
/// let piece = Piece { label: Of("web".to_owned()), body: gzip_member };
/// let sent = sink.ready().await?.call(Routed::new(RouteId(1), piece));
/// sent.await?.flushed().await?; // after a minute, or earlier: its file is in the store
/// # let file = object_store::ObjectStoreExt::get(&*bucket, &Path::from("web/19844/part-000001.log.gz")).await.unwrap();
/// # assert_eq!(file.attributes.get(&Attribute::Metadata("pieces".into())), Some(&"1".into()));
/// # pipeline.close().await
/// # }
/// ```
#[expect(unused_variables, reason = "what a default leaves aside has a name all the same")]
pub trait Layout<G>: Send + Sync + 'static {
    /// The directory that a group's files go to when a batch is closed at `millis` since the Unix epoch.
    ///
    /// Where its last part is a [date](Self::is_date), the file may go to a later date instead: one that the store has
    /// already.
    fn directory(&self, group: &G, millis: u64) -> Path;

    /// The name of data file `number`, within the directory. Names of one length sort as their numbers do.
    fn data_name(&self, group: &G, number: u64) -> String;

    /// The number of a data file, from its name; `None` for what is not one of this group's data files.
    fn data_number(&self, group: &G, name: &str) -> Option<u64>;

    /// Whether the last part of a directory is a date, chosen by the time, that must not go back when the clock does.
    /// Dates sort as text as they do in time: it is in that order that their directories are read. Default: none is.
    fn is_date(&self, name: &str) -> bool {
        false
    }

    /// The index file that makes data files visible. Default: there is none, and each is visible once it is there.
    fn index(&self) -> Option<&dyn IndexFile<G>> {
        None
    }

    /// Objects that must exist before the first file of a directory is visible: created if they are not there.
    /// Default: none.
    fn companions(&self, group: &G) -> Vec<(Path, Bytes)> {
        Vec::new()
    }

    /// What is known of a group without asking the store. Asked once before a directory's first file. Default:
    /// nothing.
    fn past(&self, group: &G) -> Past {
        Past::Unknown
    }

    /// What every file starts with. Default: nothing.
    fn header(&self, group: &G) -> Bytes {
        Bytes::new()
    }

    /// What a file ends with, in memory until it is uploaded. Default: nothing.
    fn footer(&self, file: &DataFile<'_, G>) -> Bytes {
        Bytes::new()
    }

    /// What the store keeps beside a file's bytes: content type, content encoding, metadata of your own. Written with
    /// them in one step. Default: nothing.
    ///
    /// Not every store has a place for them; [`Attributed`](crate::Attributed) says what happens then.
    fn attributes(&self, file: &DataFile<'_, G>) -> Attributes {
        Attributes::new()
    }
}

/// The object of a directory that says how far its data files are visible.
///
/// A [`Layout`] that has one implements this too, and returns itself from [`Layout::index`].
pub trait IndexFile<G>: Send + Sync {
    /// Its key.
    fn key(&self, group: &G, directory: &Path) -> Path;

    /// Its content when `number` is the last visible file.
    fn text(&self, group: &G, number: u64) -> Bytes;

    /// The last visible number, from its content.
    ///
    /// # Errors
    /// If the content is not one that [`text`](Self::text) writes.
    fn parse(&self, group: &G, content: &[u8]) -> Result<u64, Error>;
}

/// What surrounds a data file's rows.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) header: Bytes,
    pub(crate) footer: Bytes,
    pub(crate) attributes: Attributes,
}

impl Surroundings {
    pub(crate) fn of<G>(file: &DataFile<'_, G>, layout: &(impl Layout<G> + ?Sized)) -> Self {
        Self {
            header: layout.header(file.group),
            footer: layout.footer(file),
            attributes: layout.attributes(file),
        }
    }
}
