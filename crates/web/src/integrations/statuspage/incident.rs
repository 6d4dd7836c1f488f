//! The incidents that go on: outages, and what the operator announces.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    notice::{self, Beside, NoticeCode},
    outage::{self, Outage, Subject},
    section::SourceName,
    sentence::time_of_day,
    snapshot::Level,
};
use utoipa::ToSchema;

use super::component;
use crate::{documents::form::Instant, integrations::id::Minter, moment::Moment};

/// Something that goes wrong, or that the operator wants to be known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageIncident)]
pub(super) struct Incident {
    id: String,
    name: String,
    status: &'static str,
    created_at: Instant,
    updated_at: Instant,
    monitoring_at: Option<Instant>,
    resolved_at: Option<Instant>,
    impact: &'static str,
    shortlink: String,
    started_at: Instant,
    page_id: String,
    #[schema(value_type = Vec<Update>)]
    incident_updates: [Update; 1],
    /// In full they are among the components.
    #[schema(value_type = Vec<String>)]
    components: [(); 0],
}

/// What is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageUpdate)]
struct Update {
    id: String,
    status: &'static str,
    body: String,
    incident_id: String,
    created_at: Instant,
    updated_at: Instant,
    display_at: Instant,
    affected_components: Vec<Affected>,
    deliver_notifications: bool,
    custom_tweet: Option<&'static str>,
    tweet_id: Option<&'static str>,
}

/// What it is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageAffected)]
struct Affected {
    code: String,
    name: String,
    old_status: &'static str,
    new_status: &'static str,
}

/// What an incident is made of.
struct Draft {
    id: String,
    name: String,
    status: &'static str,
    impact: &'static str,
    since: Timestamp,
    affected: Vec<Affected>,
}

/// Those that go on.
pub(super) fn incidents(moment: &Moment<'_>, minter: &Minter, page: &str, url: &str) -> Vec<Incident> {
    let announced = announcement(moment, minter).into_iter();
    let outages = outage::ongoing(moment.snapshot, moment.now);
    let outages = outages.iter().map(|outage| Draft::of(outage, moment, minter));
    announced.chain(outages).map(|draft| draft.written(minter, page, url)).collect()
}

fn announcement(moment: &Moment<'_>, minter: &Minter) -> Option<Draft> {
    let notices = notice::notices(moment.snapshot, &[], Beside::Verdict, moment.now);
    let notice = notices.into_iter().find(|notice| notice.code == NoticeCode::Operator)?;
    let text = notice.text.plain(moment.now.wall);
    Some(Draft {
        id: minter.short(&[&"announcement", &text]),
        name: text,
        status: "identified",
        impact: match notice.level {
            Level::Critical => "critical",
            Level::Warning => "minor",
            Level::Ok | Level::Note | Level::Unknown => "none",
        },
        since: notice.since,
        affected: Vec::new(),
    })
}

impl Draft {
    fn of(outage: &Outage, moment: &Moment<'_>, minter: &Minter) -> Self {
        let Outage { subject, from, .. } = outage;
        let (kind, name, since) = (subject.kind(), subject.name(), time_of_day(*from, moment.now.wall));
        let (text, impact) = match subject {
            Subject::Source(SourceName::Orchestrator) => ("silent", "critical"),
            Subject::Source(SourceName::Gateway) => ("silent", "major"),
            Subject::Source(_) => ("silent", "minor"),
            Subject::Drone(_) => ("offline", "minor"),
            Subject::Host(_) | Subject::Service(_) => ("down", "major"),
        };
        let affected = Affected {
            code: component::id(minter, &kind, &name),
            name: name.to_owned(),
            old_status: "operational",
            new_status: "major_outage",
        };
        Self {
            id: minter.short(&[&"outage", &kind, &name, from]),
            name: format!("{name} {text} since {since}"),
            status: "investigating",
            impact,
            since: *from,
            affected: vec![affected],
        }
    }

    fn written(self, minter: &Minter, page: &str, url: &str) -> Incident {
        let Self { id, name, status, impact, since, affected } = self;
        let at = Instant(since);
        let update = Update {
            id: minter.short(&[&"update", &id]),
            status,
            body: format!("{name}."),
            incident_id: id.clone(),
            created_at: at,
            updated_at: at,
            display_at: at,
            affected_components: affected,
            deliver_notifications: false,
            custom_tweet: None,
            tweet_id: None,
        };
        Incident {
            id,
            name,
            status,
            created_at: at,
            updated_at: at,
            monitoring_at: None,
            resolved_at: None,
            impact,
            shortlink: url.to_owned(),
            started_at: at,
            page_id: page.to_owned(),
            incident_updates: [update],
            components: [],
        }
    }
}
