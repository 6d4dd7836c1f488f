//! How one queue becomes the next: typed operations, and the two pure functions that find and apply them.
//!
//! Whoever has the previous queue and applies the operations in order has the next one, exactly. Rows are known by
//! their public ids; a row that goes from one list to another is moved and stays the same row.
//!
//! Both directions take one pass with hash maps: time and memory grow with the rows and the operations together, never
//! with their product.
//!
//! - `row` what a queue is made of: rows in lists, and the fields of each
//! - `difference` finds the operations
//! - `order` which rows of a list can stay where they are
//! - `application` applies the operations

mod application;
mod difference;
mod order;
mod row;

use std::sync::Arc;

use crate::{
    history::Build,
    queue::{Counts, Queue, QueueItem},
};

pub use self::{
    application::ApplyError,
    row::{BuildField, BuildList, ItemField, ItemList, MetaField, Row},
};

/// The way from one queue to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    /// What to do, in this order.
    pub operations: Vec<Operation>,
    /// The counts, if they are others.
    pub counts: Option<Counts>,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// An item of the queue.
    Item(Edit<QueueItem>),
    /// A finished build.
    Build(Edit<Arc<Build>>),
    /// What is said of the queue as a whole: only what is another.
    Meta(Vec<MetaField>),
}

/// A change of one row. Each id is there at its turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit<R: Row> {
    /// A row comes in before the one with that id; `None` = at the end.
    Add {
        /// Where to.
        list: R::List,
        /// What it stands before.
        before: Option<R::Id>,
        /// All of it.
        row: R,
    },
    /// A row leaves.
    Remove {
        /// Where from.
        list: R::List,
        /// Which one.
        id: R::Id,
    },
    /// A row stays where it is.
    Change {
        /// Where it is.
        list: R::List,
        /// Which one.
        id: R::Id,
        /// The fields that are others; at least one.
        set: Vec<R::Field>,
    },
    /// A row goes elsewhere, into another list or within its own.
    Move {
        /// Where from.
        from: R::List,
        /// Where to.
        to: R::List,
        /// Which one.
        id: R::Id,
        /// What it stands before afterwards; `None` = at the end.
        before: Option<R::Id>,
        /// The fields that are others; may be none.
        set: Vec<R::Field>,
    },
}

/// The way from `previous` to `next`; `None` if it cannot be said, because a queue has two rows of one id.
#[must_use]
pub fn diff(previous: &Queue, next: &Queue) -> Option<Delta> {
    let mut operations = Vec::new();
    operations.extend(difference::edits(previous, next)?.into_iter().map(Operation::Item));
    operations.extend(difference::edits(previous, next)?.into_iter().map(Operation::Build));
    let meta = row::meta(previous, next);
    if !meta.is_empty() {
        operations.push(Operation::Meta(meta));
    }
    Some(Delta { operations, counts: (previous.counts != next.counts).then_some(next.counts) })
}

impl Delta {
    /// Whether it leads nowhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.counts.is_none()
    }

    /// Goes the way.
    ///
    /// # Errors
    /// When it does not begin at this queue; the queue is then as it was.
    pub fn apply(&self, queue: &mut Queue) -> Result<(), ApplyError> {
        let items = self.operations.iter().filter_map(|operation| match operation {
            Operation::Item(edit) => Some(edit),
            Operation::Build(_) | Operation::Meta(_) => None,
        });
        let builds = self.operations.iter().filter_map(|operation| match operation {
            Operation::Build(edit) => Some(edit),
            Operation::Item(_) | Operation::Meta(_) => None,
        });
        let (items, builds) = (application::applied(queue, items)?, application::applied(queue, builds)?);
        row::replace(queue, items);
        row::replace(queue, builds);
        for operation in &self.operations {
            if let Operation::Meta(set) = operation {
                row::set_meta(queue, set);
            }
        }
        if let Some(counts) = self.counts {
            queue.counts = counts;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
