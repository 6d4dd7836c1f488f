//! The arrows as data: what each crate may use, and what it must never reach.

/// What one crate of the workspace may depend on.
#[derive(Debug)]
pub struct CrateRule {
    /// The crate's name.
    pub name: &'static str,
    /// The crates of the workspace that it may use.
    pub uses: &'static [&'static str],
    /// Packages that must not be linked into it, not even through others.
    pub never_reaches: &'static [&'static str],
}

/// One rule for every crate of the workspace.
pub const RULES: &[CrateRule] = &[
    CrateRule {
        name: "command-center",
        uses: &["scheduler", "web", "simulator", "snapshot"],
        never_reaches: &[],
    },
    CrateRule {
        name: "scheduler",
        uses: &["snapshot", "identity"],
        never_reaches: &["actix-http", "actix-web", "tera", "web"],
    },
    CrateRule {
        name: "web",
        uses: &["snapshot"],
        never_reaches: &["awc", "curl", "hyper", "isahc", "reqwest", "scheduler", "ureq"],
    },
    CrateRule {
        name: "snapshot",
        uses: &["identity"],
        never_reaches: &["actix-web", "reqwest", "rusqlite", "tera"],
    },
    CrateRule { name: "identity", uses: &[], never_reaches: &["actix-web", "reqwest", "rusqlite", "tokio"] },
    CrateRule { name: "simulator", uses: &[], never_reaches: &["actix-web", "reqwest", "tera"] },
    CrateRule { name: "xtask", uses: &[], never_reaches: &[] },
];

/// Packages of others that only the named crates may have as a direct dependency.
pub const DIRECT: &[(&str, &[&str])] = &[
    ("actix-web", &["web"]),
    ("arc-swap", &["snapshot"]),
    // The binary asks its own running process over the internal listener.
    ("reqwest", &["scheduler", "command-center"]),
    ("rusqlite", &["scheduler"]),
    ("tera", &["web"]),
];
