//! The arrows between the crates, enforced.
//!
//! [`violations`] is a pure function of a [`Graph`], so that tests can add a forbidden dependency to a graph and
//! see it refused. [`graph()`] reads the real one from `cargo metadata`. The rules are data ([`rules`]); a
//! crate without a rule is a violation, so a new crate has to say where it stands.
//!
//! Normal and build dependencies follow the arrows; a dev-dependency may follow them too, or lead to the
//! simulator. What a crate never reaches is searched through everything that it links, however far away.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

mod graph;
pub mod rules;
pub mod versions;

pub use graph::{Graph, GraphError, Kind, graph};

use rules::{CrateRule, DIRECT, RULES};

/// Everything in `graph` that breaks a rule, one sentence each; empty if the house is in order.
pub fn violations(graph: &Graph) -> Vec<String> {
    let mut found = BTreeSet::new();
    for member in graph.members() {
        match RULES.iter().find(|rule| rule.name == member) {
            Some(rule) => {
                check_arrows(graph, rule, &mut found);
                check_reach(graph, rule, &mut found);
            }
            None => {
                found.insert(format!(
                    "crate `{member}` has no rule in crates/xtask/src/architecture/rules.rs"
                ));
            }
        }
        check_direct(graph, member, &mut found);
    }
    found.into_iter().collect()
}

/// Direct dependencies on crates of ours.
fn check_arrows(graph: &Graph, rule: &CrateRule, found: &mut BTreeSet<String>) {
    for (target, kind) in graph.uses(rule.name) {
        if !graph.is_member(target) || rule.uses.contains(&target) {
            continue;
        }
        match kind {
            Kind::Development if target == "simulator" => {}
            Kind::Development => {
                found.insert(format!("`{}` must not dev-depend on `{target}`", rule.name));
            }
            Kind::Linked => {
                found.insert(format!("`{}` must not depend on `{target}`", rule.name));
            }
        }
    }
}

/// What is linked into a crate through any number of others.
fn check_reach(graph: &Graph, rule: &CrateRule, found: &mut BTreeSet<String>) {
    let paths = linked_paths(graph, rule.name);
    for forbidden in rule.never_reaches {
        if let Some(path) = paths.get(forbidden) {
            found.insert(format!("`{}` must not reach `{forbidden}`: {}", rule.name, path.join(" -> ")));
        }
    }
}

/// Crates of others that only some of ours may name.
fn check_direct(graph: &Graph, member: &str, found: &mut BTreeSet<String>) {
    for (target, kind) in graph.uses(member) {
        for (name, users) in DIRECT {
            if kind == Kind::Linked && target == *name && !users.contains(&member) {
                found.insert(format!("`{member}` must not name `{name}`, only {} may", users.join(", ")));
            }
        }
    }
}

/// Every package that is linked into `start`, with one shortest path to it.
fn linked_paths<'a>(graph: &'a Graph, start: &'a str) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut paths = BTreeMap::from([(start, vec![start])]);
    let mut open = VecDeque::from([start]);
    while let Some(package) = open.pop_front() {
        let path = paths.get(package).cloned().unwrap_or_default();
        for (target, kind) in graph.uses(package) {
            if kind == Kind::Linked && !paths.contains_key(target) {
                let mut longer = path.clone();
                longer.push(target);
                paths.insert(target, longer);
                open.push_back(target);
            }
        }
    }
    paths
}
