//! What a Statuspage would answer, for the many programs that watch such pages.
//!
//! The form is theirs and not ours: it has no word for what is not known. So what nobody knows now is left out, a source
//! that is silent is a component that is down and an incident, and what is wrong with the swarm is said in the words of
//! the verdict. Only what goes on is told; what is over is in the feed.

mod component;
mod incident;

use serde::Serialize;
use snapshot::{section::SourceName, snapshot::Level, verdict};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use self::{component::Component, incident::Incident};
use super::id::Minter;
use crate::{config::Address, documents::form::Instant, moment::Moment};

/// `summary.json`
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageSummary)]
pub(crate) struct Summary {
    page: Page,
    components: Vec<Component>,
    incidents: Vec<Incident>,
    /// Nobody plans them here.
    #[schema(value_type = Vec<String>)]
    scheduled_maintenances: [(); 0],
    status: Indicator,
}

/// `status.json`
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageStatus)]
pub(crate) struct Status<'a> {
    #[schema(value_type = Page)]
    page: &'a Page,
    #[schema(value_type = Indicator)]
    status: &'a Indicator,
}

/// Whose page it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspagePage)]
struct Page {
    id: String,
    name: &'static str,
    /// Where people read it; empty while nobody says where the public finds the site.
    url: String,
    time_zone: &'static str,
    /// As of when: the last good answer of the orchestrator.
    updated_at: Instant,
}

/// All of it in a word and a sentence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageIndicator)]
struct Indicator {
    #[schema(schema_with = indicators)]
    indicator: &'static str,
    description: String,
}

impl Summary {
    pub(crate) fn of(moment: &Moment<'_>, address: &Address, minter: &Minter) -> Self {
        let page = Page::of(moment, address, minter);
        Self {
            components: component::components(moment, minter, &page.id),
            incidents: incident::incidents(moment, minter, &page.id, &page.url),
            scheduled_maintenances: [],
            status: Indicator::of(moment),
            page,
        }
    }
}

impl<'a> Status<'a> {
    pub(crate) fn of(summary: &'a Summary) -> Self {
        Self { page: &summary.page, status: &summary.status }
    }
}

impl Page {
    fn of(moment: &Moment<'_>, address: &Address, minter: &Minter) -> Self {
        let orchestrator = moment.snapshot.sources.get(SourceName::Orchestrator);
        let seen = orchestrator.and_then(|source| source.last_seen).map(|seen| seen.at);
        Self {
            id: minter.short(&[&"page"]),
            name: "Command Center",
            url: address.public_root().map(|root| format!("{root}/")).unwrap_or_default(),
            time_zone: "Etc/UTC",
            updated_at: Instant(seen.unwrap_or(moment.snapshot.started_at)),
        }
    }
}

/// How bad it can be.
fn indicators() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["none", "minor", "critical"])).build()
}

impl Indicator {
    fn of(moment: &Moment<'_>) -> Self {
        let verdict = verdict::verdict(moment.snapshot, moment.now);
        let indicator = match verdict.level {
            Level::Ok | Level::Note => "none",
            // Not known is neither well nor down.
            Level::Warning | Level::Unknown => "minor",
            Level::Critical => "critical",
        };
        Self { indicator, description: verdict.text.plain(moment.now.wall) }
    }
}
