//! Pieces of files gather.

use super::batching::{Batching, Gathering, Size};
use super::{Batch, BatchLimits};
use crate::Label;
use pipeline_core::{Body, ElementStream, Lane, Piece, Transform};
use std::marker::PhantomData;

/// Gathers the pieces of each route into batches.
///
/// At most one batch per route is open. It is closed by size, by rows, by age, by a marker, by another group of its
/// route, by a shut gate before the stage, or by the end of input: so it never needs new input to let go (law 7).
///
/// Payloads that are not bytes gather with a [`RowBatcher`](super::RowBatcher).
///
/// # Order
/// Batches of a route leave in the order they were opened; a marker leaves after the batch before it.
#[derive(Debug)]
pub struct Batcher<L, B> {
    limits: BatchLimits,
    takes: PhantomData<fn(L, B)>,
}

impl<L, B> Batcher<L, B> {
    /// A batcher with these limits.
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, takes: PhantomData }
    }
}

impl<L: Label, B: Body> Transform<Piece<L, B>> for Batcher<L, B> {
    type Out = Batch<L::Group, B>;

    fn join(&self, upstream: ElementStream<Piece<L, B>>, lane: &Lane) -> ElementStream<Self::Out> {
        Box::pin(Batching::<Pieces<L, B>>::join(upstream, lane, self.limits))
    }
}

/// Of a piece its body is kept; small ones are joined.
struct Pieces<L, B>(PhantomData<(L, B)>);

impl<L: Label, B: Body> Gathering for Pieces<L, B> {
    type In = Piece<L, B>;
    type Group = L::Group;
    type Part = B;

    fn group(piece: &Piece<L, B>) -> &L::Group {
        piece.label.group()
    }

    fn size(piece: &Piece<L, B>) -> Size {
        Size { bytes: piece.body.len(), rows: piece.label.rows() }
    }

    fn part(piece: Piece<L, B>) -> B {
        piece.body
    }

    fn join(last: &mut B, next: B) -> Result<(), B> {
        last.absorb(next)
    }
}
