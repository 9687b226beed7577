//! A cloud's client as the sink uses it.

use async_trait::async_trait;
use bytes::Bytes;
use futures::future;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attribute, AttributeValue, Attributes, CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use std::{fmt, ops::Range};

/// A client that shows no more of itself than its name, and writes objects of the class that is wanted.
///
/// What clients of clouds show for debugging has their credentials in it, some of them in the clear.
pub(super) struct Bucket<S> {
    client: S,
    class: Option<AttributeValue>,
}

impl<S> Bucket<S> {
    pub(super) fn new(client: S, class: Option<&str>) -> Self {
        Self { client, class: class.map(|class| AttributeValue::from(class.to_owned())) }
    }

    fn classed(&self, attributes: &mut Attributes) {
        if let Some(class) = &self.class {
            attributes.insert(Attribute::StorageClass, class.clone());
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: ObjectStore> ObjectStore for Bucket<S> {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut opts: PutOptions,
    ) -> Result<PutResult> {
        self.classed(&mut opts.attributes);
        self.client.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        mut opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.classed(&mut opts.attributes);
        self.client.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.client.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.client.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.client.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.client.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let behind = offset.clone();
        // Azure's parameter for it is young, and servers that do not know it list everything.
        let listed = self.client.list_with_offset(prefix, offset);
        listed.try_filter(move |found| future::ready(found.location > behind)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.client.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.client.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.client.rename_opts(from, to, options).await
    }
}

impl<S: fmt::Display> fmt::Display for Bucket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

impl<S: fmt::Display> fmt::Debug for Bucket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.client)
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{Attribute, MultipartUpload, ObjectStore, ObjectStoreExt, PutMultipartOptions};
    use std::fmt;

    struct Client;

    impl fmt::Display for Client {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cloud(bucket)")
        }
    }

    #[test]
    fn it_shows_the_clients_name_and_no_more() {
        assert_eq!(format!("{:?}", Bucket::new(Client, None)), "Bucket(cloud(bucket))");
    }

    #[tokio::test]
    async fn whatever_is_written_has_the_class_that_was_asked_for() {
        for class in [None, Some("COLD")] {
            let bucket = Bucket::new(InMemory::new(), class);
            let (whole, in_parts) = (Path::from("whole"), Path::from("in parts"));
            bucket.put(&whole, "x".into()).await.unwrap();
            let mut upload =
                bucket.put_multipart_opts(&in_parts, PutMultipartOptions::default()).await.unwrap();
            upload.put_part("x".into()).await.unwrap();
            upload.complete().await.unwrap();
            for key in [whole, in_parts] {
                let written = bucket.get(&key).await.unwrap();
                let found = written.attributes.get(&Attribute::StorageClass).map(|class| class.to_string());
                assert_eq!(found.as_deref(), class, "{key}");
            }
        }
    }
}
