//! The recorded log from end to end. `examples/shop/README.md` says what is in it.

mod reading;

use change_event::{ChangeEvent, CommitTs, DdlKind, EventFilter, EventRule, UpdateForm};
use futures::FutureExt;
use reading::{counts, marks, open, read_all, read_on, rows, sample, words};
use source_mysql::{Binlog, Error, Resume, SourceItem, SourceOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use tokio_stream::StreamExt;

/// Inserts, updates and deletes by table, as `mariadb-binlog -vv` counts them.
const LOGGED: [(&str, [usize; 3]); 15] = [
    ("scrap.waste", [3, 0, 0]),
    ("shop.archive", [100, 0, 0]),
    ("shop.big_spenders", [45, 1, 0]),
    ("shop.customers", [1002, 415, 51]),
    ("shop.odd", [2, 0, 0]),
    ("shop.order_lines", [1175, 0, 0]),
    ("shop.orders", [470, 0, 100]),
    ("shop.orders_2023", [0, 33, 0]),
    ("shop.shadow", [1, 0, 0]),
    ("shop.types_number", [4, 0, 1]),
    ("shop.types_text", [4, 2, 0]),
    ("shop.types_time", [4, 0, 0]),
    ("warehouse.audit", [4, 1, 0]),
    ("warehouse.movements", [470, 0, 0]),
    ("warehouse.stock", [303, 1189, 0]),
];

/// Updates of a primary or unique key, and the one of a table without any.
const KEY_UPDATES: [(&str, usize); 3] =
    [("shop.customers", 30), ("warehouse.stock", 16), ("shop.big_spenders", 1)];

#[tokio::test]
async fn every_logged_row_comes_out_once() {
    let updates = UpdateForm { old_rows: true, whole: true };
    let options = SourceOptions { updates, ..SourceOptions::default() };
    let mut log = Binlog::open_file(sample(), options, None).await.unwrap();
    let (items, error) = read_on(&mut log).await;
    assert!(error.is_none());
    for (table, expected) in LOGGED {
        assert_eq!(counts(&items, table), expected, "{table}");
    }
    let named: BTreeSet<String> = rows(&items).map(|event| event.table.name.to_string()).collect();
    assert_eq!(named.len(), LOGGED.len());
}

#[tokio::test]
async fn updates_of_keys_come_out_as_delete_and_insert() {
    let items = read_all(&sample()).await;
    for (table, [inserts, updates, deletes]) in LOGGED {
        let split = KEY_UPDATES.iter().find(|(name, _)| *name == table).map_or(0, |(_, n)| *n);
        let expected = [inserts + split, updates - split, deletes + split];
        assert_eq!(counts(&items, table), expected, "{table}");
    }
}

#[tokio::test]
async fn every_ddl_is_there() {
    use DdlKind::*;
    let mut kinds: BTreeMap<u8, usize> = BTreeMap::new();
    for item in read_all(&sample()).await {
        if let SourceItem::Event(ChangeEvent::Ddl(event)) = item {
            for change in &event.changes {
                *kinds.entry(change.kind as u8).or_default() += 1;
            }
        }
    }
    let expected = [
        (CreateDatabase, 3),
        (DropDatabase, 1),
        // Nine at first; archive, big_spenders, shadow, odd, and waste twice.
        (CreateTable, 15),
        // Two of their own, and one that is replaced.
        (DropTable, 3),
        (AddColumn, 1),
        (DropColumn, 1),
        (AddIndex, 2),
        (TruncateTable, 1),
        // The swap renames three times.
        (RenameTable, 4),
        (TableComment, 1),
        // Of one that comes and goes beside the tables.
        (CreateView, 1),
        (DropView, 1),
        // The last one ends a system versioning.
        (MultiSchemaChange, 2),
    ];
    assert_eq!(kinds, expected.map(|(kind, n)| (kind as u8, n)).into());
}

#[tokio::test]
async fn commit_timestamps_grow_from_transaction_to_transaction() {
    let items = read_all(&sample()).await;
    let start = open(&sample(), None).await.start_mark();
    assert_eq!(start.position.offset, 256, "right after the format description");
    let mut last_mark = start.commit_ts;
    let mut last = start.commit_ts;
    let mut rows_ts: Option<CommitTs> = None;
    for item in &items {
        match item {
            SourceItem::Event(ChangeEvent::Rows(event)) => {
                assert!(event.commit_ts > last_mark);
                assert!(rows_ts.is_none_or(|ts| ts == event.commit_ts), "one transaction, one commit-ts");
                assert!(event.table.version < event.commit_ts.0);
                rows_ts = Some(event.commit_ts);
                last = event.commit_ts;
            }
            SourceItem::Event(ChangeEvent::Ddl(event)) => {
                assert!(event.commit_ts > last && rows_ts.is_none());
                last = event.commit_ts;
            }
            SourceItem::Event(ChangeEvent::Resolved(_)) => panic!("marks say so"),
            SourceItem::Parked(parked) => panic!("it can all be taken: {parked:?}"),
            SourceItem::Mark(mark) => {
                assert_eq!((mark.commit_ts, mark.position.commit_ts), (last, last));
                last_mark = last;
                rows_ts = None;
            }
        }
    }
    assert!(marks(&items).count() > 500);
}

#[tokio::test]
async fn a_transaction_over_many_tables_is_an_event_each_and_one_mark() {
    let items = read_all(&sample()).await;
    let first_sale = rows(&items).position(|event| event.table.name.table == "orders").unwrap();
    let sale: Vec<_> = rows(&items).skip(first_sale).take(4).collect();
    let tables: Vec<_> = sale.iter().map(|event| event.table.name.to_string()).collect();
    assert_eq!(tables, ["shop.orders", "shop.order_lines", "warehouse.stock", "warehouse.movements"]);
    assert!(sale.iter().all(|event| event.commit_ts == sale[0].commit_ts));
}

/// From every mark the next two transactions are the same, tracked tables included; from every twentieth mark on,
/// everything is.
#[tokio::test]
async fn reading_on_from_a_mark_gives_what_came_after_it() {
    let items = read_all(&sample()).await;
    let expected: Vec<String> = items.iter().map(words).collect();
    let mut number = 0;
    for (i, item) in items.iter().enumerate() {
        let SourceItem::Mark(mark) = item else { continue };
        number += 1;
        // As a checkpoint stores it.
        let stored = serde_json::to_string(&Resume::from(mark.clone())).unwrap();
        let resume: Resume = serde_json::from_str(&stored).unwrap();
        let mut log = open(&sample(), Some(resume)).await;
        let mut marks_left = if number % 20 == 0 { usize::MAX } else { 2 };
        for (n, expected) in expected[i + 1..].iter().enumerate() {
            let item = log.next().await.unwrap().expect("as many items as before");
            assert_eq!(&words(&item), expected, "item {n} after mark {number}");
            marks_left -= usize::from(matches!(item, SourceItem::Mark(_)));
            if marks_left == 0 {
                break;
            }
        }
        if number % 20 == 0 {
            assert!(log.next().await.unwrap().is_none());
        }
    }
    assert!(number > 500);
}

#[tokio::test]
async fn a_position_of_another_file_is_refused() {
    let mut mark = open(&sample(), None).await.start_mark();
    mark.position.file = "binlog.000007".into();
    let resumed = Binlog::open_file(sample(), SourceOptions::default(), Some(mark.into())).await;
    let text = resumed.unwrap_err().to_string();
    assert!(text.contains("binlog.000007") && text.contains("shop.binlog"), "{text}");
}

#[tokio::test]
async fn a_transaction_above_the_limit_is_refused_by_name() {
    let options = SourceOptions { max_transaction_bytes: 20_000, ..SourceOptions::default() };
    let mut log = Binlog::open_file(sample(), options, None).await.unwrap();
    let (items, error) = read_on(&mut log).await;
    assert!(marks(&items).count() > 5);
    let text = error.unwrap().to_string();
    assert!(text.contains("20000 bytes") && text.contains("shop.binlog"), "{text}");
    assert!(log.next().await.is_err(), "a failed source stays failed");
}

#[tokio::test]
async fn a_stream_has_the_items_that_next_gives() {
    let expected: Vec<String> = read_all(&sample()).await.iter().map(words).collect();
    let stream = open(&sample(), None).await.into_stream().map(|item| words(&item.unwrap()));
    assert_eq!(stream.collect::<Vec<String>>().await, expected);
}

#[tokio::test]
async fn a_stream_ends_with_its_first_error() {
    let options = SourceOptions { max_transaction_bytes: 20_000, ..SourceOptions::default() };
    let mut log = Binlog::open_file(sample(), options.clone(), None).await.unwrap();
    let (before, _) = read_on(&mut log).await;
    let log = Binlog::open_file(sample(), options, None).await.unwrap();
    let mut stream = pin!(log.into_stream());
    for expected in &before {
        assert_eq!(words(&stream.next().await.unwrap().unwrap()), words(expected));
    }
    assert!(matches!(stream.next().await, Some(Err(Error::TransactionTooLarge { limit: 20_000, .. }))));
    assert!(stream.next().await.is_none());
    assert!(stream.next().await.is_none(), "an end stays one");
}

/// Given up again and again while it reads, it skips nothing.
#[tokio::test]
async fn waiting_for_a_stream_can_be_given_up() {
    let expected: Vec<String> = read_all(&sample()).await.iter().map(words).collect();
    let mut given_up = 0;
    // A file is read off the async threads, which may be done before anybody waits for it: then once more.
    while given_up == 0 {
        let mut stream = pin!(open(&sample(), None).await.into_stream());
        let mut found = Vec::new();
        loop {
            let next = stream.next().now_or_never();
            match next {
                Some(Some(item)) => found.push(words(&item.unwrap())),
                Some(None) => break,
                None => {
                    given_up += 1;
                    tokio::task::yield_now().await;
                }
            }
        }
        assert_eq!(found, expected);
    }
}

/// `shop.odd` is system-versioned at first: its rows have two columns more, which nobody declared.
#[tokio::test]
async fn every_table_of_the_log_has_the_columns_of_its_statements() {
    let items = read_all(&sample()).await;
    let barriers = items.iter().filter(
        |item| matches!(item, SourceItem::Event(ChangeEvent::Ddl(event)) if event.changes.is_empty()),
    );
    assert_eq!(barriers.count(), 0, "no row shows anything that no statement announced");
    let odd = rows(&items).filter(|event| event.table.name.table == "odd");
    let widths: Vec<usize> = odd.map(|event| event.table.columns.len()).collect();
    assert!(widths.len() > 1 && widths.iter().all(|width| *width == 3), "{widths:?}");
}

/// Else what is left out would decide what comes again after a stop.
#[tokio::test]
async fn what_an_event_filter_leaves_out_has_a_commit_ts_all_the_same() {
    let whole = read_all(&sample()).await;
    let rule = EventRule {
        matcher: vec!["*.*".to_owned()],
        ignore_event: vec!["all dml".to_owned(), "all ddl".to_owned()],
        ignore_sql: Vec::new(),
    };
    let events = EventFilter::new(vec![rule], false).unwrap();
    let options = SourceOptions { events, ..SourceOptions::default() };
    let (items, error) = read_on(&mut Binlog::open_file(sample(), options, None).await.unwrap()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(rows(&items).count(), 0);
    // What waits for a statement waits all the same.
    let ddls = |items: &[SourceItem]| -> Vec<_> {
        let of = |item: &SourceItem| match item {
            SourceItem::Event(ChangeEvent::Ddl(ddl)) => Some((ddl.changes.is_empty(), ddl.influence.clone())),
            _ => None,
        };
        items.iter().filter_map(of).collect()
    };
    assert_eq!(ddls(&items).len(), ddls(&whole).len());
    assert!(ddls(&items).iter().zip(ddls(&whole)).all(|((empty, of), (_, whole))| *empty && *of == whole));
    let commit_ts = |items: &[SourceItem]| marks(items).map(|mark| mark.commit_ts).collect::<Vec<_>>();
    assert_eq!(commit_ts(&items), commit_ts(&whole));
}
