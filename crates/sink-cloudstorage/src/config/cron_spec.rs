//! The shape of a schedule.

use super::go_duration;

const NAMED: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Whether a text has the shape of a schedule: `second minute hour day month [weekday]`, a name, or
/// `@every <duration>`. Whether its numbers make sense is for the scheduler to say.
pub(super) fn is_well_formed(spec: &str) -> bool {
    if let Some(every) = spec.strip_prefix("@every ") {
        return go_duration::parse(every.trim()).is_some();
    }
    if spec.starts_with('@') {
        return NAMED.contains(&spec);
    }
    let fields: Vec<&str> = spec.split_ascii_whitespace().collect();
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"*/,-?".contains(&byte);
    (5..=6).contains(&fields.len()) && fields.iter().all(|field| field.bytes().all(is_legal))
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;

    #[test]
    fn schedules_have_one_of_three_shapes() {
        for spec in
            ["0 0 2 * * *", "0 0 2 * *", "* * * * * *", "0 */5 1-3,6 ? JAN MON", "@daily", "@every 1ms"]
        {
            assert!(is_well_formed(spec), "{spec}");
        }
        for spec in ["", "0 0 2", "0 0 2 * * * *", "@sometimes", "@every", "@every day", "0 0 2 * * $"] {
            assert!(!is_well_formed(spec), "{spec}");
        }
    }
}
