//! What is told of the routes to those who write programs: from the one table of routes, and from what answers them.

use snapshot::{
    history::BuildStatus,
    queue::{ItemState, Reason},
    section::Fault,
};

use crate::{
    cache::CachePolicy,
    documents::Kind,
    history::query,
    integrations::badge::BadgeName,
    parameters::BadParameter,
    routes::{ROUTES, Route, answer},
};

/// A document, for who asks for it.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Which route gives it.
    pub(crate) route: Route,
    /// Its pattern, below the base path.
    pub(crate) pattern: &'static str,
    /// Which document it is: what it rests on.
    pub(crate) kind: Kind,
    /// What is in it.
    pub(crate) what: &'static str,
    /// What may be asked of it: each parameter, and what it must be.
    pub(crate) parameters: Vec<BadParameter>,
}

/// Every document, in the order of the routes.
pub(crate) fn documents() -> impl Iterator<Item = Reference> {
    ROUTES.into_iter().filter_map(|(pattern, route)| {
        let (kind, what) = match route {
            Route::BuildSwarm => (
                Kind::BuildSwarm,
                "The swarm at a glance: status, verdict in words, counts of the queue, when all will be done, session, drones.",
            ),
            Route::BuildHistory => (
                Kind::BuildHistory,
                "Finished builds, the newest first, in pages; with filters, a summary of all that match, and as a table.",
            ),
            Route::Infrastructure => {
                (Kind::Infrastructure, "Hosts, services, how many alerts fire, how much is logged.")
            }
            Route::Queue => {
                (Kind::Queue, "Every item of the queue, with reasons and estimates; or what changed since a version.")
            }
            Route::Package => (Kind::Package, "One package: its builds, how long they take, where it is in the queue."),
            Route::Drone => (Kind::Drone, "One drone: what it does, its builds, how long they take."),
            Route::Dashboard
            | Route::QueuePage
            | Route::HistoryPage
            | Route::InfrastructurePage
            | Route::AboutPage
            | Route::ApiPage
            | Route::PackagePage
            | Route::DronePage
            | Route::QueueSocket
            | Route::Feed
            | Route::BadgePicture
            | Route::BadgeData
            | Route::StatuspageSummary
            | Route::StatuspageStatus
            | Route::OpenApi
            | Route::Robots
            | Route::Asset => return None,
        };
        let parameters = match route {
            Route::BuildHistory => query::parameters().collect(),
            Route::Queue => answer::VERSION.to_vec(),
            _ => Vec::new(),
        };
        Some(Reference { route, pattern, kind, what, parameters })
    })
}

/// What other software asks for in forms of its own.
#[derive(Debug)]
pub(crate) struct Integration {
    /// Which route gives it.
    pub(crate) route: Route,
    /// Its pattern, below the base path.
    pub(crate) pattern: &'static str,
    /// What is in it.
    pub(crate) what: &'static str,
    /// The path of one that is always there.
    pub(crate) example: &'static str,
}

/// Every one of them, in the order of the routes.
pub(crate) fn integrations() -> impl Iterator<Item = Integration> {
    ROUTES.into_iter().filter_map(|(pattern, route)| {
        let (what, example) = match route {
            Route::Feed => (
                "An Atom feed: finished builds, outages and what else changed. An entry keeps its name for ever.",
                "/feed.xml",
            ),
            Route::BadgePicture => (
                "A badge. Names are the words below and the names of drones; what is old says as of when.",
                "/badge/status.svg",
            ),
            Route::BadgeData => ("The same for the endpoint badge of shields.io.", "/badge/status.json"),
            Route::StatuspageSummary => (
                "What goes wrong, in the form of Statuspage: components and incidents that go on. What nobody knows is left out.",
                "/api/v2/summary.json",
            ),
            Route::StatuspageStatus => ("The same in a word and a sentence.", "/api/v2/status.json"),
            Route::OpenApi => {
                ("All of this in OpenAPI 3.1, for programs that read such descriptions.", "/api/openapi.json")
            }
            _ => return None,
        };
        Some(Integration { route, pattern, what, example })
    })
}

/// The closed words of documents, by what they are said of.
pub(crate) fn words() -> [(&'static str, Vec<&'static str>); 5] {
    [
        ("An item of the queue", ItemState::ALL.map(ItemState::as_str).to_vec()),
        ("Why it waits or stands", Reason::ALL.map(Reason::as_str).to_vec()),
        ("A finished build", BuildStatus::ALL.map(BuildStatus::as_str).to_vec()),
        ("Why a source was not heard", Fault::ALL.map(Fault::as_str).to_vec()),
        ("A badge", BadgeName::ALL.map(BadgeName::as_str).to_vec()),
    ]
}

/// How long the document of a route may be kept.
pub(crate) const fn cache(route: Route) -> CachePolicy {
    match route {
        Route::BuildSwarm | Route::Queue => CachePolicy::Live,
        Route::BuildHistory | Route::Infrastructure | Route::Package | Route::Drone => CachePolicy::Slow,
        Route::Feed => CachePolicy::FiveMinutes,
        Route::BadgePicture | Route::BadgeData | Route::StatuspageSummary | Route::StatuspageStatus => {
            CachePolicy::Minute
        }
        Route::QueueSocket => CachePolicy::NoStore,
        Route::Asset => CachePolicy::Immutable,
        Route::Dashboard
        | Route::QueuePage
        | Route::HistoryPage
        | Route::InfrastructurePage
        | Route::AboutPage
        | Route::ApiPage
        | Route::PackagePage
        | Route::DronePage
        | Route::OpenApi
        | Route::Robots => CachePolicy::Page,
    }
}
