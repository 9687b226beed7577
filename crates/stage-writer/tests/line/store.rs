//! The faulty store as an [`ObjectStore`].

use super::faults::{Faulty, Verb};
use super::history::Event;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use std::fmt;

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let text: Vec<u8> = payload.iter().flatten().copied().collect();
        self.0.history.add(Event::Put(path.to_string(), String::from_utf8_lossy(&text).into_owned()));
        self.keep_if_late(path, &payload, &options.mode);
        if matches!(options.mode, PutMode::Update(_)) && !self.updates() {
            return Err(Error::NotImplemented { operation: "updates".into(), implementer: self.to_string() });
        }
        let lie = || Some(PutResult { e_tag: None, version: None, extensions: Default::default() });
        self.request(Verb::Put, path, lie, self.0.inner.put_opts(path, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let start = self.0.inner.put_multipart_opts(path, options);
        let inner = self.request(Verb::Start, path, || None, start).await?;
        Ok(Box::new(Parts { store: self.clone(), path: path.clone(), inner: Some(inner) }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.request(Verb::Get, path, || None, self.0.inner.get_opts(path, options)).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let deleted = paths.then(move |path| {
            let store = store.clone();
            async move {
                let path = path?;
                let delete = store.0.inner.delete(&path);
                store.request(Verb::Delete, &path, || Some(()), delete).await?;
                Ok(path)
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned().unwrap_or_default());
        let listed = async move {
            let list = async { Ok(store.0.inner.list(Some(&prefix)).collect::<Vec<_>>().await) };
            store.request(Verb::List, &prefix, || None, list).await
        };
        futures::stream::once(listed)
            .flat_map(|listed| futures::stream::iter(listed.unwrap_or_else(|error| vec![Err(error)])))
            .boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let key = prefix.cloned().unwrap_or_default();
        self.request(Verb::List, &key, || None, self.0.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.inner.copy_opts(from, to, options).await
    }
}

/// A multipart upload.
struct Parts {
    store: Faulty,
    path: Path,
    inner: Option<Box<dyn MultipartUpload>>,
}

#[async_trait]
impl MultipartUpload for Parts {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.store.0.history.add(Event::Part(self.path.to_string(), part.content_length()));
        let put = self.inner.as_mut().expect("an upload that is not aborted").put_part(part);
        let (store, path) = (self.store.clone(), self.path.clone());
        Box::pin(async move { store.request(Verb::Part, &path, || Some(()), put).await })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let complete = self.inner.as_mut().expect("an upload that is not aborted").complete();
        self.store.request(Verb::Complete, &self.path, || None, complete).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner = None;
        self.store.request(Verb::Abort, &self.path, || Some(()), std::future::ready(Ok(()))).await
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parts of {}", self.path)
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a faulty store")
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a faulty store")
    }
}
