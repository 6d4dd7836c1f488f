//! The dependency graph: read from `cargo metadata`, or put together by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// How one package uses another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A normal or a build dependency: it is there when the product is built.
    Linked,
    /// A dev-dependency: only tests and benches see it.
    Development,
}

/// Which package uses which.
///
/// Packages are known by name; versions of one name count as one package, which can only find more.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<(String, Kind)>>,
}

/// Why the real graph could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// `rustc` did not say for which machine it builds.
    #[error("rustc does not tell its host")]
    Host,
    /// `cargo metadata` failed.
    #[error("cargo metadata failed")]
    Metadata(#[from] cargo_metadata::Error),
    /// `cargo tree` failed.
    #[error("cargo tree failed")]
    Tree,
}

impl Graph {
    /// Adds a crate of the workspace.
    pub fn add_member(&mut self, name: &str) {
        self.members.insert(name.to_owned());
    }

    /// Adds a dependency of the package `from` on the package `to`.
    pub fn add_use(&mut self, from: &str, to: &str, kind: Kind) {
        self.edges.entry(from.to_owned()).or_default().insert((to.to_owned(), kind));
    }

    /// The crates of the workspace, sorted.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// Whether `name` is a crate of the workspace.
    pub fn is_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }

    /// The direct dependencies of the package `name`, sorted.
    pub fn uses(&self, name: &str) -> impl Iterator<Item = (&str, Kind)> {
        self.edges.get(name).into_iter().flatten().map(|(target, kind)| (target.as_str(), *kind))
    }
}

/// The graph of the workspace whose root directory is `root`, as it is built on this machine.
///
/// `flags` go to `cargo metadata` as they are, for example `--offline`.
///
/// # Errors
/// When `rustc` or `cargo metadata` fails.
pub fn graph(root: &Path, flags: &[&str]) -> Result<Graph, GraphError> {
    // Packages for other machines only are not downloaded by a build and so cannot be asked for.
    let mut options = vec!["--filter-platform".to_owned(), host()?];
    options.extend(flags.iter().map(|flag| (*flag).to_owned()));
    let metadata =
        MetadataCommand::new().manifest_path(root.join("Cargo.toml")).other_options(options).exec()?;
    Ok(from_metadata(&metadata))
}

fn from_metadata(metadata: &Metadata) -> Graph {
    let mut graph = Graph::default();
    // As declared: also what is optional or for another machine.
    for package in metadata.workspace_packages() {
        graph.add_member(&package.name);
        for dependency in &package.dependencies {
            graph.add_use(&package.name, &dependency.name, kind(dependency.kind));
        }
    }
    // As resolved: everything that others bring along.
    let resolve = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    for node in resolve {
        for dependency in &node.deps {
            for how in &dependency.dep_kinds {
                graph.add_use(&metadata[&node.id].name, &metadata[&dependency.pkg].name, kind(how.kind));
            }
        }
    }
    graph
}

fn kind(kind: DependencyKind) -> Kind {
    match kind {
        DependencyKind::Development => Kind::Development,
        _ => Kind::Linked,
    }
}

fn host() -> Result<String, GraphError> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|_| GraphError::Host)?;
    let text = String::from_utf8(output.stdout).map_err(|_| GraphError::Host)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).ok_or(GraphError::Host)?;
    Ok(host.to_owned())
}
