//! One scenario a file: what it drives, and what it says of it.

mod backlog;
#[cfg(feature = "cost")]
pub(crate) mod cost;
mod deletes;
mod drain;
mod encode;
mod hot;
mod idle;
mod line;
mod report;
mod spill;
mod stalled;
mod tables;

use crate::feed::Feed;
use crate::latency::{Latencies, Visible};
use crate::options::{Options, Scenario};
use crate::rig::Rig;
use crate::rows::{Source, Stock};
use pipeline_core::BoxError;
use serde_json::{Map, Value};
use std::future::Future;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Runs a scenario; gives one object per run.
pub(crate) async fn run(options: &Options) -> Result<Vec<Map<String, Value>>, BoxError> {
    match options.scenario {
        Scenario::Encode => encode::run(options),
        Scenario::Line => Ok(vec![line::run(options).await?]),
        Scenario::Tables => Ok(vec![tables::run(options).await?]),
        Scenario::Hot => hot::run(options).await,
        Scenario::Deletes => Ok(vec![deletes::run(options).await?]),
        Scenario::Spill => Ok(vec![spill::run(options).await?]),
        Scenario::Stalled => Ok(vec![stalled::run(options).await?]),
        Scenario::Idle => Ok(vec![idle::run(options).await?]),
        Scenario::Drain => Ok(vec![drain::run(options).await?]),
        Scenario::Backlog => Ok(vec![backlog::run(options)?]),
        #[cfg(feature = "cost")]
        Scenario::Cost => unreachable!("it makes runtimes of its own"),
        Scenario::Report => report::run(options),
    }
}

/// The sources of so many tables.
fn feeds(rig: &Rig, options: &Options, tables: u64, visible: &Arc<Visible>) -> Vec<Feed> {
    let stock = Stock::new(options.shape);
    let feed = |number| Feed::new(&rig.sink, Source::new(&stock, number), number, visible);
    (0..tables).map(feed).collect()
}

/// Runs all sources side by side, each in a task of its own, and gives them back.
async fn side_by_side<F>(feeds: Vec<Feed>, run: impl Fn(usize, Feed) -> F) -> Result<Vec<Feed>, BoxError>
where
    F: Future<Output = Result<Feed, BoxError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    feeds.into_iter().enumerate().for_each(|(number, feed)| drop(tasks.spawn(run(number, feed))));
    let mut back = Vec::new();
    while let Some(feed) = tasks.join_next().await {
        back.push(feed??);
    }
    back.sort_by_key(|feed| feed.route);
    Ok(back)
}

/// All their wakes; they start anew.
fn take_wakes(feeds: &mut [Feed]) -> Latencies {
    let mut all = Latencies::default();
    feeds.iter_mut().for_each(|feed| all.add(&std::mem::take(&mut feed.wakes)));
    all
}
