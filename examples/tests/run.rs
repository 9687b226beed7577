//! Every example runs to its end and shows its point.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn output(program: &str) -> String {
    let run = Command::new(program).output().expect("the example was built with this test");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    said
}

#[test]
fn hello_is_enqueued_and_then_flushed() {
    let said = output(env!("CARGO_BIN_EXE_hello"));
    assert!(said.ends_with("flushed: the checkpoint may move\n"), "{said}");
}

#[test]
fn own_stage_masks_in_order() {
    let said = output(env!("CARGO_BIN_EXE_own_stage"));
    assert_eq!(said, "paid with ************1111\norder 1234\nand ************5559 too\n");
}

#[test]
fn pressure_shuts_the_gate_and_holds_its_bound() {
    let said = output(env!("CARGO_BIN_EXE_pressure"));
    assert!(said.contains("shut") && said.contains("at most 9000 bytes were held"), "{said}");
}

#[test]
fn drain_makes_one_route_durable_and_leaves_the_other_alone() {
    let said = output(env!("CARGO_BIN_EXE_drain"));
    assert!(said.ends_with("drained route 1, stored: 10\nroute 2 is still on its way: true\n"), "{said}");
}

#[test]
fn other_sink_prints_every_row() {
    let said = output(env!("CARGO_BIN_EXE_other_sink"));
    assert_eq!(said.matches("\"type\":\"INSERT\"").count(), 5, "{said}");
}

#[test]
fn own_rows_come_back_from_the_spool_in_batches_of_three() {
    let said = output(env!("CARGO_BIN_EXE_own_rows"));
    assert!(said.starts_with("insert 3 readings\n  sensor 0: 20 °C\n"), "{said}");
    assert!(said.ends_with("insert 2 readings\n  sensor 3: 21.5 °C\n  sensor 4: 22 °C\n"), "{said}");
}

#[test]
fn to_bucket_writes_rows_schema_index_and_checkpoint() {
    let said = output(env!("CARGO_BIN_EXE_to_bucket"));
    for part in
        ["{\"checkpoint-ts\":13}", "CREATE TABLE orders", "CDC00000000000000000001.csv", "\"I\",\"orders\""]
    {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn sqlite_sink_alters_a_table_behind_its_rows_and_before_the_next() {
    let said = output(env!("CARGO_BIN_EXE_sqlite_sink"));
    let before = said.split("ALTER TABLE").next().unwrap();
    let (whole, drained) =
        ("orders: 2 rows in one transaction (size)", "orders: 1 rows in one transaction (drain)");
    assert!(before.ends_with(&format!("{whole}\n{drained}\n")), "{said}");
    let rows = [
        "orders: [Integer(1), Null]",
        "orders: [Integer(2), Null]",
        "orders: [Integer(3), Text(\"two, please\")]",
        "orders: [Integer(4), Null]",
        "items: [Integer(7)]\n",
    ];
    assert!(said.ends_with(&rows.join("\n")), "{said}");
}

#[test]
fn fan_out_flushes_when_both_lines_have_it_and_drains_both() {
    let said = output(env!("CARGO_BIN_EXE_fan_out"));
    assert!(said.starts_with("the tenth is flushed: 10 found, 10 in files\n"), "{said}");
    let bounded = (1..=4).any(|lead| said.contains(&format!("never more than {lead} ahead")));
    assert!(bounded && !said.contains("shut 0 times"), "{said}");
    assert!(said.ends_with("drained: 20 found, 20 in files\n"), "{said}");
}

/// Ships lines; gives the metrics.
fn ship(folder: &Path, lines: &str) -> String {
    let mut shipper = Command::new(env!("CARGO_BIN_EXE_log_shipper"));
    let shipper = shipper.arg(folder).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut run = shipper.spawn().expect("the example was built with this test");
    run.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let run = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{said}");
    said
}

fn shipped(folder: &Path, file: &str) -> Option<String> {
    let file = std::fs::read(folder.join(file)).ok()?;
    Some(String::from_utf8(zstd::decode_all(file.as_slice()).unwrap()).unwrap())
}

#[test]
fn log_shipper_ships_only_what_is_new_the_second_time() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("shipped");
    let saved = || std::fs::read_to_string(parent.path().join("shipped.offset")).unwrap();

    // The last line is not ended yet.
    let metrics = ship(&folder, "web GET /\ndb slow\nweb GET /a\nweb GE");
    assert_eq!(shipped(&folder, "web/000001.log.zst").unwrap(), "web GET /\nweb GET /a\n");
    assert_eq!(shipped(&folder, "db/000001.log.zst").unwrap(), "db slow\n");
    assert_eq!(saved(), "29");
    assert!(metrics.contains("spillway_wake_calls_total") && metrics.contains("} 3\n"), "{metrics}");

    ship(&folder, "web GET /\ndb slow\nweb GET /a\nweb GET /b\n");
    assert_eq!(shipped(&folder, "web/000002.log.zst").unwrap(), "web GET /b\n");
    assert_eq!(shipped(&folder, "db/000002.log.zst"), None);
    assert_eq!(saved(), "40");
}
