//! The parts of the bucket that hold every table's shape: a whole one, and what has changed since.
//!
//! ```text
//! .spillway/schemas-….json.gz    every table's shape at one moment
//! .spillway/changes-….json.gz    what a later moment has otherwise, if anything
//! ```
//! With thousands of tables the whole is megabytes, and a DDL changes one of them. So the whole is written anew only when
//! the changes have become many: with `n` tables that is when they are about `√2n`, which costs least in the long run.

use crate::gzip::{from_gzip, to_gzip};
use change_event::CommitTs;
use pipeline_core::BoxError;
use serde::{Deserialize, Serialize};
use sink_cloudstorage::{SourceState, WriterError};
use source_mysql::Schemas;

/// So many changes are never many.
const FEW: usize = 16;

/// The names of the parts, as the saved position refers to them. Before version 4 they had no `.json.gz`, and were bare JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    #[serde(rename = "schemas")]
    whole: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<String>,
}

/// Parts that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShapesError {
    #[error(".spillway/{0} cannot be read; restore it, or write to a new prefix")]
    Unreadable(String, #[source] serde_json::Error),
    #[error("the saved position needs .spillway/{0}, which is gone; restore it, or write to a new prefix")]
    Missing(String),
    #[error(transparent)]
    Store(#[from] WriterError),
}

/// What stands in the bucket.
#[derive(Clone, Debug)]
pub(crate) struct Shapes {
    parts: Parts,
    /// The moment of the whole part.
    whole: Schemas,
    /// The moment of both together.
    latest: Schemas,
}

impl Shapes {
    /// Reads what parts hold.
    pub(crate) async fn load(state: &SourceState, parts: Parts) -> Result<Self, ShapesError> {
        let whole: Schemas = read(state, &parts.whole).await?;
        let latest = match &parts.changes {
            Some(name) => whole.clone().with_changes(read(state, name).await?),
            None => whole.clone(),
        };
        Ok(Self { parts, whole, latest })
    }

    /// Writes the shapes of a moment as a whole.
    async fn write(state: &SourceState, at: CommitTs, schemas: Schemas) -> Result<Self, BoxError> {
        let whole = name_of_whole(at);
        state.save_part(&whole, to_gzip(&schemas)?.into()).await?;
        Ok(Self { parts: Parts { whole, changes: None }, whole: schemas.clone(), latest: schemas })
    }

    /// Makes the bucket hold the shapes of a moment: nothing is written if it holds them already. What it held before is
    /// still there, for the saved position that refers to it.
    pub(crate) async fn bring_to(
        standing: Option<Self>,
        state: &SourceState,
        at: CommitTs,
        schemas: Schemas,
    ) -> Result<Self, BoxError> {
        let Some(standing) = standing else { return Self::write(state, at, schemas).await };
        if standing.latest.is_same(&schemas) {
            return Ok(standing);
        }
        let changes = schemas.changes_since(&standing.whole);
        let are_many = changes.len() > FEW && changes.len() * changes.len() > 2 * schemas.len();
        // What the saved position refers to is never written over.
        if are_many && name_of_whole(at) != standing.parts.whole {
            return Self::write(state, at, schemas).await;
        }
        let mut name = format!("changes-{at}.json.gz");
        if standing.parts.changes.as_ref() == Some(&name) {
            name = format!("changes-{at}-again.json.gz");
        }
        state.save_part(&name, to_gzip(&changes)?.into()).await?;
        let parts = Parts { changes: Some(name), ..standing.parts };
        Ok(Self { parts, latest: schemas, ..standing })
    }

    /// The parts that hold them.
    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The moment that they are of.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.latest
    }
}

impl Parts {
    /// Those that others do not have.
    pub(crate) fn not_in<'a>(&'a self, others: &'a Self) -> impl Iterator<Item = &'a String> {
        let mine = [Some(&self.whole), self.changes.as_ref()].into_iter().flatten();
        mine.filter(|name| **name != others.whole && Some(*name) != others.changes.as_ref())
    }
}

fn name_of_whole(at: CommitTs) -> String {
    format!("schemas-{at}.json.gz")
}

/// Whether a part is compressed: those of positions before version 4 are not.
fn is_packed(name: &str) -> bool {
    name.ends_with(".gz")
}

async fn read<T: serde::de::DeserializeOwned>(state: &SourceState, name: &str) -> Result<T, ShapesError> {
    let text = state.load_part(name).await?.ok_or_else(|| ShapesError::Missing(name.to_owned()))?;
    let read = if is_packed(name) { from_gzip(&text) } else { serde_json::from_slice(&text) };
    read.map_err(|error| ShapesError::Unreadable(name.to_owned(), error))
}
