//! What a dispatcher does when it has its turn.
//!
//! ```text
//!   rows  ─► call, call, call … ─► await every wake ─► end of turn
//!   block ─► pass_block_event ─┬─ touches only me ─► write_block_event ─────────────────────► end of turn
//!                              └─ barrier ─► report ─┬─ Write ─► write_block_event ─► done ─► end of turn
//!                                                    └─ Pass ───────────────────────────────► end of turn
//! ```
//!
//! The wait for a verdict is a step of its own, so that those who wait there take no place from those who must
//! still drain before anyone gets one.

use crate::inbox::{HandedBlock, HandedRows};
use crate::work::Counters;
use crate::{DispatchedRows, Error, Maintainer, Sink, SinkError, Span, TableProgress, Verdict};
use futures::FutureExt;
use pipeline_core::{Observe, Observer, RouteId, Routed};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use tower::Service;

/// What every turn needs.
pub(crate) struct Parts<'a, S, M> {
    pub(crate) sink: &'a S,
    pub(crate) maintainer: &'a M,
    pub(crate) work: &'a Counters,
}

/// How a turn ended.
pub(crate) enum End {
    /// The dispatcher may have another.
    Done(RouteId),
    /// The dispatcher has nothing more to do, ever.
    Retired(RouteId),
    /// The dispatcher has drained before a barrier, and must report.
    AtBarrier(Meeting),
}

/// A dispatcher before a barrier.
pub(crate) struct Meeting {
    span: Arc<Span>,
    progress: Arc<TableProgress>,
    handed: HandedBlock,
}

impl<S: Sink, M: Maintainer> Parts<'_, S, M> {
    /// Sends rows, and waits until all of them are enqueued.
    ///
    /// Their flush acks come to the progress by themselves.
    pub(crate) async fn send(
        &self,
        span: Arc<Span>,
        progress: Arc<TableProgress>,
        rows: Vec<HandedRows>,
    ) -> Result<End, Error> {
        let target: Arc<dyn Observe> = progress;
        let mut door = self.sink.door();
        let mut wakes = VecDeque::with_capacity(rows.len());
        self.work.events.add(rows.len() as u64);
        for HandedRows { event, token, lease } in rows {
            ready(&mut door, &mut wakes).await.map_err(Error::Door)?;
            let rows = DispatchedRows { dispatcher: span.id, event };
            let observer = Observer::new(target.clone(), token);
            wakes.push_back(door.call(Routed::new(span.route, rows).observed_by(observer)));
            // The door holds it now.
            drop(lease);
        }
        for wake in wakes {
            // The wake lets the next rows go; what the receipt promises comes to the progress.
            drop(wake.await.map_err(Error::Door)?);
        }
        Ok(End::Done(span.route))
    }

    /// Drains before a statement; writes it, if nobody else has to.
    pub(crate) async fn drain(
        &self,
        span: Arc<Span>,
        progress: Arc<TableProgress>,
        handed: HandedBlock,
    ) -> Result<End, Error> {
        let block = &handed.block;
        tracing::debug!(commit_ts = %block.id.commit_ts, %span, "drains before a statement");
        let drained = self.sink.pass_block_event(span.route, &block.ddl).await;
        let meeting = Meeting { span, progress, handed };
        if meeting.handed.block.is_barrier() {
            if let Err(source) = drained {
                return Err(self.give_up(&meeting, source).await);
            }
            return Ok(End::AtBarrier(meeting));
        }
        drained.map_err(|source| meeting.failed(source))?;
        self.write(&meeting).await?;
        Ok(self.pass(meeting))
    }

    /// Reports, waits for the verdict, and does what it says.
    pub(crate) async fn meet(&self, meeting: Meeting) -> Result<End, Error> {
        let Meeting { span, handed: HandedBlock { block, .. }, .. } = &meeting;
        match self.maintainer.report(block, span).await? {
            Verdict::Pass => {}
            Verdict::Write => match self.write(&meeting).await {
                Ok(()) => self.maintainer.done(block, span, Ok(())).await?,
                Err(error) => return Err(self.tell(&meeting, error).await),
            },
        }
        Ok(self.pass(meeting))
    }

    async fn write(&self, meeting: &Meeting) -> Result<(), Error> {
        let written = self.sink.write_block_event(&meeting.handed.block.ddl).await;
        written.map_err(|source| meeting.failed(source))
    }

    /// The statement no longer holds this dispatcher back.
    fn pass(&self, meeting: Meeting) -> End {
        let Meeting { span, progress, handed } = meeting;
        self.work.blocks.add(1);
        let end = if handed.last {
            self.sink.retire(span.route);
            End::Retired(span.route)
        } else {
            End::Done(span.route)
        };
        progress.remove(handed.token);
        end
    }

    async fn give_up(&self, meeting: &Meeting, source: SinkError) -> Error {
        self.tell(meeting, meeting.failed(source)).await
    }

    /// Tells the others at the barrier; the first error stays the one that counts here.
    async fn tell(&self, meeting: &Meeting, error: Error) -> Error {
        let told = self.maintainer.done(&meeting.handed.block, &meeting.span, Err(error.clone())).await;
        if let Err(untold) = told {
            tracing::warn!(%untold, "the maintainer could not be told of a failed barrier");
        }
        error
    }
}

impl Meeting {
    fn failed(&self, source: SinkError) -> Error {
        Error::BlockEvent { commit_ts: self.handed.block.id.commit_ts, source }
    }
}

/// Waits until the door is ready. The wakes so far are polled meanwhile: a door that lets in only so many at a time
/// may need it.
async fn ready<D, F, R, T>(door: &mut D, wakes: &mut VecDeque<F>) -> Result<(), pipeline_core::Error>
where
    D: Service<R, Future = F, Error = pipeline_core::Error>,
    F: Future<Output = Result<T, pipeline_core::Error>> + Unpin,
{
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(ready) = door.poll_ready(cx) {
                return Poll::Ready(ready);
            }
            let Some(wake) = wakes.front_mut() else { return Poll::Pending };
            match wake.poll_unpin(cx) {
                Poll::Ready(Ok(_)) => drop(wakes.pop_front()),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}
