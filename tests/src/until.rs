//! Waiting for something that another process does.

use std::time::Duration;
use tokio::time::Instant;

const ASK_EVERY: Duration = Duration::from_millis(5);
const DEADLINE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer, and gives it.
///
/// # Panics
/// If there is none after two minutes: `what` did not come to pass.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    let answer = within_reason(ask).await;
    answer.unwrap_or_else(|| panic!("it never came to pass that {what}"))
}

/// The same; `None` if there is no answer after two minutes.
pub async fn within_reason<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let answer = ask().await;
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
