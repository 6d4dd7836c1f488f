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

/// The closed words of documents, by what they are said of.
pub(crate) fn words() -> [(&'static str, Vec<&'static str>); 4] {
    [
        ("An item of the queue", ItemState::ALL.map(ItemState::as_str).to_vec()),
        ("Why it waits or stands", Reason::ALL.map(Reason::as_str).to_vec()),
        ("A finished build", BuildStatus::ALL.map(BuildStatus::as_str).to_vec()),
        ("Why a source was not heard", Fault::ALL.map(Fault::as_str).to_vec()),
    ]
}

/// How long the document of a route may be kept.
pub(crate) const fn cache(route: Route) -> CachePolicy {
    match route {
        Route::BuildSwarm | Route::Queue => CachePolicy::Live,
        Route::BuildHistory | Route::Infrastructure | Route::Package | Route::Drone => CachePolicy::Slow,
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
        | Route::Robots => CachePolicy::Page,
    }
}
