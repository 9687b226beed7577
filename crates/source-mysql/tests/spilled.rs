//! Transactions that are larger than the memory for them: read with hardly any, a log gives what it gives with plenty.

mod made_up;
mod reading;

use made_up::{CHECKSUM, EVENTS, HEADER, event, query, read_with};
use proptest::prelude::*;
use reading::{open, read_on, sample, words};
use source_mysql::{Binlog, Error, OnUnsupported, SourceItem, SourceOptions};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tempfile::TempDir;

/// Inserts of different tables: a map, and rows of that table.
static ROWS: LazyLock<Vec<[Vec<u8>; 2]>> = LazyLock::new(|| {
    let (_, events) = &*EVENTS;
    let mut found: Vec<[Vec<u8>; 2]> = Vec::new();
    let body = |map: &[u8]| map[19 + 6..map.len() - CHECKSUM].to_vec();
    for pair in events.windows(2) {
        let is_new = found.iter().all(|[map, _]| body(map) != body(&pair[0]));
        if pair[0][4] == 19 && pair[1][4] == 23 && is_new && found.len() < 4 {
            found.push([pair[0].clone(), pair[1].clone()]);
        }
    }
    assert!(found.len() > 1, "the recorded log has several tables");
    found
});

fn memory(transaction_memory: usize, dir: &TempDir) -> SourceOptions {
    let spill_dir = dir.path().to_owned();
    SourceOptions { transaction_memory, spill_dir, ..SourceOptions::default() }
}

/// Everything in words, with each table's rows of one transaction together, however many events they are.
fn told(items: &[SourceItem]) -> Vec<String> {
    let mut told = Vec::new();
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for item in items {
        let text = words(item);
        match item {
            SourceItem::Event(change_event::ChangeEvent::Rows(_)) => {
                let (table, rows) = text.split_once('\n').expect("there are rows");
                let all = tables.entry(table.to_owned()).or_default();
                all.push('\n');
                all.push_str(rows);
            }
            SourceItem::Parked(_) => drop(tables.insert(text, String::new())),
            SourceItem::Event(_) | SourceItem::Mark(_) => {
                told.extend(std::mem::take(&mut tables).into_iter().map(|(table, rows)| table + &rows));
                told.push(text);
            }
        }
    }
    assert!(tables.is_empty(), "the last rows have a mark behind them");
    told
}

fn events(items: &[SourceItem]) -> usize {
    reading::rows(items).count()
}

#[tokio::test]
async fn the_recorded_log_is_the_same_with_hardly_any_memory() {
    let whole = reading::read_all(&sample()).await;
    let dir = tempfile::tempdir().unwrap();
    for bytes in [0, 100, 3_000, 80_000] {
        let mut log = Binlog::open_file(sample(), memory(bytes, &dir), None).await.unwrap();
        let (items, error) = read_on(&mut log).await;
        assert!(error.is_none(), "{error:?}");
        assert!(told(&items) == told(&whole), "with {bytes} bytes");
        let (pieces, all) = (events(&items), events(&whole));
        assert!(pieces > all, "with {bytes} bytes there are {pieces} events, and {all} with plenty");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
}

/// A part of a transaction.
#[derive(Clone, Debug)]
enum Step {
    /// One event of rows, so many times.
    Rows(usize, usize),
    /// Rows that leave out a column.
    Lacking(usize),
    /// An update that shows a part of a JSON value.
    Partial(usize),
    Savepoint(u8),
    RollbackTo(u8),
}

/// A part of a log.
#[derive(Clone, Debug)]
enum Unit {
    Transaction {
        steps: Vec<Step>,
        commits: bool,
        packed: bool,
    },
    /// The first phase of one.
    Prepares(Vec<Step>),
    /// The second phase of one that is prepared.
    Ends {
        which: prop::sample::Index,
        commits: bool,
    },
    Creates,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..ROWS.len(), 1..6_usize).prop_map(|(table, times)| Step::Rows(table, times)),
        1 => (0..ROWS.len()).prop_map(Step::Lacking),
        1 => (0..ROWS.len()).prop_map(Step::Partial),
        2 => (0..3_u8).prop_map(Step::Savepoint),
        1 => (0..3_u8).prop_map(Step::RollbackTo),
    ];
    prop::collection::vec(step, 0..12)
}

fn units() -> impl Strategy<Value = Vec<Unit>> {
    let unit = prop_oneof![
        4 => (steps(), prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(steps, commits, packed)| Unit::Transaction { steps, commits, packed }),
        2 => steps().prop_map(Unit::Prepares),
        2 => (any::<prop::sample::Index>(), prop::bool::weighted(0.8))
            .prop_map(|(which, commits)| Unit::Ends { which, commits }),
        1 => Just(Unit::Creates),
    ];
    prop::collection::vec(unit, 1..10)
}

fn step_events(steps: &[Step]) -> Vec<Vec<u8>> {
    let mut events = Vec::new();
    for step in steps {
        match step {
            Step::Rows(table, times) => {
                let [map, rows] = &ROWS[*table];
                events.push(map.clone());
                events.extend(std::iter::repeat_n(rows.clone(), *times));
            }
            Step::Lacking(table) => {
                let [map, rows] = &ROWS[*table];
                let mut body = rows[HEADER..rows.len() - CHECKSUM].to_vec();
                // Behind the table's id, the flags and the number of columns: which of them are there.
                body[9] &= !1;
                events.extend([map.clone(), event(rows[4], &body)]);
            }
            Step::Partial(table) => {
                let [map, rows] = &ROWS[*table];
                events.extend([map.clone(), event(39, &rows[HEADER..rows.len() - CHECKSUM])]);
            }
            Step::Savepoint(name) => events.push(query(&format!("SAVEPOINT `s{name}`"))),
            Step::RollbackTo(name) => events.push(query(&format!("ROLLBACK TO `s{name}`"))),
        }
    }
    events
}

/// The events in one event, compressed or as they are.
fn packed(events: &[Vec<u8>], compressed: bool) -> Vec<u8> {
    let plain = |event: &Vec<u8>| {
        let mut event = event[..event.len() - CHECKSUM].to_vec();
        let size = event.len() as u32;
        event[9..13].copy_from_slice(&size.to_le_bytes());
        event
    };
    let inner = events.iter().map(plain).collect::<Vec<_>>().concat();
    if compressed {
        event(40, &[&[2, 1, 0, 0][..], &zstd::bulk::compress(&inner, 1).unwrap()].concat())
    } else {
        event(40, &[&[2, 3, 252, 255, 0, 0][..], &inner].concat())
    }
}

fn log(units: &[Unit]) -> Vec<u8> {
    let mut log = EVENTS.0.clone();
    let mut prepared: Vec<usize> = Vec::new();
    let phase = |xid: usize| event(38, &[&[0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0][..], &name(xid)].concat());
    for (number, unit) in units.iter().enumerate() {
        match unit {
            Unit::Transaction { steps, commits, packed: is_packed } => {
                let end = if *commits { "COMMIT" } else { "ROLLBACK" };
                let events = [vec![query("BEGIN")], step_events(steps), vec![query(end)]].concat();
                match is_packed {
                    true => log.extend(packed(&events, number % 2 == 0)),
                    false => log.extend(events.concat()),
                }
            }
            Unit::Prepares(steps) => {
                prepared.push(number);
                log.extend(query(&format!("XA START {}", shown(number))));
                log.extend(step_events(steps).concat());
                log.extend(query(&format!("XA END {}", shown(number))));
                log.extend(phase(number));
            }
            Unit::Ends { which, commits } if !prepared.is_empty() => {
                let xid = prepared.remove(which.index(prepared.len()));
                let word = if *commits { "COMMIT" } else { "ROLLBACK" };
                log.extend(query(&format!("XA {word} {}", shown(xid))));
            }
            Unit::Ends { .. } => {}
            Unit::Creates => {
                log.extend(query(&format!("CREATE TABLE made.t{number} (a INT) START TRANSACTION")));
                log.extend(ROWS[0].concat());
                log.extend(query("COMMIT"));
            }
        }
    }
    log
}

fn name(xid: usize) -> [u8; 2] {
    [b'x', b'a' + xid as u8]
}

fn shown(xid: usize) -> String {
    format!("X'78{:02x}',X'',1", b'a' + xid as u8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_gives_the_same_with_any_memory(units in units(), bytes in prop_oneof![0..20_usize, 20..3_000_usize]) {
        let dir = tempfile::tempdir().unwrap();
        let log = log(&units);
        let parking = SourceOptions { on_unsupported: OnUnsupported::Park, ..SourceOptions::default() };
        let whole = read_with(&log, &parking).unwrap();
        let spilling = SourceOptions { on_unsupported: OnUnsupported::Park, ..memory(bytes, &dir) };
        let pieces = read_with(&log, &spilling).unwrap();
        prop_assert_eq!(told(&pieces), told(&whole));
        prop_assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_tables_of_a_piece_come_in_the_order_they_are_first_touched_in() {
    let inserts: Vec<u8> = (0..200).flat_map(|_| ROWS[..2].iter().flatten().flatten().copied()).collect();
    let log = [&EVENTS.0[..], &query("BEGIN"), &inserts, &query("COMMIT")].concat();
    let dir = tempfile::tempdir().unwrap();
    let names = |options: &SourceOptions| -> Vec<String> {
        let items = read_with(&log, options).unwrap();
        reading::rows(&items).map(|event| event.table.name.to_string()).collect()
    };
    let whole = names(&SourceOptions::default());
    assert_eq!(whole.len(), 2);
    // A piece for each event, and pieces of many.
    for bytes in [0, 10_000, 100_000] {
        let pieces = names(&memory(bytes, &dir));
        assert!(pieces.len() > 2, "with {bytes} bytes");
        assert_eq!(pieces[..2], whole, "with {bytes} bytes");
    }
}

/// Its tables have other numbers at its commit than when it was prepared: so many others came in between.
#[test]
fn a_prepared_transaction_keeps_its_tables_whatever_comes_in_between() {
    let [map, rows] = &ROWS[0];
    // Behind the table's id, the flags, and the database's name, which has a length before it and a zero behind it.
    let name_at = 8 + 1 + usize::from(map[HEADER + 8]) + 1 + 1;
    let others: Vec<u8> = (0..1_u32 << 16)
        .flat_map(|number| {
            let mut body = map[HEADER..map.len() - CHECKSUM].to_vec();
            for (digit, letter) in body[name_at..name_at + 4].iter_mut().enumerate() {
                *letter = b'a' + (number >> (4 * digit)) as u8 % 16;
            }
            event(19, &body)
        })
        .collect();
    let start = query("XA START X'78',X'',1");
    let prepares = [&start, map, rows, &ROWS[1][0], &ROWS[1][1]].map(Vec::as_slice);
    assert!(map[HEADER + name_at - 1] >= 4, "its name is long enough");
    let phase = event(38, &[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, b'x']);
    let log = [
        &EVENTS.0[..],
        &prepares.concat(),
        &phase,
        &query("BEGIN"),
        &others,
        &query("COMMIT"),
        &[&query("BEGIN"), &ROWS[1][0], &ROWS[1][1], &query("COMMIT")].map(Vec::as_slice).concat(),
        &query("XA COMMIT X'78',X'',1"),
    ]
    .concat();
    let dir = tempfile::tempdir().unwrap();
    let whole = read_with(&log, &SourceOptions::default()).unwrap();
    let names = |items: &[SourceItem]| -> Vec<String> {
        reading::rows(items).map(|event| event.table.name.to_string()).collect()
    };
    let [first, second] = [0, 1].map(|table| {
        let alone =
            [&EVENTS.0[..], &query("BEGIN"), &ROWS[table][0], &ROWS[table][1], &query("COMMIT")].concat();
        names(&read_with(&alone, &SourceOptions::default()).unwrap()).remove(0)
    });
    assert_eq!(names(&whole), [second.clone(), first, second]);
    for bytes in [0, 100, 10_000] {
        assert_eq!(told(&read_with(&log, &memory(bytes, &dir)).unwrap()), told(&whole));
    }
}

/// Events that say nothing and cannot be compressed.
fn noise(bytes: usize) -> Vec<Vec<u8>> {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes / 10_000).map(|_| event(29, &(0..10_000).map(|_| random()).collect::<Vec<u8>>())).collect()
}

/// Its event is read in parts: first for its checksum, then for what is in it.
#[test]
fn a_long_compressed_transaction_is_the_one_in_short() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let [map, rows] = &ROWS[0];
    let inner = |noise: Vec<Vec<u8>>| {
        [vec![query("BEGIN"), map.clone()], noise, vec![rows.clone(), rows.clone(), query("COMMIT")]].concat()
    };
    let tail = [query("BEGIN"), map.clone(), rows.clone(), query("COMMIT")].concat();
    for compressed in [true, false] {
        let long = packed(&inner(noise(3 << 20)), compressed);
        assert!(long.len() > 3 << 20);
        let file = tempfile::NamedTempFile::new().unwrap();
        let log = [&EVENTS.0[..], &long, &tail].concat();
        std::fs::write(file.path(), &log).unwrap();
        let items = runtime.block_on(reading::read_all(file.path()));
        let counts: Vec<usize> = reading::rows(&items).map(|event| event.rows.len()).collect();
        assert!(counts.len() == 2 && counts[0] == 2 * counts[1], "{counts:?}");
        // What comes behind it is proved by what it looks like.
        let mark = reading::marks(&items).next().unwrap().clone();
        let resumed = async { read_on(&mut open(file.path(), Some(mark.into())).await).await };
        let (rest, error) = runtime.block_on(resumed);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(
            rest.iter().map(words).collect::<Vec<_>>(),
            items[2..].iter().map(words).collect::<Vec<_>>()
        );

        let mut damaged = log.clone();
        damaged[EVENTS.0.len() + (2 << 20)] ^= 1;
        let text = read_with(&damaged, &SourceOptions::default()).unwrap_err().to_string();
        assert!(text.contains("checksum does not match"), "{text}");
        let torn = &log[..EVENTS.0.len() + (2 << 20)];
        assert!(matches!(read_with(torn, &SourceOptions::default()), Err(Error::Torn { .. })));
    }
}

#[test]
fn a_long_compressed_transaction_that_unpacks_to_too_much_is_refused() {
    let long = packed(&[vec![query("BEGIN")], noise(3 << 20)].concat(), true);
    let options = SourceOptions { max_transaction_bytes: 1 << 20, ..SourceOptions::default() };
    let text = read_with(&[&EVENTS.0[..], &long].concat(), &options).unwrap_err().to_string();
    assert!(text.contains("exceeds 1048576 bytes; raise --max-transaction-bytes"), "{text}");
}

#[test]
fn a_transaction_that_cannot_be_kept_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let [map, rows] = &ROWS[0];
    let log = [&EVENTS.0[..], &query("BEGIN"), map, rows].concat();
    let spill_dir = dir.path().join("a file");
    std::fs::write(&spill_dir, "").unwrap();
    let options =
        SourceOptions { transaction_memory: 0, spill_dir: spill_dir.clone(), ..SourceOptions::default() };
    let error = read_with(&log, &options).unwrap_err();
    assert!(matches!(error, Error::Spill { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&spill_dir.display().to_string()) && text.contains("spool-base-dir"), "{text}");
}

/// Given up again and again while it reads and writes, it skips nothing.
#[tokio::test]
async fn waiting_for_the_disk_can_be_given_up() {
    use futures::FutureExt;
    let dir = tempfile::tempdir().unwrap();
    let whole = reading::read_all(&sample()).await;
    let mut log = Binlog::open_file(sample(), memory(0, &dir), None).await.unwrap();
    let (mut items, mut given_up) = (Vec::new(), 0);
    loop {
        match log.next().now_or_never() {
            None => {
                given_up += 1;
                tokio::task::yield_now().await;
            }
            Some(Ok(Some(item))) => items.push(item),
            Some(Ok(None)) => break,
            Some(Err(error)) => panic!("{error}"),
        }
    }
    assert!(given_up > 0 && told(&items) == told(&whole), "given up {given_up} times");
}
