//! Public ids of queue items.
//!
//! The orchestrator gives none. The id is the package's text; further live rows of the same package are numbered,
//! and so are withheld packages. A number stays with its row for as long as the row lives.

use std::{collections::HashMap, sync::Arc};

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
    let mut numbers = vec![0; members.len()];
    let mut taken: Vec<u32> = Vec::new();
    // A row that kept its state is the likelier heir of a number than one that changed it.
    for same_status in [true, false] {
        for (place, idx) in members.iter().enumerate().filter(|_| !before.is_empty()) {
            let row = &rows[*idx];
            let known = before.get(row.raw).map_or(&[][..], Vec::as_slice);
            let heir = known
                .iter()
                .filter(|(status, _)| !same_status || *status == row.status)
                .map(|(_, n)| *n)
                .filter(|n| !taken.contains(n))
                .min();
            if let Some(n) = heir.filter(|_| numbers[place] == 0) {
                numbers[place] = n;
                taken.push(n);
            }
        }
    }
    for n in &mut numbers {
        if *n == 0 {
            *n = (1..).find(|free| !taken.contains(free)).unwrap_or(u32::MAX);
            taken.push(*n);
        }
    }
    numbers
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
