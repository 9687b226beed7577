//! Bytes that are held somewhere: in memory, on disk, or wherever a stage puts them.

use crate::{BoxError, Weigh};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};

/// The bytes of a [`Piece`], wherever they are. The stage that puts them somewhere implements this; the stage that
/// writes them only asks for them back.
pub trait Body: Send + 'static {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether reading them back takes no memory that is not already held.
    fn in_memory(&self) -> bool;

    /// Reads many, one after the other, in buffers of at most `buffer` bytes where they are not in memory already.
    ///
    /// The same bodies can be read again: the stream borrows nothing and consumes nothing.
    ///
    /// # Errors
    /// What keeps the bytes from coming back as they were put; the stream ends there.
    fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>>
    where
        Self: Sized;

    /// Takes the bytes that follow these in the same batch into this body, if that is cheap and saves a body;
    /// otherwise gives them back.
    ///
    /// Whoever gathers thousands of small bodies tries this with each: what is read back is the same, and so is what
    /// is held, but fewer bodies hold it.
    ///
    /// # Errors
    /// `next`, unchanged, if the two stay two. That is always right, and what a body does that does not implement
    /// this.
    fn absorb(&mut self, next: Self) -> Result<(), Self>
    where
        Self: Sized,
    {
        Err(next)
    }
}

impl Body for Bytes {
    fn len(&self) -> u64 {
        Bytes::len(self) as u64
    }

    fn in_memory(&self) -> bool {
        true
    }

    fn read(bodies: &[Self], _buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
        stream::iter(bodies.to_vec()).map(Ok).boxed()
    }
}

/// A piece of a file to be: a label that says what it is, and its bytes.
///
/// An encoder makes it, a spool moves its bytes elsewhere, a writer puts many into one file.
#[derive(Clone, Debug)]
pub struct Piece<L, B> {
    /// What it is: which file it belongs to, how many rows it has.
    pub label: L,
    /// The bytes.
    pub body: B,
}

/// What it takes to carry one piece besides its bytes: envelope, receipt, leases and places in queues.
///
/// An allowance, measured on 64-bit targets and rounded up, so that a million tiny pieces are not taken for free.
pub const PIECE_OVERHEAD: u64 = 256;

impl<L, B: Body> Weigh for Piece<L, B> {
    fn weight(&self) -> u64 {
        self.body.len() + PIECE_OVERHEAD
    }
}
