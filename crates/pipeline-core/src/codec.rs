//! Payloads as bytes, and back: how any payload can wait on disk and come back as what it was.
//!
//! ```text
//! payload ─► packed ─► a body, wherever it is kept ─► unpacked ─► payload
//!
//!            ┌─────────┬──────── ─ ─ ───┐
//! packed     │ length  │ the codec's    │     length: 8 bytes, little-endian
//!            │         │ bytes          │
//!            └─────────┴──────── ─ ─ ───┘
//! ```
//!
//! The length is there because bodies may be joined on their way ([`Body::absorb`]): packed payloads that follow each
//! other can be told apart again.

use crate::{Body, BoxError};
use bytes::{Buf, Bytes, BytesMut};
use futures::TryStreamExt;

/// Bytes of a packed payload's length.
const LENGTH: usize = size_of::<u64>();

/// Turns payloads into bytes, and these back into payloads.
///
/// ```
/// use bytes::Bytes;
/// use pipeline_core::{BoxError, Codec};
///
/// #[derive(Clone)]
/// struct Texts;
///
/// impl Codec<String> for Texts {
///     fn encode(&self, text: &String, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
///         bytes.extend_from_slice(text.as_bytes());
///         Ok(())
///     }
///
///     fn decode(&self, bytes: Bytes) -> Result<String, BoxError> {
///         Ok(String::from_utf8(bytes.into())?)
///     }
/// }
///
/// # fn main() -> Result<(), BoxError> {
/// # futures::executor::block_on(async {
/// let bodies = [Texts.pack(&"one".to_owned())?, Texts.pack(&"two".to_owned())?];
/// assert_eq!(Texts.unpack(&bodies, 1 << 20).await?, ["one", "two"]);
/// # Ok(())
/// # })
/// # }
/// ```
pub trait Codec<T>: Clone + Send + Sync + 'static {
    /// Adds the bytes of a payload to `bytes`.
    ///
    /// # Errors
    /// If the payload has none. That fails the pipeline, and the same payload fails again.
    fn encode(&self, payload: &T, bytes: &mut Vec<u8>) -> Result<(), BoxError>;

    /// Makes the payload whose bytes these are. They may share a large buffer: what keeps a part of them keeps it all.
    ///
    /// # Errors
    /// If these are the bytes of no payload.
    fn decode(&self, bytes: Bytes) -> Result<T, BoxError>;

    /// A payload as one body.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    fn pack(&self, payload: &T) -> Result<Bytes, BoxError> {
        let mut packed = vec![0; LENGTH];
        self.encode(payload, &mut packed)?;
        let length = (packed.len() - LENGTH) as u64;
        packed[..LENGTH].copy_from_slice(&length.to_le_bytes());
        // What is kept is what is counted.
        packed.shrink_to_fit();
        Ok(Bytes::from(packed))
    }

    /// The payloads of many bodies, one after the other. Bodies are read in buffers of at most `buffer` bytes, where
    /// they are not in memory; all payloads are in memory in the end.
    ///
    /// # Errors
    /// Those of the bodies, those of [`decode`](Self::decode), and if the bytes end within a payload.
    fn unpack<B: Body + Sync>(
        &self,
        bodies: &[B],
        buffer: usize,
    ) -> impl Future<Output = Result<Vec<T>, BoxError>> + Send + use<Self, T, B>
    where
        T: Send,
    {
        let (codec, mut chunks) = (self.clone(), B::read(bodies, buffer));
        async move {
            let (mut payloads, mut unread) = (Vec::new(), Unread::default());
            while let Some(chunk) = chunks.try_next().await? {
                unread.add(chunk);
                while let Some(bytes) = unread.next_payload() {
                    payloads.push(codec.decode(bytes)?);
                }
            }
            if unread.is_empty() {
                Ok(payloads)
            } else {
                Err("packed payloads end within one of them".into())
            }
        }
    }
}

/// Bytes of which the payloads are not taken off yet. Most often a chunk ends with a payload, and nothing is copied.
#[derive(Default)]
struct Unread(Bytes);

impl Unread {
    fn add(&mut self, chunk: Bytes) {
        if self.0.is_empty() {
            self.0 = chunk;
            return;
        }
        let mut joined = BytesMut::from(std::mem::take(&mut self.0));
        joined.extend_from_slice(&chunk);
        self.0 = joined.freeze();
    }

    /// Takes the first payload off, if all of it is there.
    fn next_payload(&mut self) -> Option<Bytes> {
        let length = u64::from_le_bytes(*self.0.first_chunk()?);
        let end = usize::try_from(length).ok()?.checked_add(LENGTH)?;
        if end > self.0.len() {
            return None;
        }
        let mut payload = self.0.split_to(end);
        payload.advance(LENGTH);
        Some(payload)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::stream::{self, BoxStream, StreamExt};
    use proptest::prelude::*;

    #[derive(Clone)]
    struct Plain;

    impl Codec<Vec<u8>> for Plain {
        fn encode(&self, payload: &Vec<u8>, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
            bytes.extend_from_slice(payload);
            Ok(())
        }

        fn decode(&self, bytes: Bytes) -> Result<Vec<u8>, BoxError> {
            Ok(bytes.to_vec())
        }
    }

    /// A body that comes back in buffers, as from a disk.
    struct Away(Bytes);

    impl Body for Away {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn in_memory(&self) -> bool {
            false
        }

        fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
            let all: Vec<u8> = bodies.iter().flat_map(|body| body.0.to_vec()).collect();
            let chunks: Vec<_> = all.chunks(buffer).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
            stream::iter(chunks).boxed()
        }
    }

    fn packed(payloads: &[Vec<u8>]) -> Vec<Away> {
        payloads.iter().map(|payload| Away(Plain.pack(payload).unwrap())).collect()
    }

    proptest! {
        #[test]
        fn payloads_come_back_whatever_the_buffer_cuts(
            payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..20),
            buffer in 1..200usize,
        ) {
            let unpacked = block_on(Plain.unpack(&packed(&payloads), buffer)).unwrap();
            prop_assert_eq!(unpacked, payloads);
        }

        #[test]
        fn bytes_that_end_within_a_payload_are_an_error(
            payload in proptest::collection::vec(any::<u8>(), 0..50),
            cut in 1..8usize,
            buffer in 1..200usize,
        ) {
            let mut bodies = packed(&[vec![1, 2, 3], payload]);
            let whole = &mut bodies[1].0;
            whole.truncate(whole.len() - cut);
            // Cut where it begins, there is nothing to miss.
            prop_assume!(!whole.is_empty());
            prop_assert!(block_on(Plain.unpack(&bodies, buffer)).is_err());
        }

        #[test]
        fn arbitrary_bytes_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            drop(block_on(Plain.unpack(&[Bytes::from(bytes)], 10)));
        }
    }
}
