//! Applies edits to the rows of a queue.
//!
//! The rows are chained for the time of it and found by their ids, so that taking one out and putting it elsewhere
//! costs the same wherever that is.

use std::collections::HashMap;

use super::{Edit, row::Row};
use crate::queue::Queue;

/// Why a delta cannot be applied: it begins at another queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// It names a row that is not in that list.
    #[error("a row is not where it should be")]
    Missing,
    /// It adds a row that is there already, or the queue has two of one id.
    #[error("two rows have the same id")]
    Twice,
}

/// Rows in chains, one chain a list.
struct Chains<R: Row> {
    nodes: Vec<Node<R>>,
    /// The first and the last of each list.
    ends: Vec<(Option<usize>, Option<usize>)>,
    by_id: HashMap<R::Id, usize>,
}

struct Node<R> {
    row: R,
    /// Its list, as the kind numbers them.
    chain: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

/// The lists of one kind after the edits; `None` if there are no edits.
pub(super) fn applied<'a, R: Row + 'a>(
    queue: &Queue,
    edits: impl Iterator<Item = &'a Edit<R>>,
) -> Result<Option<Vec<Vec<R>>>, ApplyError> {
    let mut edits = edits.peekable();
    if edits.peek().is_none() {
        return Ok(None);
    }
    let mut chains = Chains::of(queue)?;
    for edit in edits {
        chains.apply(edit)?;
    }
    Ok(Some(chains.lists()))
}

impl<R: Row> Chains<R> {
    fn of(queue: &Queue) -> Result<Self, ApplyError> {
        let mut chains =
            Self { nodes: Vec::new(), ends: vec![(None, None); R::LISTS.len()], by_id: HashMap::new() };
        for list in R::LISTS {
            for row in R::rows(queue, *list) {
                chains.add(*list, None, row.clone())?;
            }
        }
        Ok(chains)
    }

    fn lists(&self) -> Vec<Vec<R>> {
        let list = |&(first, _): &(Option<usize>, Option<usize>)| {
            let nodes = std::iter::successors(first, |node| self.nodes[*node].next);
            nodes.map(|node| self.nodes[node].row.clone()).collect()
        };
        self.ends.iter().map(list).collect()
    }

    fn apply(&mut self, edit: &Edit<R>) -> Result<(), ApplyError> {
        match edit {
            Edit::Add { list, before, row } => self.add(*list, before.as_ref(), row.clone()),
            Edit::Remove { list, id } => {
                let node = self.find(*list, id)?;
                self.unlink(node);
                self.by_id.remove(id);
                Ok(())
            }
            Edit::Change { list, id, set } => {
                let node = self.find(*list, id)?;
                self.nodes[node].row.set(set);
                Ok(())
            }
            Edit::Move { from, to, id, before, set } => {
                let node = self.find(*from, id)?;
                self.unlink(node);
                self.nodes[node].row.set(set);
                let before = self.successor(*to, before.as_ref(), Some(node))?;
                self.link(node, Self::chain(*to), before);
                Ok(())
            }
        }
    }

    fn add(&mut self, list: R::List, before: Option<&R::Id>, row: R) -> Result<(), ApplyError> {
        let before = self.successor(list, before, None)?;
        let node = self.nodes.len();
        if self.by_id.insert(row.id().clone(), node).is_some() {
            return Err(ApplyError::Twice);
        }
        let chain = Self::chain(list);
        self.nodes.push(Node { row, chain, previous: None, next: None });
        self.link(node, chain, before);
        Ok(())
    }

    fn chain(list: R::List) -> usize {
        R::LISTS.iter().take_while(|other| **other != list).count()
    }

    fn find(&self, list: R::List, id: &R::Id) -> Result<usize, ApplyError> {
        let node = self.by_id.get(id).copied().ok_or(ApplyError::Missing)?;
        if self.nodes[node].chain == Self::chain(list) { Ok(node) } else { Err(ApplyError::Missing) }
    }

    /// The row to stand before, which is not the one that is moved.
    fn successor(
        &self,
        list: R::List,
        before: Option<&R::Id>,
        moved: Option<usize>,
    ) -> Result<Option<usize>, ApplyError> {
        let successor = before.map(|id| self.find(list, id)).transpose()?;
        if successor.is_some() && successor == moved { Err(ApplyError::Missing) } else { Ok(successor) }
    }

    fn unlink(&mut self, node: usize) {
        let Node { chain, previous, next, .. } = self.nodes[node];
        match previous {
            Some(previous) => self.nodes[previous].next = next,
            None => self.ends[chain].0 = next,
        }
        match next {
            Some(next) => self.nodes[next].previous = previous,
            None => self.ends[chain].1 = previous,
        }
    }

    fn link(&mut self, node: usize, chain: usize, before: Option<usize>) {
        let previous = match before {
            Some(next) => self.nodes[next].previous.replace(node),
            None => self.ends[chain].1.replace(node),
        };
        match previous {
            Some(previous) => self.nodes[previous].next = Some(node),
            None => self.ends[chain].0 = Some(node),
        }
        let linked = &mut self.nodes[node];
        (linked.chain, linked.previous, linked.next) = (chain, previous, before);
    }
}
