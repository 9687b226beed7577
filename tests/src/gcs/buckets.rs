//! What the server keeps.

use bytes::Bytes;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The buckets, by their names.
#[derive(Default)]
pub(super) struct Buckets {
    pub(super) by_name: BTreeMap<String, Bucket>,
    /// Counts everything that is made: objects and uploads.
    made: u64,
}

/// What is in a bucket.
#[derive(Default)]
pub(super) struct Bucket {
    pub(super) objects: BTreeMap<String, Object>,
    pub(super) uploads: BTreeMap<String, Upload>,
    /// What was overwritten, by key and generation: versioning is on.
    pub(super) earlier: BTreeMap<(String, u64), Object>,
}

/// An object.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) bytes: Bytes,
    pub(super) generation: u64,
    pub(super) changed: Timestamp,
    /// What was sent with it: its type, its class, what its owner says of it.
    pub(super) headers: Vec<(String, String)>,
}

/// An object that comes in parts.
pub(super) struct Upload {
    pub(super) key: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) parts: BTreeMap<usize, Object>,
}

impl Buckets {
    /// A number that nothing has had before.
    pub(super) fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An object of now.
    pub(super) fn object(&mut self, bytes: Bytes, headers: Vec<(String, String)>) -> Object {
        Object { bytes, generation: self.next(), changed: Timestamp::now(), headers }
    }
}

impl Bucket {
    /// Puts an object in its place.
    pub(super) fn insert(&mut self, key: &str, object: Object) {
        if let Some(earlier) = self.objects.insert(key.to_owned(), object) {
            self.earlier.insert((key.to_owned(), earlier.generation), earlier);
        }
    }

    /// An object of this generation, or the latest.
    pub(super) fn find(&self, key: &str, generation: Option<&str>) -> Option<&Object> {
        let latest = self.objects.get(key);
        let Some(generation) = generation else { return latest };
        let generation = generation.parse().ok()?;
        let is_it = |object: &&Object| object.generation == generation;
        latest.filter(is_it).or_else(|| self.earlier.get(&(key.to_owned(), generation)))
    }
}

impl Object {
    /// Its entity tag, with the quotes.
    pub(super) fn tag(&self) -> String {
        format!("\"{:x}\"", self.generation)
    }

    /// When it was written, as HTTP has it.
    pub(super) fn last_modified(&self) -> String {
        self.changed.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}
