//! Events that a server of these tests does not write, put into a recorded log: what cannot be read at all, and what
//! contradicts itself.

mod made_up;
mod reading;

use change_event::{ChangeEvent, Influence};
use made_up::{CHECKSUM, EVENTS, HEADER, event, query, seal};
use reading::{counts, marks, parked, read_on, rows};
use source_mysql::{Binlog, Error, LogPlace, OnUnsupported, Parked, SourceItem, SourceOptions};

const WRITE_ROWS: u8 = 23;
const XID: u8 = 16;

fn read_with(events: &[Vec<u8>], options: SourceOptions) -> (Vec<SourceItem>, Option<Error>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.000001");
        std::fs::write(&path, [&EVENTS.0[..], &events.concat()].concat()).unwrap();
        let mut log = Binlog::open_file(&path, options, None).await.unwrap();
        let (items, error) = read_on(&mut log).await;
        let text = error.as_ref().map(ToString::to_string).unwrap_or_default();
        (items, error, text)
    })
}

fn parking() -> SourceOptions {
    SourceOptions { on_unsupported: OnUnsupported::Park, ..SourceOptions::default() }
}

/// The recorded log with events of our own before each of its first commits, and how many of them there are.
fn interspersed(ours: &[Vec<u8>]) -> (Vec<Vec<u8>>, usize) {
    let mut log = Vec::new();
    let mut count = 0;
    for event in EVENTS.1.iter() {
        if event[4] == XID && count < 5 * ours.len() {
            log.extend(ours.iter().cloned());
            count += ours.len();
        }
        log.push(event.clone());
    }
    (log, count)
}

/// How often rows of all tables wait for those before, since nobody knows any more what the tables look like.
fn barriers(items: &[SourceItem]) -> usize {
    let is_barrier = |item: &&SourceItem| match item {
        SourceItem::Event(ChangeEvent::Ddl(ddl)) => ddl.influence == Influence::All && ddl.changes.is_empty(),
        _ => false,
    };
    items.iter().filter(is_barrier).count()
}

fn shown(items: &[SourceItem]) -> Vec<(Option<String>, u8)> {
    let shown = |parked: &Parked| (parked.table.as_ref().map(ToString::to_string), parked.kind);
    parked(items).map(shown).collect()
}

#[test]
fn partial_json_lost_events_and_files_that_were_loaded_are_parked_within_their_transaction() {
    let whole = read_with(&EVENTS.1, SourceOptions::default()).0;
    let load =
        [&[0; 8][..], &[0, 0, 0, 0, 0], &[0; 13], b"\0LOAD DATA INFILE 'f' INTO TABLE shop.x"].concat();
    for (ours, kinds) in [
        (vec![event(39, &[9; 30])], vec![39]),
        (vec![event(20, &[9; 30])], vec![20]),
        (vec![event(26, &[1, 0, 0])], vec![26]),
        (vec![event(17, b"\x01\0\0\0rows"), event(18, &load)], vec![17, 18]),
    ] {
        let (log, count) = interspersed(&ours);
        let (_, error, text) = read_with(&log, SourceOptions::default());
        assert!(matches!(error, Some(Error::Unsupported { .. })), "{kinds:?}: {text}");
        assert!(text.contains("--skip-event made.000001:"), "{text}");
        let (items, error, text) = read_with(&log, parking());
        assert!(error.is_none(), "{kinds:?}: {text}");
        let found: Vec<u8> = shown(&items).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(found, kinds.repeat(count / kinds.len()), "in the order of the log");
        // Of a table whose keys are not known any more, an update of one is no longer a delete and an insert.
        let images = |items: &[SourceItem]| {
            let of_row = |row: change_event::RowRef<'_>| row.before.iter().chain(&row.after).count();
            rows(items).map(|event| event.rows.iter().map(of_row).sum::<usize>()).sum::<usize>()
        };
        assert_eq!(images(&items), images(&whole), "{kinds:?}: every row is there");
        // Of the events that were lost, each may have been an ALTER.
        assert_eq!(barriers(&items), if kinds == [26] { count } else { 0 }, "{kinds:?}");
    }
}

/// Each is a transaction by itself.
#[test]
fn statements_that_nobody_can_follow_are_parked_and_their_position_is_passed() {
    for (sql, reason, may_alter) in [
        ("XA COMMIT X'61',X'62',1", "prepared before what is read", false),
        ("FROBNICATE shop.orders", "begins with FROBNICATE", true),
        ("UPDATE shop.orders SET id = 1", "as a statement (UPDATE", false),
    ] {
        let log = [EVENTS.1.clone(), vec![query(sql)]].concat();
        let (items, error, text) = read_with(&log, SourceOptions::default());
        assert!(matches!(error, Some(Error::Unsupported { .. })), "{text}");
        assert!(text.contains(reason) && text.contains("--skip-event made.000001:"), "{text}");
        let before = items.len();
        let (items, error, text) = read_with(&log, parking());
        assert!(error.is_none(), "{text}");
        let parked: Vec<_> = parked(&items).collect();
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0].statement.as_ref().map(|statement| statement.sql.as_str()), Some(sql));
        let last = marks(&items).last().unwrap();
        assert_eq!((last.position.offset, last.commit_ts), (parked[0].end, parked[0].commit_ts));
        assert!(items.len() > before);
        assert_eq!(barriers(&items), usize::from(may_alter), "{sql}");
    }
}

#[test]
fn what_contradicts_itself_is_never_parked_but_passed_over_when_it_is_named() {
    // The last value of the last row is cut off, of an event with many.
    let mut log = EVENTS.1.clone();
    let inserts = log.iter().enumerate().filter(|(_, event)| event[4] == WRITE_ROWS || event[4] == 30);
    let (at, _) = inserts.max_by_key(|(_, event)| event.len()).expect("there are rows");
    let mut cut = log[at].clone();
    cut.truncate(cut.len() - CHECKSUM - 2);
    assert!(cut.len() > HEADER);
    log[at] = seal(cut);
    let offset = EVENTS.0.len() + log[..at].iter().map(Vec::len).sum::<usize>();
    let place = LogPlace { file: "made.000001".to_owned(), offset: offset as u64 };
    let (items, error, text) = read_with(&log, parking());
    assert!(matches!(error, Some(Error::Corrupt { .. })), "{text}");
    assert!(text.contains(&format!("--skip-event {place}")), "{text}");
    assert_eq!(parked(&items).count(), 0);

    let options = SourceOptions { skip_events: vec![place], ..SourceOptions::default() };
    let (items, error, text) = read_with(&log, options);
    assert!(error.is_none(), "{text}");
    let [(Some(table), _)] = &shown(&items)[..] else { panic!("{:?}", shown(&items)) };
    // Nothing of it is taken, and everything else is.
    let mut others = EVENTS.1.clone();
    others.remove(at);
    let [whole, others] = [&EVENTS.1, &others].map(|log| read_with(log, SourceOptions::default()).0);
    assert!(counts(&whole, table)[0] > counts(&others, table)[0] + 1, "it had several rows");
    assert_eq!(counts(&items, table), counts(&others, table));
}

#[test]
fn a_log_that_cannot_be_read_at_all_ends_the_source_whatever_was_chosen() {
    let log = [event(164, &[1; 20]), EVENTS.1[0].clone()];
    let (_, error, text) = read_with(&log, parking());
    assert!(matches!(error, Some(Error::Unsupported { .. })), "{text}");
    assert!(text.contains("encrypted") && !text.contains("--skip-event"), "{text}");
}
