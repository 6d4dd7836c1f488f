//! The view of `/api`: the documents, the socket and the errors, for those who write programs.

use serde::Serialize;

use super::{
    scene::Scene,
    words::{DroneName, Package},
};
use crate::{
    error::WebError,
    reference::{self, Integration, Reference, cache},
    routes::Route,
    ws,
};

/// The reference.
#[derive(Debug, Serialize)]
pub(super) struct ApiView {
    /// Every document.
    pub(super) documents: Vec<DocumentView>,
    /// What other software asks for.
    pub(super) integrations: Vec<IntegrationView>,
    /// Where subscribers ask.
    pub(super) socket: &'static str,
    /// The closed words.
    pub(super) words: Vec<WordsView>,
    /// Every error.
    pub(super) errors: Vec<ErrorRow>,
}

/// A document.
#[derive(Debug, Serialize)]
pub(super) struct DocumentView {
    /// Its pattern, below the base path.
    pub(super) pattern: &'static str,
    /// What is in it.
    pub(super) what: &'static str,
    /// What it rests on.
    pub(super) sources: Vec<&'static str>,
    /// How long it may be kept: the header.
    pub(super) cache: String,
    /// What may be asked of it.
    pub(super) parameters: Vec<ParameterView>,
    /// Addresses that work, below the base path; none while nothing is known that one could ask for.
    pub(super) examples: Vec<String>,
}

/// Something in the form of others.
#[derive(Debug, Serialize)]
pub(super) struct IntegrationView {
    /// Its pattern, below the base path.
    pub(super) pattern: &'static str,
    /// What is in it.
    pub(super) what: &'static str,
    /// How long it may be kept: the header.
    pub(super) cache: String,
    /// An address that works, below the base path.
    pub(super) example: &'static str,
}

/// A parameter.
#[derive(Debug, Serialize)]
pub(super) struct ParameterView {
    /// Its name.
    pub(super) name: &'static str,
    /// What follows its name in a sentence: "must be ...".
    pub(super) rule: &'static str,
}

/// Words of one kind.
#[derive(Debug, Serialize)]
pub(super) struct WordsView {
    /// What they are said of.
    pub(super) of: &'static str,
    /// The words.
    pub(super) words: Vec<&'static str>,
}

/// An error.
#[derive(Debug, Serialize)]
pub(super) struct ErrorRow {
    /// Its status.
    pub(super) status: u16,
    /// Its word.
    pub(super) code: &'static str,
    /// What is said.
    pub(super) message: &'static str,
}

impl ApiView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        let words = reference::words().into_iter().map(|(of, words)| WordsView { of, words });
        Self {
            documents: reference::documents().map(|document| DocumentView::of(scene, &document)).collect(),
            integrations: reference::integrations().map(IntegrationView::of).collect(),
            socket: ws::PATH,
            words: words.collect(),
            errors: WebError::ALL.into_iter().map(ErrorRow::of).collect(),
        }
    }
}

impl DocumentView {
    fn of(scene: Scene<'_>, document: &Reference) -> Self {
        let rule = |message: &'static str, name| message.strip_prefix(name).unwrap_or(message).trim_start();
        let named = document.parameters.iter().filter_map(|one| Some((one.parameter?, one.message)));
        Self {
            pattern: document.pattern,
            what: document.what,
            sources: document.kind.sources().iter().map(|source| source.as_str()).collect(),
            cache: kept(document.route),
            parameters: named
                .map(|(name, message)| ParameterView { name, rule: rule(message, name) })
                .collect(),
            examples: examples(scene, document),
        }
    }
}

impl IntegrationView {
    fn of(integration: Integration) -> Self {
        let Integration { route, pattern, what, example } = integration;
        Self { pattern, what, cache: kept(route), example }
    }
}

/// How long the answer of a route may be kept: the header.
fn kept(route: Route) -> String {
    cache(route).header().to_str().unwrap_or_default().to_owned()
}

impl ErrorRow {
    fn of(error: WebError) -> Self {
        Self { status: error.status().as_u16(), code: error.code(), message: error.message() }
    }
}

/// Addresses of what is there now.
fn examples(scene: Scene<'_>, document: &Reference) -> Vec<String> {
    let pattern = document.pattern;
    // The page of a thing and its document end alike.
    let below = |path: String| {
        let place = pattern.split_once("/{").map_or(pattern, |(place, _)| place);
        let end = path.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
        format!("{place}/{end}")
    };
    match document.route {
        Route::BuildHistory => {
            ["", "?status=failed&per_page=5", "?format=csv"].map(|query| format!("{pattern}{query}")).to_vec()
        }
        Route::Package => {
            let builds = scene.snapshot.history.get().into_iter().flat_map(|history| &history.builds);
            let package = builds.filter_map(|build| build.package.as_ref()).next();
            package
                .map(|package| below(Package::of(package.category(), package.name(), None).path))
                .into_iter()
                .collect()
        }
        Route::Drone => {
            let drone = scene.drones().first();
            drone.map(|drone| below(DroneName::of(drone.name.as_str()).path)).into_iter().collect()
        }
        _ => vec![pattern.to_owned()],
    }
}
