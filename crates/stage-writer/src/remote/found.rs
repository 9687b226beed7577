//! Reading back what stands under a name, to settle an outcome that is not clear.

use super::Remote;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours,
    Foreign,
}

/// Length and checksum of a file, for one that is not in memory to be compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Print {
    length: u64,
    crc32c: u32,
}

impl Print {
    pub(super) fn add(&mut self, chunk: &[u8]) {
        self.length += chunk.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, chunk);
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

impl Remote {
    /// Compares what stands under a name with `payload`, byte by byte.
    pub(super) async fn find_payload(
        &self,
        path: &Path,
        payload: &PutPayload,
    ) -> object_store::Result<Found> {
        let mut expected = payload.iter().flat_map(|chunk| chunk.iter());
        let length = payload.content_length() as u64;
        self.find(path, length, |chunk| chunk.iter().all(|byte| expected.next() == Some(byte))).await
    }

    /// Compares what stands under a name with a file of which only the print is left.
    pub(super) async fn find_print(&self, path: &Path, print: &Print) -> object_store::Result<Found> {
        let mut standing = Print::default();
        let found = self.find(path, print.length, |chunk| {
            standing.add(chunk);
            true
        });
        let found = found.await?;
        Ok(if found == Found::Ours && standing != *print { Found::Foreign } else { found })
    }

    /// Reads what stands under a name, chunk by chunk, as long as it may still be ours.
    async fn find(
        &self,
        path: &Path,
        length: u64,
        mut same: impl FnMut(&[u8]) -> bool,
    ) -> object_store::Result<Found> {
        self.request(async {
            let found = match self.store.get(path).await {
                Ok(found) => found,
                Err(object_store::Error::NotFound { .. }) => return Ok(Found::Nothing),
                Err(error) => return Err(error),
            };
            if found.meta.size != length {
                return Ok(Found::Foreign);
            }
            let mut left = length;
            let mut stream = found.into_stream();
            while let Some(chunk) = stream.try_next().await? {
                left = left.saturating_sub(chunk.len() as u64);
                if !same(&chunk) {
                    return Ok(Found::Foreign);
                }
            }
            Ok(if left == 0 { Found::Ours } else { Found::Foreign })
        })
        .await
    }
}
