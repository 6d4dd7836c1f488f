//! The view of `/about/data`: what is published and from where, what never is, and how good the estimates were.

use serde::Serialize;
use snapshot::{
    estimate::{Basis, Score},
    section::{Observation, SourceName},
    sentence,
};

use super::{
    badge::{Badge, Tone},
    scene::Scene,
    time::Instant,
    words::number,
};

/// What the site is made from.
#[derive(Debug, Serialize)]
pub(super) struct AboutView {
    /// Every source, configured or not.
    pub(super) sources: Vec<OriginView>,
    /// What became of estimates, the firmest basis first.
    pub(super) scores: Vec<ScoreView>,
    /// Whether machines keep their public names over a restart.
    pub(super) keeps_names: bool,
    /// Since when this process watches.
    pub(super) started: Instant,
}

/// A source and what comes from it.
#[derive(Debug, Serialize)]
pub(super) struct OriginView {
    /// Its name.
    pub(super) name: &'static str,
    /// What is published of what it says.
    pub(super) gives: &'static str,
    /// Its state.
    pub(super) badge: Badge,
    /// The last good answer.
    pub(super) seen: Option<Instant>,
    /// After which silence it is late; `None` where it is not configured.
    pub(super) late: Option<String>,
    /// After which silence it is silent.
    pub(super) silent: Option<String>,
}

/// What became of the estimates of one basis.
#[derive(Debug, Serialize)]
pub(super) struct ScoreView {
    /// What was learned from.
    pub(super) basis: &'static str,
    /// How many builds it speaks of.
    pub(super) builds: Option<String>,
    /// How far off the half of them was, or more.
    pub(super) error: Option<String>,
    /// How many came out inside the range.
    pub(super) inside: Option<String>,
}

impl AboutView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        let origin = |name| OriginView::of(scene, name, scene.snapshot.sources.get(name));
        let score = |basis| ScoreView::of(basis, scene.snapshot.scores.of(basis));
        Self {
            sources: SourceName::ALL.into_iter().map(origin).collect(),
            scores: Basis::ALL.into_iter().map(score).collect(),
            keeps_names: scene.snapshot.keeps_names,
            started: scene.minute(scene.snapshot.started_at),
        }
    }
}

impl OriginView {
    fn of(scene: Scene<'_>, name: SourceName, source: Option<&Observation>) -> Self {
        let words = |limit: std::time::Duration| sentence::duration(limit.as_secs());
        Self {
            name: name.title(),
            gives: gives(name),
            badge: source.map_or_else(
                || Badge::new(Tone::Unknown, "not configured"),
                |source| Badge::source(source.state(scene.now)),
            ),
            seen: source.and_then(|source| source.last_seen).map(|seen| scene.second(seen.at)),
            late: source.map(|source| words(source.limits.stale_after)),
            silent: source.map(|source| words(source.limits.offline_after)),
        }
    }
}

impl ScoreView {
    fn of(basis: Basis, score: Option<Score>) -> Self {
        Self {
            basis: match basis {
                Basis::Package => "Builds of the package",
                Basis::Category => "Builds of its category",
                Basis::Global => "All builds",
            },
            builds: score.map(|score| number(score.builds)),
            error: score.map(|score| format!("{} %", score.typical_error_percent)),
            inside: score.map(|score| format!("{} %", score.inside_percent)),
        }
    }
}

/// What is published of what a source says.
const fn gives(name: SourceName) -> &'static str {
    match name {
        SourceName::Gateway => "Drones: name, state, cores, memory, load, what they build.",
        SourceName::Orchestrator => {
            "The swarm's version and state, the session, the queue with its reasons, finished builds."
        }
        SourceName::Prometheus => {
            "Hosts: up or down, processor, memory, disks by kind, load, start; listed services; how many alerts fire."
        }
        SourceName::Loki => "How many lines were logged, by level and listed service. No line is read.",
        SourceName::Probes => "Whether listed services answer, and how fast.",
    }
}
