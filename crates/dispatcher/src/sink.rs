//! What a sink is to a dispatcher.

use crate::{DispatcherId, SinkError, Span};
use change_event::{CommitTs, DdlEvent, RowEvent};
use pipeline_core::{Receipt, RouteId, Routed, Weigh};
use std::future::{Future, ready};
use tower::Service;

/// What it takes to carry a row event besides its rows: envelope, receipt, progress entry, places in queues.
const ROWS_OVERHEAD: u64 = 384;

/// What a dispatcher sends through the front door.
#[derive(Clone, Debug)]
pub struct DispatchedRows {
    /// Who sends them.
    pub dispatcher: DispatcherId,
    /// The rows.
    pub event: RowEvent,
}

impl Weigh for DispatchedRows {
    fn weight(&self) -> u64 {
        weight(&self.event)
    }
}

/// What a row event costs while it is held, in an inbox and behind the front door.
pub(crate) fn weight(event: &RowEvent) -> u64 {
    event.rows.bytes() as u64 + ROWS_OVERHEAD
}

/// Takes rows through a front door, and statements between them.
///
/// # Order
/// For one dispatcher: every row before a statement went through the door; then comes
/// [`pass_block_event`](Self::pass_block_event); and only when that has returned for *every* dispatcher the
/// statement touches comes [`write_block_event`](Self::write_block_event), once.
///
/// # A sink of one's own
/// It is a pipeline, and what is done with statements and checkpoints. This one keeps rows in a `Vec`:
///
/// ```
/// use change_event::{CommitTs, DdlEvent, RowEvent};
/// use dispatcher::{DispatchedRows, Dispatchers, Sink, SinkError};
/// use pipeline_core::{BoxError, FrontDoor, Pipeline};
/// use std::future::ready;
/// use std::sync::{Arc, Mutex};
/// use tower::service_fn;
///
/// #[derive(Clone)]
/// struct Kept {
///     door: FrontDoor<DispatchedRows>,
///     rows: Arc<Mutex<Vec<RowEvent>>>,
/// }
///
/// impl Kept {
///     fn spawn() -> (Self, Pipeline) {
///         let rows = Arc::new(Mutex::new(Vec::new()));
///         let keep = rows.clone();
///         let keep = service_fn(move |dispatched: DispatchedRows| {
///             keep.lock().unwrap().push(dispatched.event);
///             ready(Ok::<_, BoxError>(())) // the flush ack: from here on they count as durable
///         });
///         let (door, pipeline) = Pipeline::builder().named("keep").payload(keep).spawn();
///         (Self { door, rows }, pipeline)
///     }
/// }
///
/// impl Sink for Kept {
///     type Door = FrontDoor<DispatchedRows>;
///
///     fn door(&self) -> Self::Door {
///         self.door.clone()
///     }
///
///     async fn write_block_event(&self, _statement: &DdlEvent) -> Result<(), SinkError> {
///         Ok(()) // each event of rows has the shape of its table with it
///     }
///
///     fn add_checkpoint_ts(&self, _durable: CommitTs) {}
/// }
/// # use change_event::{ChangeEvent, Column, ColumnKind, Op, RowsBuilder, TableName, TableSchema, Value};
/// # fn two_rows() -> Result<ChangeEvent, change_event::RowsError> {
/// #     let mut rows = RowsBuilder::new(1);
/// #     rows.push(Op::Insert, [Value::Int(1)])?;
/// #     rows.push(Op::Insert, [Value::Int(2)])?;
/// #     let columns = vec![Column::new("id", ColumnKind::Int)];
/// #     let name = TableName::new("shop", "orders");
/// #     let table = Arc::new(TableSchema { name, table_id: 1, partition: None, version: 1, columns });
/// #     Ok(ChangeEvent::Rows(RowEvent { table, commit_ts: CommitTs(7), rows: rows.build() }))
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (sink, pipeline) = Kept::spawn();
/// let dispatchers = Dispatchers::builder(sink.clone()).spawn()?;
/// dispatchers.handle(two_rows()?).await?;
/// dispatchers.finish().await?;
/// assert_eq!(sink.rows.lock().unwrap()[0].rows.len(), 2);
/// # pipeline.close().await?;
/// # Ok(())
/// # }
/// ```
///
/// There is no [`wake`](pipeline_core::Builder::wake) in its pipeline, so a dispatcher's rows are durable when it comes
/// to a statement. With one, rows may still be on their way, and
/// [`pass_block_event`](Self::pass_block_event) is `self.door.drain(Scope::Route(route)).await`; with a stage that
/// gathers, [`flush`](Self::flush) is the same with `Scope::All`.
pub trait Sink: Clone + Send + Sync + 'static {
    /// The front door. Its response future is the enqueue ack; `call` has taken the rows, in order, when it returns.
    ///
    /// A layer around it must hand the observer of a [`Routed`] on: that is how the checkpoint moves.
    type Door: Service<
            Routed<DispatchedRows>,
            Response = Receipt,
            Error = pipeline_core::Error,
            Future: Send + Unpin,
        > + Clone
        + Send
        + 'static;

    /// The way in. Asked for often: a clone.
    fn door(&self) -> Self::Door;

    /// Makes everything earlier of this dispatcher durable and visible before it returns.
    ///
    /// The default does nothing: enough for a sink in which statements need not wait for rows, or whose wake
    /// comes with the flush.
    ///
    /// # Errors
    /// Whatever keeps it from being durable; it ends the dispatchers.
    fn pass_block_event(
        &self,
        route: RouteId,
        event: &DdlEvent,
    ) -> impl Future<Output = Result<(), SinkError>> + Send {
        let _: (RouteId, &DdlEvent) = (route, event);
        ready(Ok(()))
    }

    /// Writes a statement. Called once for each, after all that it touches have passed
    /// [`pass_block_event`](Self::pass_block_event). A statement without changes is only a barrier: there is
    /// nothing to write.
    ///
    /// # Errors
    /// Whatever kept it from being written; it ends the dispatchers.
    fn write_block_event(&self, event: &DdlEvent) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Makes everything that went through the door so far durable, without waiting for more. Asked when the
    /// dispatchers finish, perhaps more than once.
    ///
    /// The default does nothing: rows become durable in their own time.
    ///
    /// # Errors
    /// Whatever keeps it from being durable; it ends the dispatchers.
    fn flush(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }

    /// Tells that everything at or below this commit-ts is durable. Does not block; the latest one counts.
    fn add_checkpoint_ts(&self, ts: CommitTs);

    /// Asks for a dispatcher of a table, before its first row or statement.
    ///
    /// A successor may be admitted before its predecessor of the same id is retired: the statement that parts them
    /// is still on its way.
    ///
    /// # Errors
    /// If the sink cannot take it, as when two spans would share one directory; it ends the dispatchers.
    fn admit(&self, span: &Span) -> Result<(), SinkError> {
        let _: &Span = span;
        Ok(())
    }

    /// Tells that nothing more comes on this route.
    fn retire(&self, route: RouteId) {
        let _: RouteId = route;
    }
}
