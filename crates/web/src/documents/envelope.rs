//! What all documents have around their data.
//!
//! Content is what a reader learns; stamps say how new it is. Only another content, or the passing of a while, makes
//! another document.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::RawValue;
use snapshot::{
    clock::{Now, add, whole_second},
    notice,
    section::{Fault, Observation, SourceName, SourceState},
    situation::Situation,
    snapshot::{Level, Snapshot},
    status::{self, DocumentStatus},
    verdict,
};
use utoipa::ToSchema;

use super::{
    Kind, REPLACED_WITHIN,
    form::{Entries, Instant},
};
use crate::moment::Moment;

/// What a reader learns.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    status: DocumentStatus,
    data: Arc<RawValue>,
    sources: Vec<SourceContent>,
    notices: Vec<Notice>,
}

/// How new a document is.
#[derive(Debug, Clone)]
pub(crate) struct Stamps {
    timestamp: Option<Timestamp>,
    changed_at: Option<Timestamp>,
    /// Newer bytes exist by then.
    pub(crate) expected_next: Timestamp,
    sources: Vec<SourceStamps>,
}

/// A document as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'a> {
    /// What a reader learns.
    pub(crate) content: &'a Content,
    /// How new it is.
    pub(crate) stamps: &'a Stamps,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SourceContent {
    name: SourceName,
    state: SourceState,
    since: Timestamp,
    fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy)]
struct SourceStamps {
    last_seen: Option<Timestamp>,
    checked_at: Option<Timestamp>,
}

/// Something that a whole page should say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Notice {
    #[schema(schema_with = crate::openapi::words::notice_code)]
    code: &'static str,
    #[schema(schema_with = crate::openapi::words::level)]
    level: &'static str,
    text: String,
    since: Instant,
}

/// A source, and how fresh it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Source {
    #[schema(schema_with = crate::openapi::words::source_state)]
    state: &'static str,
    since: Instant,
    last_seen: Option<Instant>,
    checked_at: Option<Instant>,
    #[schema(schema_with = crate::openapi::words::maybe_fault)]
    fault: Option<&'static str>,
}

impl Content {
    pub(super) fn of(kind: Kind, moment: &Moment<'_>, data: Arc<RawValue>) -> Self {
        let Moment { snapshot, now, .. } = moment;
        let source = |(name, source): (SourceName, &Observation)| SourceContent {
            name,
            state: source.state(*now),
            since: whole_second(source.since(*now)),
            fault: source.fault,
        };
        let notice = |notice: notice::Notice| Notice {
            code: notice.code.as_str(),
            level: Level::as_str(notice.level),
            text: notice.text.plain(now.wall),
            since: Instant(whole_second(notice.since)),
        };
        let notices = notice::notices(snapshot, kind.sources(), kind.beside(), *now);
        Self {
            status: status::document_status(snapshot, kind.ranked_sources(), *now),
            data,
            sources: configured(kind, moment).map(source).collect(),
            notices: notices.into_iter().map(notice).collect(),
        }
    }

    /// The same with other data: another part of the same document.
    pub(crate) fn with_data(&self, data: Arc<RawValue>) -> Self {
        Self { data, ..self.clone() }
    }
}

impl Stamps {
    pub(super) fn of(kind: Kind, moment: &Moment<'_>, content: &Content) -> Self {
        let sources: Vec<_> = configured(kind, moment)
            .map(|(_, source)| SourceStamps {
                last_seen: source.last_seen.map(|seen| seen.at),
                checked_at: source.checked_at,
            })
            .collect();
        Self {
            timestamp: sources.iter().filter_map(|source| source.last_seen).min(),
            changed_at: changed_at(kind, moment, content),
            expected_next: add(whole_second(moment.now.wall), REPLACED_WITHIN),
            sources,
        }
    }

    /// A content that is another one changed now, unless it says since when; the time of change never goes back.
    pub(super) fn follow(&mut self, previous: &Self, is_same: bool, now: Now) {
        let known = self.changed_at.max(previous.changed_at);
        let is_untold = !is_same && known == previous.changed_at && known.is_some();
        self.changed_at = if is_untold { Some(now.wall) } else { known };
    }
}

/// When anything that the document shows became what it is; `None` when nothing was ever known.
fn changed_at(kind: Kind, moment: &Moment<'_>, content: &Content) -> Option<Timestamp> {
    let Moment { snapshot, now, .. } = moment;
    let sections = sections(kind, snapshot);
    let sources = || configured(kind, moment).map(|(_, source)| source);
    let is_known = sections.iter().any(Option::is_some) || sources().any(|source| source.last_seen.is_some());
    if !is_known {
        return None;
    }
    let states = content.sources.iter().filter(|source| source.state != SourceState::Unknown);
    let judged = (kind == Kind::BuildSwarm).then(|| {
        let status = status::swarm_status(&Situation::of(snapshot, *now));
        let verdict = verdict::code(snapshot, *now);
        [
            status::swarm_status_since(snapshot, status, *now),
            Some(verdict::code_since(snapshot, verdict, *now)),
        ]
    });
    let since = states.map(|source| source.since).chain(content.notices.iter().map(|notice| notice.since.0));
    let told = sections.iter().copied().chain(judged.into_iter().flatten()).flatten();
    let faults = sources().filter_map(|source| source.fault_since);
    since.chain(told).chain(faults).max()
}

/// When each section changed on which a document rests; there are at most four.
pub(super) fn sections(kind: Kind, snapshot: &Snapshot) -> [Option<Timestamp>; 4] {
    let Snapshot { fleet, control, queue, history, metrics, probes, logs, .. } = snapshot;
    match kind {
        Kind::BuildSwarm => [fleet.changed_at, control.changed_at, queue.changed_at, history.changed_at],
        Kind::BuildHistory => [history.changed_at, None, None, None],
        Kind::Queue => [queue.changed_at, None, None, None],
        Kind::Infrastructure => [metrics.changed_at, probes.changed_at, logs.changed_at, None],
        Kind::Package => [queue.changed_at, history.changed_at, None, None],
        Kind::Drone => [fleet.changed_at, queue.changed_at, history.changed_at, metrics.changed_at],
    }
}

/// The sources of a document that are configured, in the order in which they are told.
fn configured<'a>(
    kind: Kind,
    moment: &Moment<'a>,
) -> impl Iterator<Item = (SourceName, &'a Observation)> + use<'a> {
    let sources = &moment.snapshot.sources;
    kind.sources().iter().filter_map(|name| Some((*name, sources.get(*name)?)))
}

// === impl Content ===

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        let is_same_data = Arc::ptr_eq(&self.data, &other.data) || self.data.get() == other.data.get();
        self.status == other.status
            && is_same_data
            && self.sources == other.sources
            && self.notices == other.notices
    }
}

// === impl Envelope ===

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { content, stamps } = self;
        let source = |(content, stamps): (&SourceContent, &SourceStamps)| {
            let source = Source {
                state: content.state.as_str(),
                since: Instant(content.since),
                last_seen: stamps.last_seen.map(Instant),
                checked_at: stamps.checked_at.map(Instant),
                fault: content.fault.map(Fault::as_str),
            };
            (content.name.as_str(), source)
        };
        let sources: Vec<_> = content.sources.iter().zip(&stamps.sources).map(source).collect();
        let mut document = serializer.serialize_struct("Envelope", 7)?;
        document.serialize_field("status", content.status.as_str())?;
        document.serialize_field("timestamp", &stamps.timestamp.map(Instant))?;
        document.serialize_field("changed_at", &stamps.changed_at.map(Instant))?;
        document.serialize_field("expected_next", &Instant(stamps.expected_next))?;
        document.serialize_field("data", &content.data)?;
        document.serialize_field("sources", &Entries(&sources))?;
        document.serialize_field("notices", &content.notices)?;
        document.end()
    }
}
