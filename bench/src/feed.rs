//! Drives the front door as a dispatcher does: one task a table, each awaiting its wake before it sends the next.

use crate::latency::{Latencies, Visible};
use crate::rows::Source;
use change_event::Op;
use dispatcher::{DispatchedRows, DispatcherId, Sink};
use pipeline_core::{BoxError, FrontDoor, Receipt, RouteId, Routed};
use sink_cloudstorage::CloudStorageSink;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tower::{Service, ServiceExt};

/// One table's source.
pub(crate) struct Feed {
    door: FrontDoor<DispatchedRows>,
    pub(crate) source: Source,
    pub(crate) route: RouteId,
    dispatcher: DispatcherId,
    visible: Arc<Visible>,
    pub(crate) wakes: Latencies,
    pub(crate) sent: u64,
    /// When the last one was woken.
    woken: Option<Instant>,
}

impl Feed {
    pub(crate) fn new(sink: &CloudStorageSink, source: Source, number: u64, visible: &Arc<Visible>) -> Self {
        Self {
            door: sink.door(),
            dispatcher: DispatcherId::of(Some(&source.table.name), 0),
            source,
            route: RouteId(number),
            visible: visible.clone(),
            wakes: Latencies::default(),
            sent: 0,
            woken: None,
        }
    }

    /// Sends a transaction and awaits its wake. Its latencies count from now, what it waits to be let in included; or
    /// from `scheduled`, if the one before was not woken by then.
    pub(crate) async fn send(
        &mut self,
        op: Op,
        rows: u64,
        scheduled: Option<Instant>,
    ) -> Result<Receipt, BoxError> {
        let late = scheduled.filter(|then| self.woken.is_some_and(|woken| woken > *then));
        let sent = late.unwrap_or_else(Instant::now);
        let door = self.door.ready().await?;
        // Made only now: while it waits to be let in, a source holds nothing.
        let event = self.source.event(op, rows)?;
        let request = Routed::new(self.route, DispatchedRows { dispatcher: self.dispatcher, event });
        let receipt = door.call(request.observed_by(self.visible.of(sent))).await?;
        let woken = Instant::now();
        self.wakes.record(woken - sent);
        self.woken = Some(woken);
        self.sent += rows;
        Ok(receipt)
    }

    /// Sends so many transactions, each as soon as the one before was woken.
    pub(crate) async fn send_all(&mut self, op: Op, rows: u64, transactions: u64) -> Result<(), BoxError> {
        for _ in 0..transactions {
            let _not_awaited = self.send(op, rows, None).await?;
        }
        Ok(())
    }

    /// The same until a moment.
    pub(crate) async fn send_until(&mut self, rows: u64, end: Instant) -> Result<(), BoxError> {
        while Instant::now() < end {
            let _not_awaited = self.send(Op::Insert, rows, None).await?;
        }
        Ok(())
    }

    /// Sends a transaction every `every`, however long the wakes take, in a span of time; wakes count from `begin` on.
    pub(crate) async fn send_every(
        &mut self,
        rows: u64,
        every: Duration,
        first: Instant,
        [begin, end]: [Instant; 2],
    ) -> Result<(), BoxError> {
        let mut next = first;
        while next < end {
            if next < begin {
                self.wakes = Latencies::default();
            }
            sleep_until(next).await;
            let _not_awaited = self.send(Op::Insert, rows, Some(next)).await?;
            next += every;
        }
        Ok(())
    }
}
