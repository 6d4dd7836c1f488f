//! The steps of a delta as they are written.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeMap};
use snapshot::{
    delta::{BuildField, BuildList, Edit, ItemField, ItemList, MetaField, Operation, Row},
    history::{self, BuildId},
    queue::{self, Reason},
};

use crate::documents::{
    form::Instant,
    item::{Build, Drain, Estimate, QueueItem},
    queue::Truncated,
};

/// Writes steps one after the other, without the brackets of a list.
///
/// # Errors
/// When one cannot be written, which nothing of ours can cause.
pub(super) fn list(operations: &[Operation]) -> Result<Vec<u8>, serde_json::Error> {
    let mut list = serde_json::to_vec(&operations.iter().map(Step).collect::<Vec<_>>())?;
    list.pop();
    list.remove(0);
    Ok(list)
}

/// One step.
struct Step<'a>(&'a Operation);

/// Fields by their names.
struct Set<'a, F>(&'a [F]);

/// A field that is written under its name.
trait Field {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// A row as it is written.
trait Shown: Row<Field: Field> {
    fn id_text(id: &Self::Id) -> &str;
    fn list_word(list: Self::List) -> &'static str;
    fn view(&self) -> impl Serialize;
}

fn write_edit<R: Shown, S: Serializer>(edit: &Edit<R>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    match edit {
        Edit::Add { list, before, row } => {
            map.serialize_entry("op", "add")?;
            map.serialize_entry("list", R::list_word(*list))?;
            map.serialize_entry("before", &before.as_ref().map(R::id_text))?;
            map.serialize_entry("item", &row.view())?;
        }
        Edit::Remove { list, id } => {
            map.serialize_entry("op", "remove")?;
            map.serialize_entry("list", R::list_word(*list))?;
            map.serialize_entry("id", R::id_text(id))?;
        }
        Edit::Change { list, id, set } => {
            map.serialize_entry("op", "change")?;
            map.serialize_entry("list", R::list_word(*list))?;
            map.serialize_entry("id", R::id_text(id))?;
            map.serialize_entry("set", &Set(set))?;
        }
        Edit::Move { from, to, id, before, set } => {
            map.serialize_entry("op", "move")?;
            map.serialize_entry("from", R::list_word(*from))?;
            map.serialize_entry("to", R::list_word(*to))?;
            map.serialize_entry("id", R::id_text(id))?;
            map.serialize_entry("before", &before.as_ref().map(R::id_text))?;
            map.serialize_entry("set", &Set(set))?;
        }
    }
    map.end()
}

// === impl Serialize ===

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Operation::Item(edit) => write_edit(edit, serializer),
            Operation::Build(edit) => write_edit(edit, serializer),
            Operation::Meta(set) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("op", "meta")?;
                map.serialize_entry("set", &Set(set))?;
                map.end()
            }
        }
    }
}

impl<F: Field> Serialize for Set<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            field.write(&mut map)?;
        }
        map.end()
    }
}

// === impl Shown ===

impl Shown for queue::QueueItem {
    fn id_text(id: &Arc<str>) -> &str {
        id
    }

    fn list_word(list: ItemList) -> &'static str {
        list.as_str()
    }

    fn view(&self) -> impl Serialize {
        QueueItem::of(self)
    }
}

impl Shown for Arc<history::Build> {
    fn id_text(id: &BuildId) -> &str {
        id.as_str()
    }

    fn list_word(list: BuildList) -> &'static str {
        list.as_str()
    }

    fn view(&self) -> impl Serialize {
        Build::of(self)
    }
}

// === impl Field ===

impl Field for ItemField {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Package(package) => {
                map.serialize_entry("package", &package.as_ref().map(|package| package.as_str()))
            }
            Self::State(state) => map.serialize_entry("state", state.as_str()),
            Self::Reason(reason) => map.serialize_entry("reason", &reason.map(Reason::as_str)),
            Self::Drone(drone) => map.serialize_entry("drone", &drone.as_ref().map(|name| name.as_str())),
            Self::Failures(failures) => map.serialize_entry("failures", failures),
            Self::AssignedAt(at) => map.serialize_entry("assigned_at", &at.map(Instant)),
            Self::StartedAt(at) => map.serialize_entry("started_at", &at.map(Instant)),
            Self::Estimate(estimate) => map.serialize_entry("estimate", &estimate.as_ref().map(Estimate::of)),
            Self::ExpectedStartAt(at) => map.serialize_entry("expected_start_at", &at.map(Instant)),
            Self::ExpectedFinishAt(at) => map.serialize_entry("expected_finish_at", &at.map(Instant)),
        }
    }
}

impl Field for BuildField {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Package(package) => {
                map.serialize_entry("package", &package.as_ref().map(|package| package.as_str()))
            }
            Self::Drone(drone) => map.serialize_entry("drone", &drone.as_ref().map(|name| name.as_str())),
            Self::Status(status) => map.serialize_entry("status", status.as_str()),
            Self::DurationSeconds(seconds) => map.serialize_entry("duration_seconds", seconds),
            Self::FinishedAt(at) => map.serialize_entry("finished_at", &Instant(*at)),
        }
    }
}

impl Field for MetaField {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Paused(paused) => map.serialize_entry("paused", paused),
            Self::Scope(scope) => map.serialize_entry("scope", scope.as_str()),
            Self::Drain(drain) => map.serialize_entry("drain", &drain.as_ref().map(Drain::of)),
            Self::Truncated(truncated) => map.serialize_entry("truncated", &Truncated::of(*truncated)),
        }
    }
}
