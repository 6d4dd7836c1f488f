//! Finds the edits that make the rows of one queue those of another.
//!
//! Rows that leave are taken out first. Then each list of the next queue is gone through from its end towards its start,
//! so that the row that another one is to stand before is already where it belongs. A row that waits to be moved out
//! may stand anywhere meanwhile: every other row is placed relative to rows that stay.

use std::collections::HashMap;

use super::{Edit, order::staying, row::Row};
use crate::queue::Queue;

/// Where a row is.
struct Place<'a, R: Row> {
    list: R::List,
    idx: usize,
    row: &'a R,
}

type Places<'a, R> = HashMap<&'a <R as Row>::Id, Place<'a, R>>;

/// The edits, in their order; `None` if a queue has two rows of one id.
pub(super) fn edits<R: Row>(previous: &Queue, next: &Queue) -> Option<Vec<Edit<R>>> {
    let (old, new) = (places::<R>(previous)?, places::<R>(next)?);
    let mut edits = Vec::new();
    for list in R::LISTS {
        let leaving = R::rows(previous, *list).iter().filter(|row| !new.contains_key(row.id()));
        edits.extend(leaving.map(|row| Edit::Remove { list: *list, id: row.id().clone() }));
    }
    for list in R::LISTS {
        arrange(&old, *list, R::rows(next, *list), &mut edits);
    }
    Some(edits)
}

fn places<R: Row>(queue: &Queue) -> Option<Places<'_, R>> {
    let n_rows = R::LISTS.iter().map(|list| R::rows(queue, *list).len()).sum();
    let mut places = HashMap::with_capacity(n_rows);
    for list in R::LISTS {
        for (idx, row) in R::rows(queue, *list).iter().enumerate() {
            if places.insert(row.id(), Place { list: *list, idx, row }).is_some() {
                return None;
            }
        }
    }
    Some(places)
}

/// Brings the rows of one list to their places, the last one first.
fn arrange<R: Row>(old: &Places<'_, R>, list: R::List, rows: &[R], edits: &mut Vec<Edit<R>>) {
    let here = |row: &R| old.get(row.id()).filter(|place| place.list == list).map(|place| place.idx);
    let mut stays = staying(&rows.iter().filter_map(here).collect::<Vec<_>>());
    let mut following: Option<&R> = None;
    for row in rows.iter().rev() {
        let before = || following.map(|row| row.id().clone());
        match old.get(row.id()) {
            None => edits.push(Edit::Add { list, before: before(), row: row.clone() }),
            Some(place) => {
                let (id, set) = (row.id().clone(), place.row.changes(row));
                let is_here = place.list == list;
                if !(is_here && stays.pop().unwrap_or_default()) {
                    edits.push(Edit::Move { from: place.list, to: list, id, before: before(), set });
                } else if !set.is_empty() {
                    edits.push(Edit::Change { list, id, set });
                }
            }
        }
        following = Some(row);
    }
}
