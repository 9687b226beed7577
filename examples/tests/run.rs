//! Every example runs to its end and shows its point.

use std::process::Command;

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
