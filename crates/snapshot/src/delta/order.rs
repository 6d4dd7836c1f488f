//! Which rows of a list can stay where they are, so that as few as possible are moved.

/// For each of these old places, in the new order, whether its row can stay while the others move around it.
///
/// The places are all different. What is in order at both ends stays; of the rest, a longest increasing subsequence.
pub(super) fn staying(places: &[usize]) -> Vec<bool> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    let is_same = |(place, sorted): &(&usize, &usize)| place == sorted;
    let head = places.iter().zip(&sorted).take_while(is_same).count();
    let tail = places.iter().zip(&sorted).skip(head).rev().take_while(is_same).count();
    let mut stays = vec![true; places.len()];
    let middle = head..places.len() - tail;
    for stays in &mut stays[middle.clone()] {
        *stays = false;
    }
    for idx in longest_increasing(&places[middle]) {
        stays[head + idx] = true;
    }
    stays
}

/// The indices of a longest increasing subsequence, the last first.
fn longest_increasing(values: &[usize]) -> Vec<usize> {
    // `ends[n]` is the index of the smallest value that ends an increasing subsequence of n + 1 values.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (idx, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values[*end] < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(idx);
        } else {
            ends[length] = idx;
        }
    }
    std::iter::successors(ends.last().copied(), |idx| before[*idx]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[usize], n_staying: usize) {
        let stays = staying(places);
        let kept: Vec<_> =
            places.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(place, _)| place).collect();
        assert!(kept.is_sorted(), "{places:?}: {kept:?}");
        assert_eq!(kept.len(), n_staying, "{places:?}: {kept:?}");
    }

    #[test]
    fn as_many_as_possible_stay() {
        check(&[], 0);
        check(&[7], 1);
        check(&[0, 3, 4, 9], 4);
        check(&[3, 2, 1, 0], 1);
        check(&[1, 2, 3, 0], 3);
        check(&[3, 0, 1, 2], 3);
        check(&[0, 1, 5, 3, 4, 2, 6, 7], 6);
        check(&[4, 5, 0, 1, 2], 3);
    }
}
