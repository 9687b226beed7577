//! A bucket behind a proxy that fails requests, and what the sample must come to there.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::{in_process, sample};
use futures::future::join_all;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use std::sync::Arc;
use tests::consumer::{Bucket, Options, Replayed};
use tests::{Cloud, Fault, FaultProxy, Spillway};

/// A bucket behind a proxy of its own, and the command that writes the sample there.
pub struct Behind {
    pub proxy: FaultProxy,
    pub store: Arc<dyn ObjectStore>,
    pub command: Spillway,
    pub bucket: String,
}

impl Behind {
    pub async fn start(cloud: &impl Cloud, bucket: String) -> Self {
        Self::with_patience(cloud, bucket, "60s").await
    }

    /// The same, with how long a failing request is tried again.
    pub async fn with_patience(cloud: &impl Cloud, bucket: String, patience: &str) -> Self {
        cloud.make(&bucket).await;
        let proxy = FaultProxy::start(cloud.address()).await.unwrap();
        let uri = cloud.uri_behind(proxy.address(), &bucket, "p");
        let sink = format!("{uri}&{}&retry-timeout={patience}", sample::PARAMETERS);
        let command = Spillway::new(sample::path().display().to_string(), sink).config(sample::CONFIG);
        Self { proxy, store: cloud.client(&bucket), command, bucket }
    }

    pub async fn rebuilt(&self, options: &Options) -> (Bucket, Replayed) {
        rebuilt(self.store.clone(), "p", options).await
    }
}

pub async fn rebuilt(store: Arc<dyn ObjectStore>, prefix: &str, options: &Options) -> (Bucket, Replayed) {
    let bucket = Box::pin(Bucket::read(store, prefix, options)).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    let replayed = bucket.replay().unwrap();
    (bucket, replayed)
}

/// What the sample makes when nothing fails.
pub async fn without_faults() -> (Bucket, Replayed) {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    Box::pin(in_process::read(&config(), store.clone(), &sample::path())).await.unwrap();
    rebuilt(store, "", &sample::options()).await
}

pub fn config() -> sink_cloudstorage::config::Config {
    in_process::config_with(sample::PARAMETERS, sample::CONFIG)
}

/// Every third request of a run fails, in each way that heals; the rows that come are those of a run without faults.
pub async fn every_third_request_fails(cloud: &impl Cloud) {
    let (_, expected) = without_faults().await;
    let faults = [
        Fault::AnswerBefore(500),
        Fault::AnswerAfter(500),
        Fault::AnswerBefore(503),
        Fault::AnswerAfter(503),
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::CutDuringAnswer,
    ];
    let runs = faults.iter().enumerate().map(async |(at, &fault)| {
        let behind = Behind::start(cloud, format!("fault-{at}")).await;
        let mut number = 0;
        behind.proxy.set_rule(move |_| {
            number += 1;
            if number % 3 == 0 { fault } else { Fault::Pass }
        });
        behind.command.run().await.succeeded();
        assert!(behind.proxy.faults() > 50, "{fault:?} was done {} times only", behind.proxy.faults());
        let (bucket, replayed) = behind.rebuilt(&sample::options()).await;
        assert_eq!(replayed, expected, "{fault:?}");
        assert!(bucket.unpublished.is_empty(), "{fault:?}: {:?}", bucket.unpublished);
    });
    // They spend their time with pauses between two attempts.
    join_all(runs).await;
}

/// A write is done, and its answer is lost or says that it was not; the object is known for one's own.
///
/// A second run of the same command finds everything in its place.
pub async fn the_first_answer_of_every_write_is_lost(cloud: &impl Cloud) {
    let (_, expected) = without_faults().await;
    let faults = [Fault::CutAfter, Fault::AnswerAfter(500), Fault::AnswerAfter(409), Fault::AnswerAfter(412)];
    let runs = faults.iter().enumerate().map(async |(at, &fault)| {
        let behind = Behind::start(cloud, format!("lost-{at}")).await;
        let mut seen = std::collections::HashSet::new();
        behind.proxy.set_rule(move |request| {
            let concerned = request.writes(".csv") || request.writes("CDC.index");
            if concerned && seen.insert(request.path.clone()) { fault } else { Fault::Pass }
        });
        behind.command.run().await.succeeded();
        assert!(behind.proxy.faults() > 50, "{fault:?} was done {} times only", behind.proxy.faults());
        let again = behind.command.run().await;
        assert!(again.succeeded().stdout.contains("rows       0\n"), "{}", again.stdout);
        let (bucket, replayed) = behind.rebuilt(&sample::options()).await;
        assert_eq!(replayed, expected, "{fault:?}");
        assert!(bucket.unpublished.is_empty(), "{fault:?}: {:?}", bucket.unpublished);
    });
    join_all(runs).await;
}

/// Whatever a run asks for a while, it is refused; it goes on when it is let in again, and the rows that come are those of a
/// run without faults.
pub async fn what_is_refused_for_a_while_heals(cloud: &impl Cloud) {
    const TIMES: usize = 50;
    let (_, expected) = without_faults().await;
    let faults = [
        (Fault::AnswerBefore(401), "it does not know these credentials"),
        (Fault::AnswerBefore(403), "these credentials may not"),
        (Fault::RefuseBefore(403, "QuotaExceeded"), "its storage is full"),
        // Clients try this again by themselves, and may be through with it then.
        (Fault::AnswerBefore(507), ""),
    ];
    let runs = faults.iter().enumerate().map(async |(at, &(fault, waits_for))| {
        let behind = Behind::start(cloud, format!("withdrawn-{at}")).await;
        let (mut files, mut refused) = (0, 0);
        behind.proxy.set_rule(move |request| {
            files += usize::from(request.writes(".csv"));
            let concerned = files > 5 && refused < TIMES;
            refused += usize::from(concerned);
            if concerned { fault } else { Fault::Pass }
        });
        let ended = behind.command.run().await;
        ended.succeeded();
        assert!(ended.stderr.contains(waits_for), "{fault:?}: {}", ended.stderr);
        assert_eq!(behind.proxy.faults(), TIMES, "{fault:?}");
        let (bucket, replayed) = behind.rebuilt(&sample::options()).await;
        assert_eq!(replayed, expected, "{fault:?}");
        assert!(bucket.unpublished.is_empty(), "{fault:?}: {:?}", bucket.unpublished);
    });
    join_all(runs).await;
}

/// An index that stays refused ends the run, with files in its directory that no index names; the same command goes on from there.
pub async fn a_refused_index_ends_the_run_and_the_same_command_goes_on_later(cloud: &impl Cloud) {
    let (_, expected) = without_faults().await;
    for let_through in [5, 15, 30] {
        let behind = Behind::with_patience(cloud, format!("refused-{let_through}"), "2s").await;
        let mut passed = 0;
        behind.proxy.set_rule(move |request| {
            passed += usize::from(request.writes("CDC.index"));
            let concerned = request.writes("CDC.index") && passed > let_through;
            if concerned { Fault::AnswerBefore(403) } else { Fault::Pass }
        });
        let ended = behind.command.run().await;
        let error = ended.failed(1);
        assert!(error.contains("CDC.index") && error.contains("these credentials may not"), "{error}");
        assert!(behind.proxy.faults() > 1, "it was not waited for that the right comes back");

        behind.proxy.set(Fault::Pass);
        behind.command.run().await.succeeded();
        let options = Options { restarts: true, ..sample::options() };
        let (bucket, mut replayed) = behind.rebuilt(&options).await;
        assert!(bucket.unpublished.is_empty(), "{let_through}: {:?}", bucket.unpublished);
        replayed.repeated_rows = 0;
        assert_eq!(replayed, expected, "{let_through}");
    }
}
