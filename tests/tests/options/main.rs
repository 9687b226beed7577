//! Every option that decides what paths and rows look like: its bucket reads back to the server's tables, alone and with
//! every value of every other option.
//!
//! | option | what it decides, byte for byte | what reads back |
//! |---|---|---|
//! | all of `settings` | `option_goldens` of `sink-cloudstorage` | here: alone, in pairs, and by chance |
//! | `enable-table-across-nodes` with split tables | the same | `split` |
//! | `enable-partition-separator` | the same | `partitions` |
//!
//! | room | what lives there |
//! |---|---|
//! | `workload` | the tables, and what is done to them |
//! | `settings` | the options, their values, and what a reader is told of them |
//! | `pairs` | few combinations in which every two values meet |
//! | `judge` | one combination: written, read, compared |
//! | `promises` | what an option promises beyond the rows: paths, columns, kinds of changes |
//! | `split` | tables that several dispatchers write |
//! | `partitions` | what is written of partitions |

#[path = "../workload/dice.rs"]
#[allow(dead_code, reason = "it is shared")]
mod dice;
#[path = "../in_process/mod.rs"]
mod in_process;
mod judge;
mod pairs;
mod partitions;
mod promises;
mod settings;
mod split;
mod workload;

use dice::{Dice, seed};
use judge::{Judge, Verdict};
use pairs::pairwise;
use settings::{Combination, Protocol};
use std::collections::BTreeSet;
use tests::Database;

/// Combinations by chance, of each protocol.
const BY_CHANCE: usize = 100;

/// Every value alone among defaults, and few combinations in which every two values meet.
fn alone_and_in_pairs(protocol: Protocol) -> (Vec<Combination>, Vec<Combination>) {
    let counts = protocol.counts();
    let defaults = vec![0; counts.len()];
    let mut alone = vec![defaults.clone()];
    for (place, &count) in counts.iter().enumerate() {
        for value in 1..count {
            let mut values = defaults.clone();
            values[place] = value;
            alone.push(values);
        }
    }
    let combined = |values| Combination::new(protocol, values);
    (alone.into_iter().map(combined).collect(), pairwise(&counts).into_iter().map(combined).collect())
}

fn by_chance(protocol: Protocol, dice: &mut Dice) -> Vec<Combination> {
    let counts = protocol.counts();
    let mut values = || counts.iter().map(|&count| dice.below(count as u64) as usize).collect();
    (0..BY_CHANCE).map(|_| Combination::new(protocol, values())).collect()
}

fn report(title: &str, verdicts: &[Verdict]) {
    let different: BTreeSet<&Combination> = verdicts.iter().map(|verdict| &verdict.combination).collect();
    let sum = |count: fn(&Verdict) -> usize| verdicts.iter().map(count).sum::<usize>();
    println!(
        "figures: {title}: {} combinations, {} different; {} files, {} rows, {} differences",
        verdicts.len(),
        different.len(),
        sum(|verdict| verdict.files),
        sum(|verdict| verdict.rows),
        sum(|verdict| verdict.problems.len()),
    );
    let problems = verdicts.iter().filter(|verdict| !verdict.problems.is_empty());
    let problems: Vec<String> = problems.map(Verdict::to_string).collect();
    assert!(problems.is_empty(), "{} combinations differ:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_alone_every_two_and_many_by_chance_read_back_to_the_servers_tables() {
    let mut dice = Dice::new(seed(34));
    let server = Database::start_with(&workload::OPTIONS).await.unwrap();
    let judge = Judge::of(&server).await;
    for protocol in Protocol::BOTH {
        let (alone, pairs) = alone_and_in_pairs(protocol);
        let chance = by_chance(protocol, &mut dice);
        for (title, combinations) in [("alone", alone), ("in pairs", pairs), ("by chance", chance)] {
            let verdicts = judge.rebuild_all(combinations).await;
            report(&format!("{protocol}, {title}"), &verdicts);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_is_executed_to_the_servers_tables() {
    let (server, target) =
        tokio::join!(Database::start_with(&workload::OPTIONS), Database::start_with(&workload::OPTIONS));
    let (server, target) = (server.unwrap(), target.unwrap());
    let judge = Judge::of(&server).await;
    for protocol in Protocol::BOTH {
        // Every value stands in a pair.
        let (_, pairs) = alone_and_in_pairs(protocol);
        let verdicts = judge.execute_all(&target, pairs).await;
        report(&format!("{protocol}, executed"), &verdicts);
    }
}
