//! All verdicts at once.

use super::Verdict;
use std::fmt;

/// The verdicts of one way to write a bucket.
pub struct Report {
    pub title: String,
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// How many verdicts found something.
    pub fn failed(&self) -> usize {
        self.verdicts.iter().filter(|verdict| !verdict.problems.is_empty()).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = |count: fn(&Verdict) -> usize| self.verdicts.iter().map(count).sum::<usize>();
        writeln!(
            f,
            "{}: {} buckets, {} schema files, {} statements ({} stale), {} rows ({} stale, {} deletes of nothing), \
             {} tables, {} views, {} cells compared, {} differences in {} buckets",
            self.title,
            self.verdicts.len(),
            total(|verdict| verdict.counts.schema_files),
            total(|verdict| verdict.counts.statements),
            total(|verdict| verdict.counts.stale_statements),
            total(|verdict| verdict.counts.rows),
            total(|verdict| verdict.counts.stale_rows),
            total(|verdict| verdict.counts.missed_deletes),
            total(|verdict| verdict.compared.tables),
            total(|verdict| verdict.compared.views),
            total(|verdict| verdict.compared.cells),
            total(|verdict| verdict.problems.len()),
            self.failed(),
        )?;
        for verdict in self.verdicts.iter().filter(|verdict| !verdict.problems.is_empty()) {
            writeln!(f, "  {}", verdict.name)?;
            for problem in verdict.problems.iter().take(3) {
                writeln!(f, "      {problem}")?;
            }
        }
        Ok(())
    }
}

/// Prints all reports, and wants not one problem in them.
///
/// # Panics
/// If there is one.
#[track_caller]
pub fn expect_no_difference(reports: &[Report]) {
    for report in reports {
        print!("{report}");
    }
    let verdicts = || reports.iter().flat_map(|report| &report.verdicts);
    let cells: usize = verdicts().map(|verdict| verdict.compared.cells).sum();
    let differences: usize = verdicts().map(|verdict| verdict.problems.len()).sum();
    println!("figures: {} buckets, {cells} cells compared, {differences} differences", verdicts().count());
    let failed: usize = reports.iter().map(Report::failed).sum();
    assert_eq!(failed, 0, "{failed} buckets do not replay to the server's tables; they are listed above");
}
