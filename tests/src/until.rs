//! Waiting for something that another process does.

use std::time::Duration;
use tokio::time::Instant;

const ASK_EVERY: Duration = Duration::from_millis(5);
const DEADLINE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer, and gives it.
///
/// # Panics
/// If there is none after two minutes: `what` did not come to pass.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "it never came to pass that {what}");
        tokio::time::sleep(ASK_EVERY).await;
    }
}
