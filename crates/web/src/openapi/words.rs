//! The closed words of documents as schemas: written by the types that write the documents.

use snapshot::{
    control::SessionState,
    estimate::Basis,
    fleet::{DroneState, Role},
    history::BuildStatus,
    infrastructure::{FillLevel, Measure, Reachability, Severity},
    notice::NoticeCode,
    queue::{ItemState, Reason, Scope},
    section::{Fault, SourceState},
    snapshot::Level,
    status::{DocumentStatus, SwarmStatus},
    verdict::VerdictCode,
};
use utoipa::openapi::{Object, ObjectBuilder, Type, schema::SchemaType};

use crate::history::query::{Order, Sort};

/// What may stand at a place: one of these words, or nothing where nobody knows.
fn words<const N: usize>(words: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

fn maybe<const N: usize>(words: [&'static str; N]) -> Object {
    let words = words.into_iter().map(Some).chain([None]);
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(types).enum_values(Some(words)).build()
}

const SOURCE_STATES: [&str; 4] = [
    SourceState::Online.as_str(),
    SourceState::Stale.as_str(),
    SourceState::Offline.as_str(),
    SourceState::Unknown.as_str(),
];
const FILL_LEVELS: [&str; 3] =
    [FillLevel::Ok.as_str(), FillLevel::High.as_str(), FillLevel::Critical.as_str()];

pub(crate) fn document_status() -> Object {
    use DocumentStatus::{Offline, Ok, Stale, Unknown};
    words([Ok, Stale, Offline, Unknown].map(DocumentStatus::as_str))
}

pub(crate) fn swarm_status() -> Object {
    use SwarmStatus::{Active, Degraded, Idle, Offline, Paused, Unknown};
    words([Active, Idle, Paused, Degraded, Offline, Unknown].map(SwarmStatus::as_str))
}

pub(crate) fn source_state() -> Object {
    words(SOURCE_STATES)
}

pub(crate) fn maybe_source_state() -> Object {
    maybe(SOURCE_STATES)
}

pub(crate) fn maybe_fault() -> Object {
    maybe(Fault::ALL.map(Fault::as_str))
}

pub(crate) fn level() -> Object {
    use Level::{Critical, Note, Ok, Unknown, Warning};
    words([Ok, Note, Warning, Critical, Unknown].map(Level::as_str))
}

pub(crate) fn verdict_code() -> Object {
    words(VerdictCode::ALL.map(VerdictCode::as_str))
}

pub(crate) fn notice_code() -> Object {
    words(NoticeCode::ALL.map(NoticeCode::as_str))
}

pub(crate) fn session_state() -> Object {
    use SessionState::{Aborted, Active, Completed};
    words([Active, Completed, Aborted].map(SessionState::as_str))
}

pub(crate) fn role() -> Object {
    words([Role::Drone, Role::Sweeper].map(Role::as_str))
}

pub(crate) fn drone_state() -> Object {
    use DroneState::{Building, Grounded, Idle, Offline, Paused, Unknown};
    let grounded = Grounded { until: jiff::Timestamp::UNIX_EPOCH };
    words([Offline, Paused, grounded, Building, Idle, Unknown].map(DroneState::as_str))
}

pub(crate) fn item_state() -> Object {
    words(ItemState::ALL.map(ItemState::as_str))
}

pub(crate) fn maybe_reason() -> Object {
    maybe(Reason::ALL.map(Reason::as_str))
}

pub(crate) fn maybe_scope() -> Object {
    maybe([Scope::Session, Scope::All].map(Scope::as_str))
}

pub(crate) fn basis() -> Object {
    words(Basis::ALL.map(Basis::as_str))
}

pub(crate) fn build_status() -> Object {
    words(BuildStatus::ALL.map(BuildStatus::as_str))
}

pub(crate) fn reachability() -> Object {
    use Reachability::{Degraded, Down, Unknown, Up};
    words([Up, Degraded, Down, Unknown].map(Reachability::as_str))
}

pub(crate) fn maybe_fill_level() -> Object {
    maybe(FILL_LEVELS)
}

pub(crate) fn measure() -> Object {
    words([Measure::Probe, Measure::Prometheus].map(Measure::as_str))
}

pub(crate) fn severity() -> Object {
    words(Severity::ALL.map(Severity::as_str))
}

pub(crate) fn sort() -> Object {
    words([Sort::FinishedAt, Sort::Duration].map(Sort::as_str))
}

pub(crate) fn order() -> Object {
    words([Order::Asc, Order::Desc].map(Order::as_str))
}
