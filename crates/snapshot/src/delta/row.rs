//! What a queue is made of: rows in lists, the fields of each, and the fields of the whole.

use std::{fmt::Debug, hash::Hash, sync::Arc};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;

use crate::{
    estimate::{Drain, Estimate},
    history::{Build, BuildId, BuildStatus},
    queue::{ItemState, Queue, QueueItem, Reason, Scope, Truncated},
};

/// A row of a list of the queue. Ids are unique among all lists of its kind.
pub trait Row: Clone {
    /// What it is known by.
    type Id: Debug + Clone + PartialEq + Eq + Hash;
    /// Where it can be.
    type List: Debug + Copy + PartialEq + Eq + 'static;
    /// A field other than the id, and its value.
    type Field: Debug + Clone + PartialEq;

    /// All lists of the kind.
    const LISTS: &'static [Self::List];

    /// The id.
    fn id(&self) -> &Self::Id;

    /// The rows of a list.
    fn rows(queue: &Queue, list: Self::List) -> &[Self];

    /// The rows of a list, to be replaced.
    fn rows_mut(queue: &mut Queue, list: Self::List) -> &mut Vec<Self>;

    /// The fields in which `next` is another.
    fn changes(&self, next: &Self) -> Vec<Self::Field>;

    /// Replaces fields.
    fn set(&mut self, fields: &[Self::Field]);
}

/// A list of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemList {
    /// Waiting.
    Pending,
    /// Handed to drones.
    Building,
    /// Held back.
    Blocked,
}

/// A list of builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuildList {
    /// The newest ones.
    Recent,
}

/// A field of an item, by the name that it has there.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the field of the same name")]
pub enum ItemField {
    Package(Option<PackageAtom>),
    State(ItemState),
    Reason(Option<Reason>),
    Drone(Option<PublicName>),
    Failures(u32),
    AssignedAt(Option<Timestamp>),
    StartedAt(Option<Timestamp>),
    Estimate(Option<Estimate>),
    ExpectedStartAt(Option<Timestamp>),
    ExpectedFinishAt(Option<Timestamp>),
}

/// A field of a build, by the name that it has there.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the field of the same name")]
pub enum BuildField {
    Package(Option<PackageAtom>),
    Drone(Option<PublicName>),
    Status(BuildStatus),
    DurationSeconds(Option<u32>),
    FinishedAt(Timestamp),
}

/// A field of the queue as a whole, by the name that it has there.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is the field of the same name")]
pub enum MetaField {
    Paused(Option<bool>),
    Scope(Scope),
    Drain(Option<Drain>),
    Truncated(Truncated),
}

/// The fields of the whole in which `next` is another. The lists and the counts are told otherwise.
pub(super) fn meta(previous: &Queue, next: &Queue) -> Vec<MetaField> {
    let Queue { paused, scope, drain, truncated, counts: _, pending: _, building: _, blocked: _, recent: _ } =
        next;
    let mut fields = Vec::new();
    note(&mut fields, &previous.paused, paused, MetaField::Paused);
    note(&mut fields, &previous.scope, scope, MetaField::Scope);
    note(&mut fields, &previous.drain, drain, MetaField::Drain);
    note(&mut fields, &previous.truncated, truncated, MetaField::Truncated);
    fields
}

/// Replaces fields of the whole.
pub(super) fn set_meta(queue: &mut Queue, fields: &[MetaField]) {
    for field in fields {
        match field {
            MetaField::Paused(paused) => queue.paused = *paused,
            MetaField::Scope(scope) => queue.scope = *scope,
            MetaField::Drain(drain) => queue.drain = *drain,
            MetaField::Truncated(truncated) => queue.truncated = *truncated,
        }
    }
}

/// Puts lists of one kind in place, in the order in which the kind has them.
pub(super) fn replace<R: Row>(queue: &mut Queue, lists: Option<Vec<Vec<R>>>) {
    for (list, rows) in R::LISTS.iter().zip(lists.into_iter().flatten()) {
        *R::rows_mut(queue, *list) = rows;
    }
}

fn note<T: PartialEq + Clone, F>(fields: &mut Vec<F>, old: &T, new: &T, field: fn(T) -> F) {
    if old != new {
        fields.push(field(new.clone()));
    }
}

impl ItemList {
    /// The word in frames.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Building => "building",
            Self::Blocked => "blocked",
        }
    }
}

impl BuildList {
    /// The word in frames.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recent => "recent",
        }
    }
}

// === impl Row ===

impl Row for QueueItem {
    type Id = Arc<str>;
    type List = ItemList;
    type Field = ItemField;

    const LISTS: &'static [ItemList] = &[ItemList::Pending, ItemList::Building, ItemList::Blocked];

    fn id(&self) -> &Arc<str> {
        &self.id
    }

    fn rows(queue: &Queue, list: ItemList) -> &[Self] {
        match list {
            ItemList::Pending => &queue.pending,
            ItemList::Building => &queue.building,
            ItemList::Blocked => &queue.blocked,
        }
    }

    fn rows_mut(queue: &mut Queue, list: ItemList) -> &mut Vec<Self> {
        match list {
            ItemList::Pending => &mut queue.pending,
            ItemList::Building => &mut queue.building,
            ItemList::Blocked => &mut queue.blocked,
        }
    }

    fn changes(&self, next: &Self) -> Vec<ItemField> {
        let Self {
            id: _,
            package,
            state,
            reason,
            drone,
            failures,
            assigned_at,
            started_at,
            estimate,
            expected_start_at,
            expected_finish_at,
        } = next;
        let mut fields = Vec::new();
        note(&mut fields, &self.package, package, ItemField::Package);
        note(&mut fields, &self.state, state, ItemField::State);
        note(&mut fields, &self.reason, reason, ItemField::Reason);
        note(&mut fields, &self.drone, drone, ItemField::Drone);
        note(&mut fields, &self.failures, failures, ItemField::Failures);
        note(&mut fields, &self.assigned_at, assigned_at, ItemField::AssignedAt);
        note(&mut fields, &self.started_at, started_at, ItemField::StartedAt);
        note(&mut fields, &self.estimate, estimate, ItemField::Estimate);
        note(&mut fields, &self.expected_start_at, expected_start_at, ItemField::ExpectedStartAt);
        note(&mut fields, &self.expected_finish_at, expected_finish_at, ItemField::ExpectedFinishAt);
        fields
    }

    fn set(&mut self, fields: &[ItemField]) {
        for field in fields {
            match field {
                ItemField::Package(package) => self.package.clone_from(package),
                ItemField::State(state) => self.state = *state,
                ItemField::Reason(reason) => self.reason = *reason,
                ItemField::Drone(drone) => self.drone.clone_from(drone),
                ItemField::Failures(failures) => self.failures = *failures,
                ItemField::AssignedAt(at) => self.assigned_at = *at,
                ItemField::StartedAt(at) => self.started_at = *at,
                ItemField::Estimate(estimate) => self.estimate = *estimate,
                ItemField::ExpectedStartAt(at) => self.expected_start_at = *at,
                ItemField::ExpectedFinishAt(at) => self.expected_finish_at = *at,
            }
        }
    }
}

impl Row for Arc<Build> {
    type Id = BuildId;
    type List = BuildList;
    type Field = BuildField;

    const LISTS: &'static [BuildList] = &[BuildList::Recent];

    fn id(&self) -> &BuildId {
        &self.id
    }

    fn rows(queue: &Queue, list: BuildList) -> &[Self] {
        match list {
            BuildList::Recent => &queue.recent,
        }
    }

    fn rows_mut(queue: &mut Queue, list: BuildList) -> &mut Vec<Self> {
        match list {
            BuildList::Recent => &mut queue.recent,
        }
    }

    fn changes(&self, next: &Self) -> Vec<BuildField> {
        let Build { id: _, package, drone, status, duration_seconds, finished_at } = &**next;
        let mut fields = Vec::new();
        note(&mut fields, &self.package, package, BuildField::Package);
        note(&mut fields, &self.drone, drone, BuildField::Drone);
        note(&mut fields, &self.status, status, BuildField::Status);
        note(&mut fields, &self.duration_seconds, duration_seconds, BuildField::DurationSeconds);
        note(&mut fields, &self.finished_at, finished_at, BuildField::FinishedAt);
        fields
    }

    fn set(&mut self, fields: &[BuildField]) {
        let build = Self::make_mut(self);
        for field in fields {
            match field {
                BuildField::Package(package) => build.package.clone_from(package),
                BuildField::Drone(drone) => build.drone.clone_from(drone),
                BuildField::Status(status) => build.status = *status,
                BuildField::DurationSeconds(seconds) => build.duration_seconds = *seconds,
                BuildField::FinishedAt(at) => build.finished_at = *at,
            }
        }
    }
}
