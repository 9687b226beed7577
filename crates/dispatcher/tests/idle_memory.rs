//! What a registered, idle dispatcher takes, measured. Alone in its binary, so that nothing else allocates meanwhile.

use change_event::TableName;
use dispatcher::{BlackholeSink, Dispatchers};

/// Bytes of memory in use, as the kernel counts them.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_dispatcher_takes_less_than_a_kibibyte() {
    const DISPATCHERS: usize = 100_000;
    let (sink, _pipeline) = BlackholeSink::spawn();
    let dispatchers = Dispatchers::builder(sink).spawn().unwrap();
    let before = resident();
    for number in 0..DISPATCHERS {
        let table = TableName::new("a_database_of_usual_length", format!("a_table_of_usual_length_{number}"));
        dispatchers.register(&table).await.unwrap();
    }
    let each = resident().saturating_sub(before) / DISPATCHERS;
    assert!(each < 1024, "{each} bytes");
    assert!(each > 64, "{each} bytes: nothing was measured");
}
