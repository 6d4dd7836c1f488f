//! The queue as a follower keeps it, written from the public contract alone: a cross-check of what is sent.
//!
//! Thousands are kept in one process, so a row is what is hashed of it, and only a few followers keep all of it.

use serde_json::{Map, Value};

use super::message::Operation;

/// The lists in the order in which they are hashed; of the last one only ids are.
const LISTS: [&str; 4] = ["pending", "building", "blocked", "recent"];
/// What is hashed of a row after its list and its id.
const FACTS: [&str; 5] = ["state", "drone", "failures", "started_at", "reason"];

/// A queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    is_whole: bool,
    lists: [Vec<Row>; 4],
    /// What is said of the queue beside its lists, where all is kept.
    rest: Map<String, Value>,
}

#[derive(Debug)]
struct Row {
    id: Box<str>,
    facts: [Box<str>; 5],
    /// All fields, where all is kept.
    whole: Option<Box<Map<String, Value>>>,
}

/// Something does not fit; it says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) &'static str);

impl Queue {
    /// An empty one, which keeps all of every row if `is_whole`.
    pub(super) fn new(is_whole: bool) -> Self {
        Self { is_whole, ..Self::default() }
    }

    /// Replaces everything.
    pub(super) fn replace(&mut self, mut queue: Map<String, Value>) -> Result<(), Misfit> {
        for (name, list) in LISTS.iter().zip(&mut self.lists) {
            let Some(Value::Array(rows)) = queue.remove(*name) else {
                return Err(Misfit("a list is missing"));
            };
            list.clear();
            for row in rows {
                let Value::Object(row) = row else { return Err(Misfit("a row is no object")) };
                list.push(Row::new(row, self.is_whole)?);
            }
        }
        self.rest = if self.is_whole { queue } else { Map::new() };
        Ok(())
    }

    /// Goes the way of a delta, in order.
    pub(super) fn apply(&mut self, operations: Vec<Operation>, counts: Value) -> Result<(), Misfit> {
        for operation in operations {
            match operation {
                Operation::Add { list, before, item } => {
                    let row = Row::new(item, self.is_whole)?;
                    if self.lists.iter().flatten().any(|other| other.id == row.id) {
                        return Err(Misfit("a row is added twice"));
                    }
                    self.insert(&list, before.as_deref(), row)?;
                }
                Operation::Remove { list, id } => drop(self.take(&list, &id)?),
                Operation::Change { list, id, set } => {
                    let at = self.place(&list, &id)?;
                    let row = self.list(&list)?.get_mut(at).ok_or(Misfit("a row is not there"))?;
                    row.set(set);
                }
                Operation::Move { from, to, id, before, set } => {
                    let mut row = self.take(&from, &id)?;
                    row.set(set);
                    self.insert(&to, before.as_deref(), row)?;
                }
                Operation::Meta { set } if self.is_whole => self.rest.extend(set),
                Operation::Meta { .. } => {}
            }
        }
        if self.is_whole {
            self.rest.insert("counts".to_owned(), counts);
        }
        Ok(())
    }

    /// FNV-1a, 32 bit, of the facts, in eight digits.
    pub(super) fn hash(&self) -> String {
        let mut hash = Fnv::default();
        for (name, list) in LISTS.iter().zip(&self.lists) {
            for row in list {
                hash.add(name);
                hash.add("\t");
                hash.add(&row.id);
                if *name != "recent" {
                    for fact in &row.facts {
                        hash.add("\t");
                        hash.add(fact);
                    }
                }
                hash.add("\n");
            }
        }
        format!("{:08x}", hash.0)
    }

    /// All of it as JSON; `None` where not all is kept.
    pub(super) fn whole(&self) -> Option<Value> {
        let mut queue = self.is_whole.then(|| self.rest.clone())?;
        for (name, list) in LISTS.iter().zip(&self.lists) {
            let rows = list.iter().map(|row| row.whole.as_deref().cloned().map(Value::Object));
            queue.insert((*name).to_owned(), Value::Array(rows.collect::<Option<_>>()?));
        }
        Some(Value::Object(queue))
    }

    fn list(&mut self, name: &str) -> Result<&mut Vec<Row>, Misfit> {
        let lists = LISTS.iter().zip(&mut self.lists);
        lists
            .into_iter()
            .find_map(|(known, list)| (*known == name).then_some(list))
            .ok_or(Misfit("no such list"))
    }

    fn place(&mut self, list: &str, id: &str) -> Result<usize, Misfit> {
        self.list(list)?.iter().position(|row| *row.id == *id).ok_or(Misfit("a row is not there"))
    }

    fn take(&mut self, list: &str, id: &str) -> Result<Row, Misfit> {
        let at = self.place(list, id)?;
        Ok(self.list(list)?.remove(at))
    }

    fn insert(&mut self, list: &str, before: Option<&str>, row: Row) -> Result<(), Misfit> {
        let at = before.map(|before| self.place(list, before)).transpose()?;
        let list = self.list(list)?;
        list.insert(at.unwrap_or(list.len()), row);
        Ok(())
    }
}

impl Row {
    fn new(fields: Map<String, Value>, is_whole: bool) -> Result<Self, Misfit> {
        let Some(Value::String(id)) = fields.get("id") else { return Err(Misfit("a row has no id")) };
        let (id, facts) = (id.as_str().into(), FACTS.map(|name| fact(fields.get(name))));
        Ok(Self { id, facts, whole: is_whole.then(|| fields.into()) })
    }

    fn set(&mut self, fields: Map<String, Value>) {
        for (name, place) in FACTS.iter().zip(&mut self.facts) {
            if let Some(value) = fields.get(*name) {
                *place = fact(Some(value));
            }
        }
        if let Some(whole) = &mut self.whole {
            whole.extend(fields);
        }
    }
}

/// Null as nothing, texts and integers as they are.
fn fact(value: Option<&Value>) -> Box<str> {
    match value {
        None | Some(Value::Null) => "".into(),
        Some(Value::String(text)) => text.as_str().into(),
        Some(other) => other.to_string().into(),
    }
}

#[derive(Debug)]
struct Fnv(u32);

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

// === impl Fnv ===

impl Default for Fnv {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Misfit, Queue};

    fn row(id: &str, failures: u64) -> Value {
        json!({"id": id, "state": "pending", "drone": null, "failures": failures, "started_at": null,
            "reason": "in_line", "estimate": {"median_seconds": 90}})
    }

    fn queue() -> Value {
        json!({"paused": false, "counts": {"pending": 2}, "pending": [row("a/b-1", 0), row("c/d-2", 3)], "building": [],
            "blocked": [], "recent": [{"id": "7f3k2m9q4c1x0"}]})
    }

    fn kept(is_whole: bool) -> Queue {
        let mut kept = Queue::new(is_whole);
        kept.replace(queue().as_object().unwrap().clone()).unwrap();
        kept
    }

    fn apply(queue: &mut Queue, operations: Value) -> Result<(), Misfit> {
        queue.apply(serde_json::from_value(operations).unwrap(), json!({"pending": 1}))
    }

    /// The numbers were made by another implementation of the same hash.
    #[test]
    fn facts_are_hashed_as_the_contract_says() {
        assert_eq!(Queue::new(false).hash(), "811c9dc5");
        assert_eq!(kept(false).hash(), "1b418c39");
        assert_eq!(kept(true).hash(), kept(false).hash());
    }

    #[test]
    fn every_kind_of_step_leads_to_the_queue_that_is_meant() {
        for is_whole in [false, true] {
            let mut kept = kept(is_whole);
            let steps = json!([
                {"op": "move", "from": "pending", "to": "building", "id": "c/d-2", "before": null, "set": {"state": "building"}},
                {"op": "add", "list": "pending", "before": "a/b-1", "item": row("e/f-3", 1)},
                {"op": "change", "list": "pending", "id": "a/b-1", "set": {"failures": 7, "estimate": null}},
                {"op": "remove", "list": "recent", "id": "7f3k2m9q4c1x0"},
                {"op": "meta", "set": {"paused": true}},
            ]);
            apply(&mut kept, steps).unwrap();
            let mut moved = row("c/d-2", 3);
            moved["state"] = "building".into();
            let mut changed = row("a/b-1", 7);
            changed["estimate"] = Value::Null;
            let expected = json!({"paused": true, "counts": {"pending": 1}, "pending": [row("e/f-3", 1), changed],
                "building": [moved], "blocked": [], "recent": []});
            assert_eq!(kept.whole(), is_whole.then(|| expected.clone()));
            let mut anew = Queue::new(false);
            anew.replace(expected.as_object().unwrap().clone()).unwrap();
            assert_eq!(kept.hash(), anew.hash());
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let misfits = [
            (json!({"op": "remove", "list": "pending", "id": "x/y-1"}), "a row is not there"),
            (json!({"op": "change", "list": "blocked", "id": "a/b-1", "set": {}}), "a row is not there"),
            (json!({"op": "remove", "list": "waiting", "id": "a/b-1"}), "no such list"),
            (
                json!({"op": "add", "list": "pending", "before": "x/y-1", "item": row("e/f-3", 0)}),
                "a row is not there",
            ),
            (
                json!({"op": "add", "list": "blocked", "before": null, "item": row("a/b-1", 0)}),
                "a row is added twice",
            ),
            (json!({"op": "add", "list": "blocked", "before": null, "item": {}}), "a row has no id"),
        ];
        for (step, what) in misfits {
            assert_eq!(apply(&mut kept(true), json!([step])), Err(Misfit(what)), "{step}");
        }
        let mut missing = queue();
        missing.as_object_mut().unwrap().remove("blocked");
        let replaced = Queue::new(false).replace(missing.as_object().unwrap().clone());
        assert_eq!(replaced, Err(Misfit("a list is missing")));
    }
}
