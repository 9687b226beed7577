//! Which directories have expired. Pure: no store, no clock.

use crate::layout::data_dir::number;
use crate::layout::{DataDir, DateLevel};
use change_event::CommitTs;
use jiff::tz::TimeZone;

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;
/// What only we read: nothing in there is data.
const OWN: &str = ".spillway";

/// Judges directories by the date that their place in the layout gives them.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    first_kept: String,
    by_id: bool,
}

/// What becomes of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Expired, with all that is in it.
    Expired,
    /// There may be expired ones in it.
    Descend,
    Stays,
}

impl Rule {
    /// Files expire whose date is before that of the checkpoint less so many days, in the calendar of this zone. `None`: there
    /// is no date before that.
    pub(super) fn new(checkpoint: CommitTs, days: u32, zone: &TimeZone, by_id: bool) -> Option<Self> {
        let millis = checkpoint.millis().checked_sub(u64::from(days).checked_mul(DAY_MILLIS)?)?;
        Some(Self { first_kept: DateLevel::Day.directory(millis, zone)?, by_id })
    }

    /// The first date that is kept.
    pub(super) fn first_kept(&self) -> &str {
        &self.first_kept
    }

    /// Judges a directory by its key.
    pub(super) fn judge(&self, key: &str) -> Verdict {
        if key == OWN {
            return Verdict::Stays;
        }
        if let Ok(directory) = DataDir::parse(key, DateLevel::Day)
            && directory.table().table_id().is_some() == self.by_id
        {
            let expired = directory.date().is_some_and(|date| date < self.first_kept.as_str());
            return if expired { Verdict::Expired } else { Verdict::Stays };
        }
        let parts: Vec<&str> = key.split('/').collect();
        let numbers = match (self.by_id, &parts[..]) {
            // By name: database, table, version, partition.
            (false, [_] | [_, _]) => &[],
            (false, [_, _, numbers @ ..]) if numbers.len() <= 2 => numbers,
            // By number: table, version.
            (true, numbers @ ([_] | [_, _])) => numbers,
            _ => return Verdict::Stays,
        };
        if numbers.iter().all(|part| number::<u64>(part).is_some()) {
            Verdict::Descend
        } else {
            Verdict::Stays
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::tz::Offset;
    use proptest::prelude::*;

    fn at(zone: &TimeZone, days: u32) -> Option<Rule> {
        let moment = date(2021, 1, 3).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
        let millis = moment.timestamp().as_millisecond().try_into().unwrap();
        Rule::new(CommitTs::from_millis(millis), days, zone, false)
    }

    #[test]
    fn the_ancestors_example_holds() {
        let rule = at(&TimeZone::UTC, 1).unwrap();
        assert_eq!(rule.first_kept(), "2021-01-02");
        assert_eq!(rule.judge("s/t/5/2021-01-01"), Verdict::Expired);
        assert_eq!(rule.judge("s/t/5/2021-01-02"), Verdict::Stays);
    }

    #[test]
    fn the_zone_decides_what_day_it_is() {
        let behind = TimeZone::fixed(Offset::constant(-1));
        assert_eq!(at(&behind, 1).unwrap().first_kept(), "2021-01-01");
        assert_eq!(at(&TimeZone::UTC, 0).unwrap().first_kept(), "2021-01-03");
        assert!(at(&TimeZone::UTC, u32::MAX).is_none(), "there is no such day");
        assert!(Rule::new(CommitTs::default(), 1, &TimeZone::UTC, false).is_none());
    }

    #[test]
    fn only_the_place_of_a_date_makes_it_one() {
        let rule = at(&TimeZone::UTC, 1).unwrap();
        for (key, verdict) in [
            ("s", Verdict::Descend),
            ("2020-01-01", Verdict::Descend),
            ("s/2020-01-01", Verdict::Descend),
            ("5/2020-01-01", Verdict::Descend),
            ("s/meta", Verdict::Descend),
            ("s/meta/5", Verdict::Descend),
            ("s/meta/5/2020-01-01", Verdict::Expired),
            ("s/2020-01-01/5", Verdict::Descend),
            ("s/2020-01-01/5/2020-01-01", Verdict::Expired),
            ("s/2020-01-01/5/2021-01-03", Verdict::Stays),
            ("s/t/5/7", Verdict::Descend),
            ("s/t/5/7/2020-01-01", Verdict::Expired),
            ("s/t/5/7/8/2020-01-01", Verdict::Stays),
            // By number it would be version 7 of table 5.
            ("5/7/2020-01-01", Verdict::Stays),
            ("s/t/meta", Verdict::Stays),
            ("s/t/meta/2020-01-01", Verdict::Stays),
            ("s/t/5/meta", Verdict::Stays),
            ("s/t/5/2020-01-01/meta", Verdict::Stays),
            ("s/t/5/2020-01", Verdict::Stays),
            ("s/t/x/2020-01-01", Verdict::Stays),
            (".spillway", Verdict::Stays),
            (".spillway/parked", Verdict::Descend),
        ] {
            assert_eq!(rule.judge(key), verdict, "{key}");
        }
        let by_id = Rule { by_id: true, ..rule };
        for (key, verdict) in [
            ("5", Verdict::Descend),
            ("5/7", Verdict::Descend),
            ("5/7/2020-01-01", Verdict::Expired),
            ("5/7/8", Verdict::Stays),
            ("s", Verdict::Stays),
            ("s/t/5/2020-01-01", Verdict::Stays),
        ] {
            assert_eq!(by_id.judge(key), verdict, "{key}");
        }
    }

    proptest! {
        /// Whoever walks down from the top meets every expired directory, and no date is expired on or behind the first kept.
        #[test]
        fn an_expired_directory_is_reached_from_the_top(
            names in prop_oneof![
                ("[a-z0-9-]{1,12}", "[a-z0-9-]{1,12}").prop_map(|(schema, table)| (false, format!("{schema}/{table}"))),
                (1..i64::MAX).prop_map(|id| (true, id.to_string())),
            ],
            version in any::<u64>(),
            partition in proptest::option::of(1..i64::MAX),
            (year, month, day) in (1970..2100, 1..13, 1..32),
        ) {
            let (by_id, table) = names;
            let rule = Rule { by_id, ..at(&TimeZone::UTC, 1).unwrap() };
            let date = format!("{year:04}-{month:02}-{day:02}");
            let partition = partition.filter(|_| !by_id).map(|id| format!("/{id}")).unwrap_or_default();
            let key = format!("{table}/{version}{partition}/{date}");
            let expected = if date.as_str() < "2021-01-02" { Verdict::Expired } else { Verdict::Stays };
            prop_assert_eq!(rule.judge(&key), expected);
            for (end, _) in key.match_indices('/') {
                prop_assert_eq!(rule.judge(&key[..end]), Verdict::Descend, "{}", &key[..end]);
            }
        }
    }
}
