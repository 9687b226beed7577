//! What is shown on the way: a line that stays in place on a terminal, else a line every few seconds.

use change_event::CommitTs;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sink_cloudstorage::Counts;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// How often a terminal is drawn, and how often a line is printed elsewhere.
const DRAW: Duration = Duration::from_millis(200);
const PRINT: Duration = Duration::from_secs(5);

/// Shows how far the run is. Clones share the line.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Drawn,
    Printed,
    Quiet,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let kind = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Kind::Quiet,
            (false, true) => Kind::Drawn,
            (false, false) => Kind::Printed,
        };
        let target =
            if kind == Kind::Drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{spinner} {elapsed_precise}  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self { bar, kind }
    }

    /// Whether a terminal shows it.
    pub(crate) fn is_drawn(&self) -> bool {
        self.kind == Kind::Drawn
    }

    /// How often [`show`](Self::show) is worth calling.
    pub(crate) fn interval(&self) -> Duration {
        if self.is_drawn() { DRAW } else { PRINT }
    }

    /// Shows the counts as they are now.
    pub(crate) fn show(&self, counts: Counts, checkpoint: CommitTs, copying: Option<String>) {
        let Counts { rows, bytes, files, .. } = counts;
        let copying = copying.map(|copying| format!("{copying}  ")).unwrap_or_default();
        let line = format!(
            "{copying}{} rows  {}  {} files  checkpoint {checkpoint}",
            HumanCount(rows),
            HumanBytes(bytes),
            HumanCount(files)
        );
        match self.kind {
            Kind::Drawn => {
                self.bar.set_message(line);
                self.bar.tick();
            }
            // Nobody may be listening any more: that is no reason to stop.
            Kind::Printed => writeln!(io::stderr(), "{line}").unwrap_or_default(),
            Kind::Quiet => {}
        }
    }

    /// Does something that writes to the terminal, above the line.
    pub(crate) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
