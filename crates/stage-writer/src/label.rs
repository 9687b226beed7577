//! What a payload says of itself.

/// What a payload says of itself: the label of a [`Piece`](pipeline_core::Piece), or a row that is gathered as it is.
pub trait Label: Send + 'static {
    /// What must be equal for two payloads of a route to share a batch, and so a file: a table at one version, say.
    /// `()` if all may.
    type Group: Clone + PartialEq + Send + Sync + 'static;

    /// The group this payload belongs to.
    fn group(&self) -> &Self::Group;

    /// How many rows the payload has.
    fn rows(&self) -> u64 {
        1
    }
}
