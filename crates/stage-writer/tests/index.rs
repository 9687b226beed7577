//! Index writes whose outcome is unclear, that come late, or that meet somebody else's.

mod line;

use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Line, Options, keys, start, text, writer_error};
use stage_writer::ErrorKind;
use std::sync::Arc;

const INDEX: &str = "t/7/0/meta/CDC.index";

fn line(store: &Faulty) -> Line {
    start(Arc::new(store.clone()), Options::default())
}

async fn publish(line: &mut Line, text: &str) {
    line.send(1, 7, text).await.flushed().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_index_write_that_comes_late_is_refused() {
    // The first index is created, the next ones replace the one before.
    for written_before in [0, 1, 2] {
        let store = Faulty::default();
        let mut line = line(&store);
        for _ in 0..written_before {
            publish(&mut line, "early").await;
        }
        store.inject(Verb::Put, INDEX, 1, Effect::Late, Reply::Silence);
        publish(&mut line, "slow").await;
        publish(&mut line, "next").await;
        let ends = store.apply_late().await;
        assert!(matches!(ends[..], [Err(_)]), "{ends:?}");
        assert_eq!(text(store.inner(), INDEX).await, format!("CDC{:06}.txt\n", written_before + 2));
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_index_can_go_back_acknowledged_files_stay_and_show_up_again() {
    let store = Faulty::without_updates();
    let mut before = line(&store);
    store.inject(Verb::Put, INDEX, 1, Effect::Happens, Reply::Truth);
    publish(&mut before, "a").await;
    // From here on it is known that the store cannot update.
    publish(&mut before, "b").await;
    store.inject(Verb::Put, INDEX, 1, Effect::Late, Reply::Silence);
    publish(&mut before, "c").await;
    publish(&mut before, "d").await;
    assert!(matches!(store.apply_late().await[..], [Ok(())]));
    assert_eq!(text(store.inner(), INDEX).await, "CDC000003.txt\n", "it went back");
    before.pipeline.close().await.unwrap();

    let mut after = line(&store);
    publish(&mut after, "e").await;
    assert_eq!(text(store.inner(), INDEX).await, "CDC000005.txt\n");
    for (number, content) in ["#a", "#b", "#c", "#d", "#e"].into_iter().enumerate() {
        assert_eq!(text(store.inner(), &format!("t/7/0/CDC{:06}.txt", number + 1)).await, content);
    }
    assert_eq!(store.history().asked(Verb::Delete, ""), 0);
}

#[tokio::test(start_paused = true)]
async fn an_index_write_that_was_applied_is_adopted_however_its_reply_was_lost() {
    for reply in [Reply::Generic, Reply::Precondition, Reply::AlreadyExists, Reply::NotFound, Reply::Silence]
    {
        let store = Faulty::default();
        let mut line = line(&store);
        for written in 1..=3 {
            store.inject(Verb::Put, INDEX, 1, Effect::Happens, reply);
            publish(&mut line, "a").await;
            assert_eq!(text(store.inner(), INDEX).await, format!("CDC{written:06}.txt\n"), "{reply:?}");
        }
        store.history().check_indexes();
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_for_no_reason_is_overwritten_without_condition() {
    let store = Faulty::default();
    let mut line = line(&store);
    publish(&mut line, "a").await;
    store.inject(Verb::Put, INDEX, 1, Effect::Never, Reply::Precondition);
    publish(&mut line, "b").await;
    assert_eq!(text(store.inner(), INDEX).await, "CDC000002.txt\n");
    let asked = store.history().asked(Verb::Get, INDEX);
    publish(&mut line, "c").await;
    assert_eq!(store.history().asked(Verb::Get, INDEX), asked, "once is enough to know");
}

#[tokio::test(start_paused = true)]
async fn a_store_without_updates_is_asked_for_one_only_once() {
    let store = Faulty::without_updates();
    let mut line = line(&store);
    publish(&mut line, "a").await;
    publish(&mut line, "b").await;
    let sent = line.remote.requests_sent();
    publish(&mut line, "c").await;
    assert_eq!(line.remote.requests_sent() - sent, 2, "the file and its index");
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_index_is_a_conflict_and_stays() {
    let store = Faulty::default();
    let mut line = line(&store);
    publish(&mut line, "a").await;
    store.plant(INDEX, "CDC000009.txt\n").await;
    let receipt = line.send(1, 7, "b").await;
    let error = receipt.flushed().await.unwrap_err();
    assert_eq!(writer_error(&error).kind(), ErrorKind::Conflict);
    assert!(writer_error(&error).to_string().contains(INDEX), "the error names the index");
    assert_eq!(text(store.inner(), INDEX).await, "CDC000009.txt\n");
    assert_eq!(line.tally.files(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_was_deleted_meanwhile_is_not_written_over_a_directory_that_is_gone() {
    use object_store::{ObjectStoreExt, path::Path};
    let store = Faulty::default();
    let mut line = line(&store);
    publish(&mut line, "a").await;
    for key in keys(store.inner()).await {
        store.inner().delete(&Path::from(key)).await.unwrap();
    }
    let error = line.send(1, 7, "b").await.flushed().await.unwrap_err();
    assert_eq!(writer_error(&error).kind(), ErrorKind::Conflict);
    assert_eq!(keys(store.inner()).await, ["t/7/0/CDC000002.txt"]);
}
