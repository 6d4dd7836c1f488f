//! Public ids of queue items.
//!
//! The orchestrator gives none. The id is the package's text; further live rows of the same package are numbered,
//! and so are withheld packages. A number stays with its row for as long as the row lives.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use identity::package::PackageAtom;

use crate::report::RowStatus;

/// Remembers which number is whose.
#[derive(Debug, Default)]
pub(super) struct ItemIds {
    /// By the backend's text: the live rows and their numbers.
    numbers: HashMap<Arc<str>, Vec<(RowStatus, u32)>>,
}

/// A row that needs an id.
#[derive(Debug)]
pub(super) struct Unnumbered<'a> {
    pub(super) raw: &'a Arc<str>,
    pub(super) status: RowStatus,
    pub(super) package: Option<&'a PackageAtom>,
}

impl ItemIds {
    /// The ids of all live rows, in their order.
    pub(super) fn assign(&mut self, rows: &[Unnumbered<'_>]) -> Vec<Arc<str>> {
        let before = std::mem::take(&mut self.numbers);
        // Withheld rows share one series of numbers; what is in use by a living row cannot be given again.
        let mut groups: HashMap<Option<&PackageAtom>, Vec<usize>> = HashMap::new();
        for (idx, row) in rows.iter().enumerate() {
            groups.entry(row.package).or_default().push(idx);
        }
        let mut ids: Vec<Arc<str>> = vec![Arc::from(""); rows.len()];
        for (package, members) in groups {
            let numbers = number(rows, &members, &before);
            for (idx, n) in members.into_iter().zip(numbers) {
                ids[idx] = match package {
                    Some(package) if n == 1 => package.as_str().into(),
                    Some(package) => format!("{package}~{n}").into(),
                    None => format!("withheld~{n}").into(),
                };
                self.numbers.entry(Arc::clone(rows[idx].raw)).or_default().push((rows[idx].status, n));
            }
        }
        ids
    }
}

/// Numbers the members of one group: first those that keep theirs, then the others with what is free.
fn number(
    rows: &[Unnumbered<'_>],
    members: &[usize],
    before: &HashMap<Arc<str>, Vec<(RowStatus, u32)>>,
) -> Vec<u32> {
    // What rows of the same text had, by how they stood, the smallest first.
    let mut known: HashMap<(&str, RowStatus), VecDeque<u32>> = HashMap::new();
    let texts: HashSet<&Arc<str>> = members.iter().map(|idx| rows[*idx].raw).collect();
    for raw in texts {
        for (status, n) in before.get(raw).into_iter().flatten() {
            known.entry((raw, *status)).or_default().push_back(*n);
        }
    }
    known.values_mut().for_each(|numbers| numbers.make_contiguous().sort_unstable());

    let mut numbers = vec![0; members.len()];
    let mut taken = HashSet::new();
    // A row that kept its state is the likelier heir of a number than one that changed it.
    for (place, idx) in members.iter().enumerate() {
        let heir = known.get_mut(&(&**rows[*idx].raw, rows[*idx].status));
        numbers[place] = heir.and_then(|numbers| inherit(numbers, &mut taken)).unwrap_or(0);
    }
    let mut left: HashMap<&str, VecDeque<u32>> = HashMap::new();
    for ((raw, _), numbers) in known {
        left.entry(raw).or_default().extend(numbers);
    }
    left.values_mut().for_each(|numbers| numbers.make_contiguous().sort_unstable());
    for (place, idx) in
        members.iter().enumerate().filter(|(place, _)| numbers[*place] == 0).collect::<Vec<_>>()
    {
        let heir = left.get_mut(&**rows[*idx].raw);
        numbers[place] = heir.and_then(|numbers| inherit(numbers, &mut taken)).unwrap_or(0);
    }
    let mut free = (1..).filter(|n| !taken.contains(n));
    for n in numbers.iter_mut().filter(|n| **n == 0) {
        *n = free.next().unwrap_or(u32::MAX);
    }
    numbers
}

/// The first of some numbers that nobody has taken.
fn inherit(numbers: &mut VecDeque<u32>, taken: &mut HashSet<u32>) -> Option<u32> {
    std::iter::from_fn(|| numbers.pop_front()).find(|n| taken.insert(*n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RowStatus::{Blocked, Delegated, Needed};

    /// Rows of one withheld package each, by the backend's text.
    fn assign(ids: &mut ItemIds, rows: &[(&str, RowStatus)]) -> Vec<String> {
        let raws: Vec<Arc<str>> = rows.iter().map(|(raw, _)| Arc::from(*raw)).collect();
        let rows: Vec<_> = raws
            .iter()
            .zip(rows)
            .map(|(raw, (_, status))| Unnumbered { raw, status: *status, package: None })
            .collect();
        ids.assign(&rows).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_withheld_row_keeps_its_number_when_an_earlier_one_leaves() {
        let mut ids = ItemIds::default();
        assert_eq!(assign(&mut ids, &[("a", Needed), ("b", Needed)]), ["withheld~1", "withheld~2"]);
        assert_eq!(assign(&mut ids, &[("b", Needed)]), ["withheld~2"]);
        assert_eq!(assign(&mut ids, &[("c", Needed), ("b", Delegated)]), ["withheld~1", "withheld~2"]);
    }

    #[test]
    fn of_two_rows_of_a_package_the_one_that_stays_keeps_its_id() {
        let mut ids = ItemIds::default();
        assert_eq!(assign(&mut ids, &[("a", Blocked), ("a", Needed)]), ["withheld~1", "withheld~2"]);
        assert_eq!(assign(&mut ids, &[("a", Needed)]), ["withheld~2"]);
        assert_eq!(assign(&mut ids, &[("a", Needed), ("a", Blocked)]), ["withheld~2", "withheld~1"]);
    }

    #[test]
    fn ids_are_unique() {
        let mut ids = ItemIds::default();
        let rows: Vec<_> = (0..100).map(|n| (["a", "b", "c"][n % 3], Needed)).collect();
        let mut given = assign(&mut ids, &rows);
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 100);
    }
}
