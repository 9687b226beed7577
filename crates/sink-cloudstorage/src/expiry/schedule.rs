//! When expired files are removed.

use crate::config::go_duration;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// Shorter intervals are this long, as the ancestor has it.
const SHORTEST: Duration = Duration::from_secs(1);

/// Names for schedules, and what they stand for.
const NAMED: [(&str, &str); 7] = [
    ("@yearly", "0 0 0 1 1 *"),
    ("@annually", "0 0 0 1 1 *"),
    ("@monthly", "0 0 0 1 * *"),
    ("@weekly", "0 0 0 * * 0"),
    ("@daily", "0 0 0 * * *"),
    ("@midnight", "0 0 0 * * *"),
    ("@hourly", "0 0 * * * *"),
];

/// A schedule: `second minute hour day month [weekday]`, a name such as `@daily`, or `@every <duration>`.
#[derive(Clone, Debug)]
pub struct Schedule(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Cron(Box<Cron>),
    Every(Duration),
}

impl Schedule {
    /// Reads a schedule. `None` if it is none, or never comes.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(every) = text.strip_prefix("@every ") {
            return Some(Self(Kind::Every(go_duration::parse(every.trim())?.max(SHORTEST))));
        }
        let fields = match NAMED.iter().find(|(name, _)| *name == text) {
            Some((_, fields)) => (*fields).to_owned(),
            // The seconds are always there; what may be left out are the weekdays.
            None if text.split_ascii_whitespace().count() == 5 => format!("{text} *"),
            None => text.to_owned(),
        };
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build();
        let schedule = Self(Kind::Cron(Box::new(parser.parse(&fields).ok()?)));
        schedule.next(0, &TimeZone::UTC).is_some().then_some(schedule)
    }

    /// The next moment behind one, both in milliseconds since the Unix epoch; the calendar is that of the zone.
    pub fn next(&self, after_millis: u64, zone: &TimeZone) -> Option<u64> {
        match &self.0 {
            Kind::Every(interval) => after_millis.checked_add(u64::try_from(interval.as_millis()).ok()?),
            Kind::Cron(cron) => {
                let after = Timestamp::from_millisecond(i64::try_from(after_millis).ok()?).ok()?;
                let next = cron.find_next_occurrence(&after.to_zoned(zone.clone()), false).ok()?;
                next.timestamp().as_millisecond().try_into().ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::Offset;

    /// The next three moments behind 2024-02-28T23:59:30Z.
    fn next(text: &str, zone: &TimeZone) -> Vec<String> {
        let schedule = Schedule::parse(text).unwrap_or_else(|| panic!("{text}"));
        let begin: Timestamp = "2024-02-28T23:59:30Z".parse().unwrap();
        let mut at: u64 = begin.as_millisecond().try_into().unwrap();
        let mut all = Vec::new();
        for _ in 0..3 {
            at = schedule.next(at, zone).unwrap();
            all.push(Timestamp::from_millisecond(at.try_into().unwrap()).unwrap().to_string());
        }
        all
    }

    #[test]
    fn fields_begin_with_the_second_and_weekdays_may_be_left_out() {
        let utc = TimeZone::UTC;
        let days = ["2024-02-29T02:00:00Z", "2024-03-01T02:00:00Z", "2024-03-02T02:00:00Z"];
        assert_eq!(next("0 0 2 * * *", &utc), days);
        assert_eq!(next("0 0 2 * *", &utc), days);
        let minutes = ["2024-02-29T00:00:05Z", "2024-02-29T00:15:05Z", "2024-02-29T00:30:05Z"];
        assert_eq!(next("5 */15 * ? * *", &utc), minutes);
        let mondays = ["2024-03-04T00:00:00Z", "2024-03-11T00:00:00Z", "2024-03-18T00:00:00Z"];
        assert_eq!(next("0 0 0 * MAR MON", &utc), mondays);
    }

    #[test]
    fn a_schedule_is_of_its_zone() {
        let tokyo = TimeZone::fixed(Offset::constant(9));
        assert_eq!(next("@daily", &tokyo)[0], "2024-02-29T15:00:00Z");
    }

    #[test]
    fn names_and_intervals_are_schedules_too() {
        let utc = TimeZone::UTC;
        assert_eq!(next("@hourly", &utc)[0], "2024-02-29T00:00:00Z");
        assert_eq!(next("@weekly", &utc)[0], "2024-03-03T00:00:00Z");
        assert_eq!(next("@monthly", &utc)[0], "2024-03-01T00:00:00Z");
        assert_eq!(next("@yearly", &utc)[0], "2025-01-01T00:00:00Z");
        assert_eq!(next("@every 1h30m", &utc)[0], "2024-02-29T01:29:30Z");
        assert_eq!(next("@every 1ms", &utc)[0], "2024-02-28T23:59:31Z", "not more often than each second");
        for (name, _) in NAMED {
            assert!(Schedule::parse(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_is_no_schedule_or_never_comes_is_refused() {
        for text in [
            "",
            "0 0 2",
            "0 0 2 * * * *",
            "@sometimes",
            "@every",
            "@every day",
            "0 0 2 * * $",
            "61 0 0 * * *",
            "0 0 25 * * *",
            "0 0 0 30 2 *",
            "@daily @daily",
        ] {
            assert!(Schedule::parse(text).is_none(), "{text}");
        }
    }
}
