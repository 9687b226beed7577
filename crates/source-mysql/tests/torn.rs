//! Files that end too early, and files that are something else.

mod reading;

use reading::{marks, open, read_all, read_on, sample, words};
use source_mysql::{Binlog, Error, LogPlace, SourceItem, SourceOptions, Start};
use std::path::Path;

async fn open_error(path: &Path) -> Error {
    Binlog::open_file(path, SourceOptions::default(), None).await.expect_err("it is no binlog")
}

/// The places of the recorded log between its transactions.
async fn boundaries() -> Vec<u64> {
    let items = read_all(&sample()).await;
    let start = open(&sample(), None).await.start_mark().position.offset;
    [start].into_iter().chain(marks(&items).map(|mark| mark.position.offset)).collect()
}

/// A transaction of four tables with two rows and more, cut at every byte.
#[tokio::test]
async fn a_file_cut_within_a_transaction_shows_nothing_of_it() {
    let bounds = boundaries().await;
    let log = std::fs::read(sample()).unwrap();
    let items = read_all(&sample()).await;
    let sale = reading::rows(&items).find(|event| event.table.name.table == "orders").unwrap().commit_ts;
    let end = marks(&items).position(|mark| mark.commit_ts == sale).unwrap() + 1;
    let (from, to) = (bounds[end - 1], bounds[end]);
    assert!(to - from > 1_000, "the transaction has many events");

    let before = marks(&items).nth(end - 2).unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    for cut in from..=to {
        std::fs::write(&path, &log[..cut as usize]).unwrap();
        let mut torn = open(&path, Some(before.clone().into())).await;
        let (read, error) = read_on(&mut torn).await;
        if cut == from {
            assert!(read.is_empty() && error.is_none());
        } else if cut == to {
            assert!(read.len() == 5 && error.is_none());
        } else {
            assert!(read.is_empty(), "nothing of half a transaction, cut at {cut}");
            let Some(Error::Torn { file, offset }) = error else {
                panic!("cut at {cut}: {error:?}");
            };
            assert!(file.ends_with("shop.binlog"));
            assert!((from..=cut).contains(&offset));
        }
    }
}

/// A statement by itself: its announcement and it.
#[tokio::test]
async fn a_file_cut_before_an_announced_statement_is_torn() {
    let whole = read_all(&sample()).await;
    let ends: Vec<u64> = whole
        .windows(2)
        .filter_map(|pair| match pair {
            [SourceItem::Event(_), SourceItem::Mark(mark)] => Some(mark.position.offset),
            _ => None,
        })
        .collect();
    let log = std::fs::read(sample()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    for cut in ends[0] + 1..ends[1] {
        std::fs::write(&path, &log[..cut as usize]).unwrap();
        let (read, error) = read_on(&mut open(&path, None).await).await;
        let events = read.iter().filter(|item| matches!(item, SourceItem::Event(_))).count();
        assert_eq!(events, 1, "the statement before");
        assert_eq!(marks(&read).last().unwrap().position.offset, ends[0], "and its mark");
        assert!(matches!(error, Some(Error::Torn { .. })), "cut at {cut}: {error:?}");
    }
}

#[tokio::test]
async fn what_came_before_the_tear_is_handed_over() {
    let bounds = boundaries().await;
    let log = std::fs::read(sample()).unwrap();
    let whole: Vec<String> = read_all(&sample()).await.iter().map(words).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    let cut = bounds[bounds.len() - 2] as usize + 10;
    std::fs::write(&path, &log[..cut]).unwrap();
    let (read, error) = read_on(&mut open(&path, None).await).await;
    assert!(matches!(error, Some(Error::Torn { .. })));
    assert_eq!(marks(&read).last().unwrap().position.offset, bounds[bounds.len() - 2]);
    assert!(read.iter().map(words).eq(whole[..read.len()].iter().cloned()));
}

/// A copy of a log that its server still writes to, copied again later.
#[tokio::test]
async fn a_grown_copy_goes_on_where_the_short_one_ended() {
    let bounds = boundaries().await;
    let log = std::fs::read(sample()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    std::fs::write(&path, &log[..bounds[300] as usize]).unwrap();
    let mut items = read_all(&path).await;
    std::fs::write(&path, &log).unwrap();
    let last = marks(&items).last().unwrap().clone();
    let (rest, error) = read_on(&mut open(&path, Some(last.into())).await).await;
    assert!(error.is_none());
    items.extend(rest);
    let whole = read_all(&sample()).await;
    assert!(items.iter().map(words).eq(whole.iter().map(words)));
}

/// The position saved after so many transactions, and the recorded log with one bit changed, its checksum made right:
/// in the file's beginning, in the last event before the position, and behind it.
#[tokio::test]
async fn a_file_of_the_same_name_with_other_events_is_refused() {
    let items = read_all(&sample()).await;
    let mark = marks(&items).nth(300).unwrap().clone();
    let last = mark.position.lineage.last_event.unwrap();
    let log = std::fs::read(sample()).unwrap();
    let altered = |offset: u64, at: u64| {
        let mut log = log.clone();
        let offset = offset as usize;
        let size = u32::from_le_bytes(log[offset + 9..offset + 13].try_into().unwrap()) as usize;
        log[offset + at as usize] ^= 1;
        let sum = crc32fast::hash(&log[offset..offset + size - 4]).to_le_bytes();
        log[offset + size - 4..offset + size].copy_from_slice(&sum);
        log
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    let resume = async |log: &[u8]| {
        std::fs::write(&path, log).unwrap();
        let start = Some(mark.clone().into());
        Binlog::open_file(&path, SourceOptions::default(), start).await.map(drop)
    };
    resume(&log).await.unwrap();
    resume(&altered(mark.position.offset, 0)).await.unwrap();
    let cut = &log[..mark.position.offset as usize - 1];
    let others = [altered(4, 0), altered(last.offset, 0), altered(last.offset, 19), cut.to_vec()];
    for (i, other) in others.iter().enumerate() {
        let error = resume(other).await.unwrap_err();
        assert!(error.is_broken_lineage(), "{i}: {error:?}");
        let text = error.to_string();
        assert!(text.contains("shop.binlog is not the log") && text.contains("--accept-gap"), "{i}: {text}");
    }
}

#[tokio::test]
async fn a_file_may_be_read_from_one_of_its_events_on() {
    let items = read_all(&sample()).await;
    let mark = marks(&items).nth(300).unwrap();
    let open_at = async |file: &str, offset| {
        let start = Start::At(LogPlace { file: file.to_owned(), offset });
        Binlog::open_file_at(sample(), SourceOptions::default(), start).await
    };
    let (rest, error) = read_on(&mut open_at("shop.binlog", mark.position.offset).await.unwrap()).await;
    assert!(error.is_none());
    assert!(
        marks(&rest).map(|mark| mark.position.offset).eq(marks(&items).skip(301).map(|m| m.position.offset))
    );
    for (file, offset, says) in [
        ("other.binlog", 4, "the start is in other.binlog"),
        ("shop.binlog", mark.position.offset + 1, "no event begins"),
        ("shop.binlog", 1 << 40, "no event begins"),
    ] {
        let error = open_at(file, offset).await.unwrap_err();
        assert!(matches!(&error, Error::Config(text) if text.contains(says)), "{error:?}");
    }
    let now = Binlog::open_file_at(sample(), SourceOptions::default(), Start::Now).await.unwrap_err();
    assert!(now.to_string().contains("no now"), "{now}");
}

#[tokio::test]
async fn something_else_is_not_a_binlog() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for (content, reason) in [
        (&b"hello, world"[..], "fe 62 69 6e"),
        (b"", "shorter"),
        (b"\xFEbi", "shorter"),
        (b"\xFDbin\0\0\0\0", "encrypted"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = open_error(&path).await;
        assert!(matches!(error, Error::NotABinlog { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("notes.txt") && text.contains(reason), "{text}");
    }
    std::fs::write(&path, b"\xFEbin").unwrap();
    assert!(matches!(open_error(&path).await, Error::Torn { .. }));
    assert!(matches!(open_error(&folder.path().join("absent")).await, Error::Io { .. }));
}

/// A copy made while the server still had the file open: a flag in the first event says so, its checksum does not.
#[tokio::test]
async fn a_copy_of_an_open_log_is_read() {
    let mut log = std::fs::read(sample()).unwrap();
    assert_eq!(log[4 + 17] & 1, 0, "the recorded one was closed");
    log[4 + 17] |= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.binlog");
    std::fs::write(&path, &log).unwrap();
    assert_eq!(read_all(&path).await.len(), read_all(&sample()).await.len());
}
