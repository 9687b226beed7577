//! What the numbers of the settings count, as errors say it. With an example: `16MiB` and `30s` are tried too.

pub(super) const ENCODERS: &str = "a number of encoders greater than 0, such as 16";
pub(super) const BYTES_OF_A_FILE: &str = "a number of bytes, such as 67108864";
pub(super) const BYTES_OF_DISK: &str = "a number of bytes greater than 0, such as 10737418240";
pub(super) const BYTES_OF_MEMORY: &str = "a number of bytes greater than 0, such as 2147483648";
pub(super) const BYTES_OF_A_MESSAGE: &str = "a number of bytes, such as 10485760";
pub(super) const MESSAGES: &str = "a number of messages, such as 16";
pub(super) const PARTS: &str = "a number of parts, such as 4";
pub(super) const REQUESTS: &str = "a number of requests from 1 to 4096, such as 64";
pub(super) const DIGITS: &str = "a number of digits, such as 20";
pub(super) const DAYS: &str = "a number of days, such as 7";
pub(super) const TIMESTAMPS: &str = "a list of timestamps as whole numbers, such as [470802961006592003]";
pub(super) const TIME_FOR_RETRIES: &str = "a duration greater than 0s, such as 5m";

/// What the ancestor says of a number that is not; of ours, the amount is said again.
pub(super) const POSITIVE: &str = "greater than 0";
