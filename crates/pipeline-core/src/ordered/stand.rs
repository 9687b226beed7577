//! Where a combinator stands in its pipeline.

use crate::Envelope;
use crate::fate::Fate;
use crate::metrics::StageBooks;
use crate::place::Place;
use crate::stage::StageName;
use std::sync::Arc;
use tracing::Span;

/// What a combinator knows of its pipeline.
pub(super) struct Stand {
    pub(super) fate: Fate,
    pub(super) name: StageName,
    /// And its latest call.
    pub(super) place: Place,
    pub(super) books: Arc<StageBooks>,
}

impl Stand {
    /// Sees an element into a call, and gives the span to make that in: the element's own, within which the stage is
    /// one step.
    pub(super) fn enter<T>(&mut self, envelope: &mut Envelope<T>) -> Option<Span> {
        envelope.owed.arrive(self.place.next_call());
        self.books.called();
        let parent = envelope.owed.span()?;
        Some(tracing::debug_span!(parent: parent, "stage", name = %self.name))
            .map(|span| if span.is_none() { parent.clone() } else { span })
    }
}
