//! The pages: typed views of one moment, and the templates that turn them into HTML.
//!
//! A view holds values as they are read: formatted, in the right words, with `None` for what is not known. Templates
//! choose and repeat; they neither compute nor judge. Every view is complete without a script.
//!
//! - [`scene`] what every view is made from, and how old a section is
//! - [`shell`] what surrounds every page
//! - [`dashboard`], [`queue`], [`history`], [`infrastructure`], [`package`], [`drone`], [`about`], [`api`] one view a page
//! - [`activity`], [`counts`], [`drones`], [`builds`], [`items`], [`durations`], [`hosts`], [`curve`], [`logs`] parts of them
//! - [`patterns`] rows and words from which a script makes more of them
//! - [`badge`] states as shape, word and colour; [`time`], [`words`] values as text
//! - [`rehearsal`] every template with everything and with nothing, at the start

mod about;
mod activity;
mod api;
mod backends;
mod badge;
mod builds;
mod counts;
mod curve;
mod dashboard;
mod drone;
mod drones;
mod durations;
mod history;
mod hosts;
mod infrastructure;
mod items;
mod logs;
mod outcomes;
mod package;
mod patterns;
mod queue;
mod rehearsal;
mod scene;
mod shell;
#[cfg(test)]
mod tests;
mod time;
mod trend;
mod uptime;
mod words;

use serde::Serialize;
use snapshot::snapshot::Snapshot;
use tera::{Context, Tera};

use self::{
    about::AboutView,
    api::ApiView,
    dashboard::DashboardView,
    drone::DronePage,
    history::HistoryView,
    infrastructure::InfrastructureView,
    package::PackageView,
    queue::QueueView,
    scene::Scene,
    shell::{Place, Shell},
    words::{DroneName, Package},
};
use crate::{
    assets::Assets,
    config::Address,
    detail::{DroneRecord, PackageRecord},
    history::{HistoryQuery, Listing, comparison::Comparison},
    integrations::{badge::Picture, feed::FeedView},
    moment::Moment,
    templates::{self, TemplatesError},
};

/// What is sent when even the error page cannot be made.
const LAST_RESORT: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Command Center</title>\
    </head><body><p>This page cannot be shown.</p></body></html>\n";

/// All pages, ready to be rendered.
#[derive(Debug)]
pub(crate) struct Pages {
    tera: Tera,
    site: Site,
    address: Address,
}

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The templates cannot be used at all.
    #[error(transparent)]
    Templates(#[from] TemplatesError),
    /// A template and its view do not fit each other.
    #[error("page {page:?} cannot be rendered")]
    Render {
        /// The template.
        page: &'static str,
        /// Where it fails.
        #[source]
        source: tera::Error,
    },
}

/// Where the site is.
#[derive(Debug, Serialize)]
struct Site {
    /// The path under which it lives: empty, or without a slash at the end.
    base: String,
    /// What addresses below the base path begin with: absolute where somebody said where the public finds the site.
    root: String,
    /// The same, and nothing where nobody said it.
    public: Option<String>,
    /// Where its assets are.
    assets: String,
    /// The digest of the assets.
    build: String,
}

/// What a template sees.
#[derive(Debug, Serialize)]
struct PageContext<'a, P> {
    site: &'a Site,
    /// Nothing surrounds what is no page.
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<Shell>,
    page: P,
}

/// The view of an error.
#[derive(Debug, Serialize)]
struct ErrorView<'a> {
    status: u16,
    message: &'a str,
}

impl Pages {
    /// Parses every template and renders each with everything and with nothing.
    ///
    /// # Errors
    /// When a template is broken: at the start, and not when somebody asks for its page.
    pub(crate) fn new(address: Address, assets: &Assets) -> Result<Self, PagesError> {
        let base = address.base_path().as_str().to_owned();
        let build = assets.build().to_owned();
        let public = address.public_root();
        let root = public.clone().unwrap_or_else(|| base.clone());
        let site = Site { assets: format!("{base}/assets/{build}"), base, root, public, build };
        let pages = Self { tera: templates::load()?, site, address };
        rehearsal::rehearse(&pages)?;
        Ok(pages)
    }

    /// `/`
    ///
    /// # Errors
    /// When template and view do not fit, which [`Pages::new`] has ruled out as far as it can.
    pub(crate) fn dashboard(&self, moment: &Moment<'_>) -> Result<String, PagesError> {
        let view = DashboardView::of(Scene::of(moment));
        self.render("pages/dashboard.html", Self::shell(moment, Place::Dashboard), view)
    }

    /// `/queue`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn queue(&self, moment: &Moment<'_>) -> Result<String, PagesError> {
        let view = QueueView::of(Scene::of(moment));
        self.render("pages/queue.html", Self::shell(moment, Place::Queue), view)
    }

    /// `/history`, as far as `query` asks for it.
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn history(
        &self,
        moment: &Moment<'_>,
        query: &HistoryQuery,
        listing: &Listing,
    ) -> Result<String, PagesError> {
        let all = Comparison::of(query, moment.history);
        let view = HistoryView::of(Scene::of(moment), query, listing, &all);
        self.render("pages/history.html", Self::shell(moment, Place::History), view)
    }

    /// `/infrastructure`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn infrastructure(&self, moment: &Moment<'_>) -> Result<String, PagesError> {
        let view = InfrastructureView::of(Scene::of(moment));
        self.render("pages/infrastructure.html", Self::shell(moment, Place::Infrastructure), view)
    }

    /// `/about/data`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn about(&self, moment: &Moment<'_>) -> Result<String, PagesError> {
        let view = AboutView::of(Scene::of(moment));
        self.render("pages/about.html", Self::shell(moment, Place::About), view)
    }

    /// `/api`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn api(&self, moment: &Moment<'_>) -> Result<String, PagesError> {
        self.render("pages/api.html", Self::shell(moment, Place::Api), ApiView::of(Scene::of(moment)))
    }

    /// `/packages/{category}/{name}`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn package(
        &self,
        moment: &Moment<'_>,
        record: &PackageRecord<'_>,
    ) -> Result<String, PagesError> {
        let view = PackageView::of(Scene::of(moment), record);
        let name = format!("{}/{}", record.category, record.name);
        let path = package_path(&record.category, &record.name);
        let shell = Self::shell_about(moment, Place::Package, &name, path);
        self.render("pages/package.html", shell, view)
    }

    /// `/drones/{name}`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn drone(&self, moment: &Moment<'_>, record: &DroneRecord<'_>) -> Result<String, PagesError> {
        let view = DronePage::of(Scene::of(moment), record);
        let shell = Self::shell_about(moment, Place::Drone, &record.name, drone_path(&record.name));
        self.render("pages/drone.html", shell, view)
    }

    /// The page of an error: one fixed sentence, nothing that a client sent. From the snapshot it has only the ways on.
    pub(crate) fn error(&self, snapshot: &Snapshot, status: u16, message: &str) -> String {
        let shell = Shell::bare(snapshot, message);
        let page = self.render("pages/error.html", shell, ErrorView { status, message });
        page.unwrap_or_else(|_| LAST_RESORT.to_owned())
    }

    /// `/feed.xml`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn feed(&self, view: &FeedView) -> Result<String, PagesError> {
        self.render_bare("feed.xml", view)
    }

    /// `/badge/{name}.svg`
    ///
    /// # Errors
    /// As [`Pages::dashboard`].
    pub(crate) fn badge(&self, view: &Picture<'_>) -> Result<String, PagesError> {
        self.render_bare("badge.svg", view)
    }

    /// Where the site is.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    fn shell(moment: &Moment<'_>, place: Place) -> Shell {
        Shell::of(Scene::of(moment), place, moment.epoch, moment.seq)
    }

    fn shell_about(moment: &Moment<'_>, place: Place, name: &str, path: String) -> Shell {
        Shell::about(Scene::of(moment), place, (name, path), moment.epoch, moment.seq)
    }

    fn render_bare<P: Serialize>(&self, page: &'static str, view: P) -> Result<String, PagesError> {
        let failed = |source| PagesError::Render { page, source };
        let context = PageContext { site: &self.site, shell: None, page: view };
        let context = Context::from_serialize(&context).map_err(failed)?;
        self.tera.render(page, &context).map_err(failed)
    }

    fn render<P: Serialize>(&self, page: &'static str, shell: Shell, view: P) -> Result<String, PagesError> {
        let failed = |source| PagesError::Render { page, source };
        let context = PageContext { site: &self.site, shell: Some(shell), page: view };
        let context = Context::from_serialize(&context).map_err(failed)?;
        self.tera.render(page, &context).map_err(failed)
    }
}

/// The page of a package, below the base path.
pub(crate) fn package_path(category: &str, name: &str) -> String {
    Package::of(category, name, None).path
}

/// The page of a drone, below the base path.
pub(crate) fn drone_path(name: &str) -> String {
    DroneName::of(name).path
}

// === impl Scene ===

impl<'a> Scene<'a> {
    fn of(moment: &Moment<'a>) -> Self {
        Self { snapshot: moment.snapshot, now: moment.now }
    }
}
