//! The arrows between the crates hold, and a dependency against them is refused.

use std::fs;
use std::io;
use std::path::Path;

use xtask::architecture::{
    Graph, Kind, graph,
    rules::RULES,
    versions::{self, SEVERAL},
    violations,
};
use xtask::workspace;

/// Every crate, every arrow that is allowed, and the packages of others where they belong.
fn good() -> Graph {
    let mut graph = Graph::default();
    for rule in RULES {
        graph.add_member(rule.name);
        for target in rule.uses {
            graph.add_use(rule.name, target, Kind::Linked);
        }
    }
    for (from, to) in [
        ("scheduler", "reqwest"),
        ("reqwest", "hyper"),
        ("web", "actix-web"),
        ("web", "tera"),
        ("snapshot", "arc-swap"),
    ] {
        graph.add_use(from, to, Kind::Linked);
    }
    for tested in ["web", "scheduler", "command-center", "snapshot"] {
        graph.add_use(tested, "simulator", Kind::Development);
    }
    graph.add_use("web", "reqwest", Kind::Development);
    graph
}

/// Adds one dependency to the good graph and expects exactly the violations that contain `expected`.
#[track_caller]
fn refuses(from: &str, to: &str, kind: Kind, expected: &[&str]) {
    let mut graph = good();
    graph.add_use(from, to, kind);
    let found = violations(&graph);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for part in expected {
        assert!(found.iter().any(|violation| violation.contains(part)), "{found:#?} should say {part:?}");
    }
}

#[test]
fn the_workspace_keeps_its_arrows() {
    let graph = graph(&workspace::root(), &[]).unwrap();
    let found = violations(&graph);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_rule_is_for_a_crate_that_exists() {
    let graph = graph(&workspace::root(), &[]).unwrap();
    for rule in RULES {
        assert!(graph.is_member(rule.name), "{} is not in the workspace", rule.name);
    }
}

#[test]
fn the_good_graph_is_good() {
    assert_eq!(violations(&good()), [""; 0]);
}

#[test]
fn an_arrow_that_is_not_drawn_is_refused() {
    refuses("command-center", "identity", Kind::Linked, &["`command-center` must not depend on `identity`"]);
    refuses("web", "identity", Kind::Linked, &["`web` must not depend on `identity`"]);
    refuses("simulator", "snapshot", Kind::Linked, &["`simulator` must not depend on `snapshot`"]);
    refuses("xtask", "identity", Kind::Linked, &["`xtask` must not depend on `identity`"]);
    refuses("identity", "simulator", Kind::Linked, &["`identity` must not depend on `simulator`"]);
}

#[test]
fn web_never_reaches_the_scheduler_or_a_client() {
    let expected = [
        "`web` must not depend on `scheduler`",
        "`web` must not reach `scheduler`: web -> scheduler",
        "`web` must not reach `reqwest`: web -> scheduler -> reqwest",
        "`web` must not reach `hyper`: web -> scheduler -> reqwest -> hyper",
    ];
    refuses("web", "scheduler", Kind::Linked, &expected);
    refuses("actix-web", "ureq", Kind::Linked, &["`web` must not reach `ureq`: web -> actix-web -> ureq"]);
    let expected = ["must not name `reqwest`", "must not reach `reqwest`", "must not reach `hyper`"];
    refuses("web", "reqwest", Kind::Linked, &expected);
}

#[test]
fn the_scheduler_never_reaches_what_serves_browsers() {
    let expected = ["must not name `tera`", "`scheduler` must not reach `tera`"];
    refuses("scheduler", "tera", Kind::Linked, &expected);
    refuses("reqwest", "actix-web", Kind::Linked, &["`scheduler` must not reach `actix-web`"]);
}

#[test]
fn only_the_snapshot_names_the_swap() {
    refuses("web", "arc-swap", Kind::Linked, &["`web` must not name `arc-swap`, only snapshot may"]);
}

#[test]
fn tests_may_use_the_simulator_and_nothing_else_of_ours() {
    refuses("identity", "simulator", Kind::Development, &[]);
    refuses("web", "snapshot", Kind::Development, &[]);
    refuses("web", "scheduler", Kind::Development, &["`web` must not dev-depend on `scheduler`"]);
    refuses("simulator", "scheduler", Kind::Development, &["`simulator` must not dev-depend on `scheduler`"]);
}

#[test]
fn a_crate_without_a_rule_is_refused() {
    let mut graph = good();
    graph.add_member("helpers");
    let found = violations(&graph);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("`helpers` has no rule"), "{found:#?}");
}

/// The same through cargo itself: a copy of this workspace in which `web` depends on the scheduler.
#[test]
fn a_forbidden_dependency_in_a_real_manifest_is_refused() {
    let copy = tempfile::tempdir().unwrap();
    let root = workspace::root();
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(file), copy.path().join(file)).unwrap();
    }
    copy_sources(&root.join("crates"), &copy.path().join("crates")).unwrap();
    assert_eq!(violations(&graph(copy.path(), &["--offline"]).unwrap()), [""; 0]);

    let manifest = copy.path().join("crates/web/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, format!("{text}\n[dependencies.scheduler]\nworkspace = true\n")).unwrap();
    let found = violations(&graph(copy.path(), &["--offline"]).unwrap());
    let expected = "`web` must not depend on `scheduler`";
    assert!(found.iter().any(|violation| violation == expected), "{found:#?}");
}

fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_sources(&path, &target)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[test]
fn a_package_in_several_versions_has_a_reason_and_a_reason_has_its_packages() {
    let found = versions::several(&versions::tree(&workspace::root()).unwrap());
    let explained = SEVERAL.iter().flat_map(|(_, names)| *names).map(|name| (*name).to_owned()).collect();
    assert_eq!(found, explained, "left: built in several versions; right: explained");
    let twice = "serde v1.0.1\nserde v1.0.2 (*)\nserde v1.0.2\nserde_json v1.0.1\n";
    assert_eq!(versions::several(twice).into_iter().collect::<Vec<_>>(), ["serde"]);
}

#[test]
fn the_stated_rust_is_the_oldest_that_every_package_builds_with() {
    let (stated, wanted) = versions::rust_versions(&workspace::root()).unwrap();
    assert!(stated.is_some() && stated == wanted, "stated {stated:?}, wanted {wanted:?}");
}
