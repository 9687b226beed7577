//! The versions that the docs name are those that are compiled.

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// Crates and versions of a package's table of the types of others.
fn named(package: &Package) -> Vec<(String, String)> {
    let library =
        package.targets.iter().find(|target| target.name.replace('-', "_") == package.name.replace('-', "_"));
    let source = library.map(|target| std::fs::read_to_string(&target.src_path).expect("a source"));
    let source = source.unwrap_or_default();
    let section = source.split_once("//! # Types of others\n").map_or("", |(_, section)| section);
    let rows = section.lines().take_while(|line| line.starts_with("//!"));
    let row = |line: &str| {
        let (name, rest) = line.strip_prefix("//! | [`")?.split_once("`] | ")?;
        Some((name.to_owned(), rest.split_once(" |")?.0.to_owned()))
    };
    rows.filter_map(row).collect()
}

#[test]
fn the_docs_name_the_versions_that_are_compiled() {
    let metadata: Metadata = MetadataCommand::new().no_deps().exec().expect("cargo reads its own workspace");
    let mut seen = 0;
    for package in &metadata.packages {
        for (name, version) in named(package) {
            let of = |dependency: &&cargo_metadata::Dependency| dependency.name.replace('-', "_") == name;
            let compiled = package.dependencies.iter().find(of);
            let compiled =
                compiled.unwrap_or_else(|| panic!("{} has no {name}", package.name)).req.to_string();
            let major = compiled.trim_start_matches('^');
            assert!(
                major == version || major.starts_with(&format!("{version}.")),
                "{} says {name} {version}, and is compiled with {compiled}",
                package.name
            );
            seen += 1;
        }
    }
    assert!(seen >= 15, "only {seen} rows were found");
}
