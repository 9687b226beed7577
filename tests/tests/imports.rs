//! Imports run one way: words and data, then stages, dispatchers and sources, then the sink, then what uses it.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

/// The layers, lowest first. A crate may import from the layers below its own only.
const LAYERS: [&[&str]; 4] = [
    &["pipeline-core", "change-event"],
    &["stage-encode", "stage-spool", "stage-writer", "dispatcher", "source-mysql"],
    &["sink-cloudstorage"],
    &["cli", "examples", "tests", "bench", "xtask"],
];

/// Each crate of the workspace, with those of the workspace that it imports.
fn imports(also_in_tests: bool) -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Metadata = MetadataCommand::new().no_deps().exec().expect("cargo reads its own workspace");
    let members: BTreeSet<String> =
        metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let counts = |kind| kind != DependencyKind::Development || also_in_tests;
    let of_package = |package: &cargo_metadata::Package| {
        let used = package.dependencies.iter().filter(|dependency| counts(dependency.kind));
        let used = used.map(|dependency| dependency.name.clone()).filter(|name| members.contains(name));
        (package.name.to_string(), used.filter(|name| *name != *package.name).collect())
    };
    metadata.packages.iter().map(of_package).collect()
}

fn layer(name: &str) -> usize {
    let layer = LAYERS.iter().position(|layer| layer.contains(&name));
    layer.unwrap_or_else(|| panic!("{name} has no layer yet: give it one here and in the design"))
}

/// The imports that do not go down.
fn upward(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let pairs = imports.iter().flat_map(|(from, used)| used.iter().map(move |to| (from, to)));
    pairs.filter(|(from, to)| layer(to) >= layer(from)).map(|(from, to)| format!("{from} -> {to}")).collect()
}

#[test]
fn no_crate_imports_its_own_layer_or_one_above() {
    assert_eq!(upward(&imports(false)), [""; 0]);
}

#[test]
fn the_tests_of_a_crate_obey_the_same_rule() {
    assert_eq!(upward(&imports(true)), [""; 0]);
}

#[test]
fn every_crate_is_seen_and_an_import_upward_is_found() {
    let mut imports = imports(false);
    let seen: BTreeSet<&str> = imports.keys().map(String::as_str).collect();
    assert_eq!(seen, LAYERS.concat().into_iter().collect());
    assert!(imports["sink-cloudstorage"].contains("stage-writer"), "{imports:?}");
    imports.get_mut("stage-spool").unwrap().insert("stage-writer".to_owned());
    assert_eq!(upward(&imports), ["stage-spool -> stage-writer"]);
}

#[test]
fn the_words_and_the_judge_import_nothing_of_ours() {
    let imports = imports(false);
    // The tests' library holds the independent reader: it must not share the sink's mistakes.
    for name in ["pipeline-core", "change-event", "tests"] {
        assert!(imports[name].is_empty(), "{name} imports {:?}", imports[name]);
    }
}
