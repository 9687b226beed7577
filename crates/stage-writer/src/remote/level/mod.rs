//! How many requests at once: as many as the store answers as fast as it answers few.
//!
//! ```text
//!   most ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!                   ╭──╮ throttled           ╭─────   a little a round, above where trouble was
//!               ╭───╯  ╰──╮            ╭─────╯
//!           ╭───╯         ╰──╮  ╭──────╯
//!  first ───╯ doubles        ╰──╯
//! ```
//! Nobody can say beforehand how many requests a store takes: that hangs on the store, the line to it, and on who else
//! uses them. So it is found by trying, in *rounds* of as many requests as are half of those in flight. A round in which
//! requests had to wait for a slot, and were answered as fast as ever, makes the level higher. One with failures, or
//! with answers that take much longer, makes it lower: then the store queues or refuses what more requests add, and
//! fewer get as much done. Requests that were sent at an earlier level say nothing of this one, and are not counted.
//!
//! Only small writes are compared by their time: a large one takes as long as its bytes. But none may come near
//! the time after which it would count as lost, which many large ones on a narrow line would. Where nobody waits, the
//! level is not what makes requests slow, and the last ones of a burst are always its slowest.

use std::time::Duration;

/// Fewer than these are no burden for any store.
const LEAST: usize = 4;
/// What a request may carry that is compared by its time.
const SMALL: u64 = 64 << 10;
/// Times of a round that are kept: enough for a median.
const TIMES: usize = 128;
/// Noise that is no sign of anything.
const JITTER: Duration = Duration::from_millis(20);
/// In times as long as usual: beyond the first it is not raised, beyond the second lowered at once.
const LONG: (u32, u32) = (2, 4);
/// So many rounds in a row beyond the first lower it, too.
const LONG_ROUNDS: u32 = 32;
/// Parts of the timeout that a request may take: before the level stays, and before it falls.
const OF_TIMEOUT: (u32, u32) = (30, 10);

/// How many requests may be in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// So many, whatever comes.
    Fixed(usize),
    /// As many as the store takes well, from `first` on, and never more than `most`.
    Adaptive {
        /// How many there are before anything is known of the store.
        first: usize,
        /// The most there ever are.
        most: usize,
    },
}

impl Concurrency {
    /// The most requests that there ever are at once.
    pub fn most(self) -> usize {
        match self {
            Self::Fixed(count) => count,
            Self::Adaptive { most, .. } => most,
        }
    }
}

/// How a request ended, as far as it says something of the store's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was answered, whatever the answer.
    Answered,
    /// It was not.
    Failed,
    /// Nobody waited for its end, or it was told before that it had [failed](Level::failed).
    Unknown,
}

/// What became of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) ended: Ended,
    pub(super) took: Duration,
    /// Bytes that it wrote; `None` for what is no write, and may take any time.
    pub(super) bytes: Option<u64>,
    /// When it began, by [`Level::epoch`].
    pub(super) epoch: u64,
}

/// The level, as found so far.
#[derive(Debug)]
pub(super) struct Level {
    now: usize,
    least: usize,
    first: usize,
    most: usize,
    /// Doubling ends here: somewhere above there was trouble once.
    gentle_from: usize,
    /// What a small request takes when all is well.
    usual: Option<Duration>,
    /// What it took when the level was lowered for that, until the next verdict.
    lowered_at: Option<Duration>,
    /// Rounds in a row in which requests took long.
    long_rounds: u32,
    timeout: Duration,
    epoch: u64,
    /// The first epoch since the level was last lowered.
    lowered: u64,
    round: Round,
}

/// What was seen since the last verdict.
#[derive(Debug, Default)]
struct Round {
    answered: usize,
    failed: usize,
    /// The most requests that were in flight.
    in_flight: usize,
    /// Whether any had to wait.
    short: bool,
    longest: Duration,
    small: Vec<Duration>,
}

enum Verdict {
    /// To this at the most.
    Raise(usize),
    Stay,
    /// To so many quarters.
    Lower(usize),
}

enum Slow {
    No,
    /// There should not be more requests.
    Somewhat,
    /// There should be fewer.
    Much,
}

impl Level {
    /// # Panics
    /// If it would let nothing through.
    pub(super) fn new(concurrency: Concurrency, timeout: Duration) -> Self {
        let (least, now, most) = match concurrency {
            Concurrency::Fixed(count) => (count, count, count),
            Concurrency::Adaptive { first, most } => (LEAST.min(most), first.min(most), most),
        };
        assert!(now > 0, "a request limit of 0 would let nothing through");
        Self {
            now,
            least,
            first: now,
            most,
            gentle_from: usize::MAX,
            usual: None,
            lowered_at: None,
            long_rounds: 0,
            timeout,
            epoch: 0,
            lowered: 0,
            round: Round::default(),
        }
    }

    /// How many requests may be in flight now.
    pub(super) fn now(&self) -> usize {
        self.now
    }

    /// Changes when the level does.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// A request is sent beside others, all of them so many.
    pub(super) fn sent(&mut self, in_flight: usize) {
        self.round.in_flight = self.round.in_flight.max(in_flight);
    }

    /// A request waits for others to end.
    pub(super) fn short(&mut self) {
        self.round.short = true;
    }

    /// A request that began in this epoch fails, or is asked for patience; it need not have ended. If that lowers the
    /// level, says what it was before.
    ///
    /// Failures take their time, so those of lower levels count as well; but not those of a higher one, for which it
    /// was lowered already.
    pub(super) fn failed(&mut self, epoch: u64, in_flight: usize) -> Option<usize> {
        if self.least == self.most || epoch < self.lowered {
            return None;
        }
        self.round.failed += 1;
        let failed = self.round.failed;
        let are_many = failed >= 2 && failed * 20 >= self.round.in_flight;
        if are_many { self.go_by(Verdict::Lower(2), in_flight) } else { None }
    }

    /// A request has ended, beside which so many others are in flight. If that changes the level, says what it was before.
    pub(super) fn ended(&mut self, outcome: Outcome, in_flight: usize) -> Option<usize> {
        match outcome.ended {
            Ended::Answered if self.least < self.most && outcome.epoch == self.epoch => {}
            Ended::Failed => return self.failed(outcome.epoch, in_flight),
            Ended::Answered | Ended::Unknown => return None,
        }
        self.round.answered += 1;
        if let Some(bytes) = outcome.bytes {
            self.round.longest = self.round.longest.max(outcome.took);
            if bytes <= SMALL && self.round.small.len() < TIMES {
                self.round.small.push(outcome.took);
            }
        }
        let verdict = self.verdict()?;
        self.go_by(verdict, in_flight)
    }

    fn go_by(&mut self, verdict: Verdict, in_flight: usize) -> Option<usize> {
        let before = self.now;
        match verdict {
            Verdict::Raise(most) if before < self.gentle_from => {
                self.now = (2 * before).min(self.gentle_from).min(most).max(before);
            }
            Verdict::Raise(most) => self.now = (before + before.div_ceil(32)).min(most).max(before),
            Verdict::Stay => {}
            Verdict::Lower(quarters) => {
                self.now = (before * quarters / 4).max(self.least);
                self.gentle_from = self.now;
            }
        }
        self.round = Round { in_flight, ..Round::default() };
        if self.now == before {
            return None;
        }
        self.epoch += 1;
        if self.now < before {
            self.lowered = self.epoch;
        }
        Some(before)
    }

    /// What the round says, if it has seen enough.
    fn verdict(&mut self) -> Option<Verdict> {
        let Round { answered, failed, in_flight, short, longest, .. } = self.round;
        if answered + failed < in_flight.div_ceil(2).max(LEAST) {
            return None;
        }
        let median = median(&mut self.round.small);
        if !short {
            return Some(Verdict::Stay);
        }
        let is_slow = median.map(|median| self.is_slow(median));
        let is_too_long = |part| longest > self.timeout / part;
        Some(match is_slow {
            _ if is_too_long(OF_TIMEOUT.1) => Verdict::Lower(3),
            Some(Slow::Much) => Verdict::Lower(3),
            _ if failed * 50 > answered || is_too_long(OF_TIMEOUT.0) => Verdict::Stay,
            Some(Slow::Somewhat) => Verdict::Stay,
            Some(Slow::No) => Verdict::Raise(self.most),
            // Nothing small to go by: what may be sent to a store that nothing is known of, may be.
            None => Verdict::Raise(self.first),
        })
    }

    /// How much longer than usual small requests take.
    ///
    /// What is usual is the best that was seen. If it does not come back when there are fewer requests, they were not
    /// what made the store slow, and what they take now is usual.
    fn is_slow(&mut self, median: Duration) -> Slow {
        let before = self.lowered_at.take();
        let usual = match self.usual {
            Some(usual) if usual < median && before.is_none_or(|before| median * 10 < before * 9) => usual,
            _ => median,
        };
        self.usual = Some(usual);
        let [somewhat, much] = [LONG.0, LONG.1].map(|times| median > usual * times + JITTER);
        self.long_rounds = if somewhat { self.long_rounds + 1 } else { 0 };
        if much || self.long_rounds >= LONG_ROUNDS {
            self.long_rounds = 0;
            self.lowered_at = Some(median);
            return Slow::Much;
        }
        if somewhat { Slow::Somewhat } else { Slow::No }
    }
}

fn median(times: &mut [Duration]) -> Option<Duration> {
    let middle = times.len() / 2;
    (!times.is_empty()).then(|| *times.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests;
