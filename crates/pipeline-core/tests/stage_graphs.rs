//! The laws on arbitrary stage graphs: stages, limits, delays, failures, gates, markers and callers at random.

mod graph;
mod stages;

use graph::{Graph, Step, run};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_graph_keeps_the_laws(graph in Graph::any(), script in proptest::collection::vec(Step::any(), 1..120)) {
        run(&graph, &script);
    }
}
