//! Transactions in shapes that the recorded log does not have.

mod made_up;
mod reading;

use made_up::{CHECKSUM, EVENTS, HEADER, event, query, read};
use source_mysql::{Error, SourceItem};
use std::sync::LazyLock;

/// The table map and the rows of the first sale's order, and the event that commits it.
static SALE: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let (_, events) = &*EVENTS;
    let is_map = |event: &Vec<u8>| event[4] == 19 && event.windows(6).any(|bytes| bytes == b"orders");
    let map = events.iter().position(is_map).unwrap();
    let commit = events[map..].iter().position(|event| event[4] == 16).unwrap();
    assert_eq!(events[map + 1][4], 23, "rows follow their map");
    [events[map].clone(), events[map + 1].clone(), events[map + commit].clone()]
});

/// Reads a log of these events, after the format description.
fn read_events(events: &[&[u8]]) -> Result<Vec<SourceItem>, Error> {
    let (head, _) = &*EVENTS;
    read(&[head, &events.concat()[..]].concat())
}

fn inserts(events: &[&[u8]]) -> usize {
    let items = read_events(events).unwrap();
    assert!(matches!(items.last(), Some(SourceItem::Mark(_))));
    reading::counts(&items, "shop.orders")[0]
}

fn begin() -> Vec<u8> {
    query("BEGIN")
}

#[test]
fn mysqls_begin_opens_and_a_commit_statement_ends() {
    let [map, rows, xid] = &*SALE;
    let gtid = event(33, &[0; 42]);
    assert_eq!(inserts(&[&gtid, &begin(), map, rows, xid]), 1);
    assert_eq!(inserts(&[&begin(), map, rows, rows, &query("COMMIT")]), 2);
}

#[test]
fn a_rollback_forgets_everything_and_moves_on() {
    let [map, rows, xid] = &*SALE;
    let rollback = query("ROLLBACK");
    assert_eq!(inserts(&[&begin(), map, rows, &rollback]), 0);
    assert_eq!(inserts(&[&begin(), map, rows, &rollback, &begin(), map, rows, xid]), 1);
}

#[test]
fn a_rollback_to_a_savepoint_forgets_what_came_after_it() {
    let [map, rows, xid] = &*SALE;
    let (savepoint, back) = (query("SAVEPOINT `a`"), query("ROLLBACK TO `a`"));
    assert_eq!(inserts(&[&begin(), map, rows, &savepoint, map, rows, rows, &back, map, rows, xid]), 2);
}

#[test]
fn rows_after_their_own_create_table_come_after_its_ddl() {
    let [map, rows, xid] = &*SALE;
    let create = query("CREATE TABLE elsewhere.t (a INT) START TRANSACTION");
    let items = read_events(&[&create, map, rows, xid]).unwrap();
    let [SourceItem::Event(first), SourceItem::Event(_), SourceItem::Mark(_)] = &items[..] else {
        panic!("the DDL, the rows, one mark: {items:?}");
    };
    assert!(matches!(first, change_event::ChangeEvent::Ddl(_)));
    assert!(matches!(read_events(&[&create, map, rows]), Err(Error::Torn { offset: 256, .. })));
}

#[test]
fn xa_commits_in_one_phase_or_with_the_second_of_two() {
    let [map, rows, _] = &*SALE;
    let (start, end) = (query("XA START X'61',X'',1"), query("XA END X'61',X'',1"));
    let first_phase: [&[u8]; 4] = [&start, map, rows, &end];
    let phase = |is_last: u8| event(38, &[is_last, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, b'a']);
    let then = |second: &[&[u8]]| inserts(&[&first_phase, second].concat());
    assert_eq!(then(&[&phase(1)]), 1);
    assert_eq!(then(&[&phase(0)]), 0, "its rows wait");
    assert_eq!(then(&[&phase(0), &query("XA COMMIT X'61',X'',1")]), 1);
    assert_eq!(then(&[&phase(0), &query("XA ROLLBACK X'61',X'',1")]), 0);
    assert_eq!(then(&[&phase(0), &query("XA ROLLBACK X'62',X'',1"), &query("XA COMMIT X'61',X'',1")]), 1);
    let unknown = read_events(&[&query("XA COMMIT X'62',X'',1")]);
    assert!(matches!(unknown, Err(Error::Unsupported { .. })));
}

#[test]
fn a_packed_transaction_is_unpacked() {
    let plain = |event: &Vec<u8>| {
        let mut event = event[..event.len() - CHECKSUM].to_vec();
        let size = event.len() as u32;
        event[9..13].copy_from_slice(&size.to_le_bytes());
        event
    };
    let [map, rows, xid] = &*SALE;
    let inner = [&begin(), map, rows, xid].map(plain).concat();
    // Fields: 2, compression type, of three bytes, none; then the end of the fields.
    let payload = event(40, &[&[2, 3, 252, 255, 0, 0][..], &inner].concat());
    let gtid = event(33, &[0; 42]);
    assert_eq!(inserts(&[&gtid, &payload]), 1);
    assert_eq!(inner[4], 2);
    assert!(inner.len() > 4 * HEADER);
}

#[test]
fn rows_without_a_transaction_or_a_table_are_corrupt() {
    let [map, rows, xid] = &*SALE;
    for events in [&[&map[..], rows, xid][..], &[&begin(), rows, xid]] {
        assert!(matches!(read_events(events), Err(Error::Corrupt { .. })));
    }
}
