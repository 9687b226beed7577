//! A table that nobody looks at right now, as text.
//!
//! A server may have thousands of tables, and rows come for few of them. So between two statements each is kept as the
//! text that a checkpoint stores, which takes half the memory of its shape in a single piece, and is a shape while
//! somebody reads or changes it.

use super::tracked::Tracked;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A table at rest. Its serde form is that of the [`Tracked`] it is made of.
#[derive(Clone, Debug)]
pub(super) struct Resting {
    pub(super) table_id: i64,
    pub(super) next_column_id: i64,
    text: Box<RawValue>,
}

impl Resting {
    pub(super) fn new(tracked: &Tracked) -> Self {
        Self {
            table_id: tracked.schema.table_id,
            next_column_id: tracked.next_column_id,
            text: to_raw_value(tracked).expect("names and numbers are JSON"),
        }
    }

    /// The table as it is worked with.
    pub(super) fn wake(&self) -> Tracked {
        serde_json::from_str(self.text.get()).expect("what was written here is read here")
    }
}

impl PartialEq for Resting {
    fn eq(&self, other: &Self) -> bool {
        self.text.get() == other.text.get()
    }
}

impl Serialize for Resting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Resting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read to its end here: what cannot be read is an error of the place where it was stored.
        Ok(Self::new(&Tracked::deserialize(deserializer)?))
    }
}
