//! The lists of the queue, and the operations on them.
//!
//! Every operation is strict: a list, a row or a neighbour that is not there is an error. Rows are shared, so that a
//! queue and the one after it cost little more than one.

use std::{collections::HashSet, fmt::Write as _, sync::Arc};

use serde_json::{Map, Value};
use snapshot::queue;

use super::{MirrorError, frame::Fields};

/// The most rows of a list that are kept; the contract allows 2,000.
const ROWS_MAX: usize = 5_000;

/// The heaviest row that is kept; rows of the contract weigh some 700.
const ROW_WEIGHT_MAX: usize = 8 * 1024;

/// The most that the rest of the queue may weigh.
const FIELDS_WEIGHT_MAX: usize = 64 * 1024;

/// One of the lists of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Waiting, in the order of the queue.
    Pending,
    /// Handed to drones.
    Building,
    /// Held back.
    Blocked,
    /// The newest builds, the newest first.
    Recent,
}

/// One row of a list, with the fields of the contract and any others.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    id: String,
    fields: Map<String, Value>,
}

/// Why an operation cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// Its kind is not known, so what it does is not known.
    #[error("its kind is not known")]
    Kind,
    /// A field is missing or of another kind.
    #[error("`{0}` is missing or is not what it should be")]
    Malformed(&'static str),
    /// There is no such list.
    #[error("there is no such list")]
    NoSuchList,
    /// The list has no row of that id.
    #[error("there is no such row")]
    NoSuchRow,
    /// The list has no row to put this one before.
    #[error("there is no row to put it before")]
    NoSuchNeighbour,
    /// The list has a row of that id already.
    #[error("there is such a row already")]
    Twice,
    /// A row would change its id, or a list would be set as a field.
    #[error("it would change what stays")]
    Fixed,
    /// It would make a row, a list or the queue larger than is kept.
    #[error("it would grow beyond all bounds")]
    TooLarge,
}

/// Everything in the queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// What is no list.
    fields: Map<String, Value>,
    lists: [Vec<Arc<Row>>; 4],
}

impl List {
    /// All of them, in the order of the hash.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Building, Self::Blocked, Self::Recent];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Building => "building",
            Self::Blocked => "blocked",
            Self::Recent => "recent",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }
}

impl Row {
    /// What it is called as long as it lives.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A field; null if it is not there.
    #[must_use]
    pub fn field(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// A field that is a text; `None` = null.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).as_str()
    }

    /// A row that may stand in `list`.
    fn read(list: List, value: &Value) -> Result<Self, OperationError> {
        let fields = value.as_object().ok_or(OperationError::Malformed("item"))?;
        let id = fields.get("id").and_then(Value::as_str).ok_or(OperationError::Malformed("id"))?;
        let row = Self { id: id.to_owned(), fields: fields.clone() };
        row.checked(list)
    }

    /// Whether it has what the hash of `list` is made of, and a size to keep.
    fn checked(self, list: List) -> Result<Self, OperationError> {
        if list != List::Recent {
            let is_text_or_null = |name| self.fields.get(name).is_some_and(|v| v.is_null() || v.is_string());
            for name in ["drone", "started_at", "reason"] {
                if !is_text_or_null(name) {
                    return Err(OperationError::Malformed(name));
                }
            }
            self.text("state").ok_or(OperationError::Malformed("state"))?;
            self.field("failures").as_u64().ok_or(OperationError::Malformed("failures"))?;
        }
        if object_weight(&self.fields) > ROW_WEIGHT_MAX {
            return Err(OperationError::TooLarge);
        }
        Ok(self)
    }

    /// Replaces fields as wholes. The id stays.
    fn with(&self, set: &Map<String, Value>) -> Result<Self, OperationError> {
        if set.get("id").is_some_and(|id| id.as_str() != Some(&self.id)) {
            return Err(OperationError::Fixed);
        }
        let mut row = self.clone();
        row.fields.extend(set.clone());
        Ok(row)
    }

    fn write_facts(&self, list: List, text: &mut String) {
        let (name, id) = (list.as_str(), &self.id);
        let word = |field| self.text(field).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = if list == List::Recent {
            writeln!(text, "{name}\t{id}")
        } else {
            let failures = self.field("failures");
            let (state, drone) = (word("state"), word("drone"));
            let (started_at, reason) = (word("started_at"), word("reason"));
            writeln!(text, "{name}\t{id}\t{state}\t{drone}\t{failures}\t{started_at}\t{reason}")
        };
    }
}

impl Rows {
    /// A whole queue.
    pub(super) fn read(mut queue: Map<String, Value>) -> Result<Self, MirrorError> {
        let mut lists: [Vec<Arc<Row>>; 4] = Default::default();
        for (list, rows) in List::ALL.into_iter().zip(&mut lists) {
            let malformed = || MirrorError::Malformed(list.as_str());
            let Some(Value::Array(values)) = queue.remove(list.as_str()) else { return Err(malformed()) };
            if values.len() > ROWS_MAX {
                return Err(malformed());
            }
            for value in &values {
                rows.push(Arc::new(Row::read(list, value).map_err(|_| malformed())?));
            }
            let mut ids = HashSet::new();
            if !rows.iter().all(|row| ids.insert(row.id())) {
                return Err(malformed());
            }
        }
        if !queue.get("counts").is_some_and(Value::is_object) {
            return Err(MirrorError::Malformed("counts"));
        }
        if object_weight(&queue) > FIELDS_WEIGHT_MAX {
            return Err(MirrorError::TooLarge);
        }
        Ok(Self { fields: queue, lists })
    }

    pub(super) fn of(&self, list: List) -> impl ExactSizeIterator<Item = &Row> {
        self.lists[list as usize].iter().map(AsRef::as_ref)
    }

    pub(super) fn field(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut queue = self.fields.clone();
        for list in List::ALL {
            let rows = self.of(list).map(|row| Value::Object(row.fields.clone())).collect();
            queue.insert(list.as_str().to_owned(), rows);
        }
        Value::Object(queue)
    }

    /// The queue's hash, as the contract defines it.
    pub(super) fn hash(&self) -> u32 {
        let mut text = String::new();
        for list in List::ALL {
            for row in self.of(list) {
                row.write_facts(list, &mut text);
            }
        }
        queue::fnv1a(&text)
    }

    /// The queue after the operations, with these counts.
    pub(super) fn after(&self, ops: &[Value], counts: &Map<String, Value>) -> Result<Self, MirrorError> {
        let mut next = self.clone();
        for (index, op) in ops.iter().enumerate() {
            next.apply(op).map_err(|problem| MirrorError::Operation { index, problem })?;
        }
        next.fields.insert("counts".to_owned(), counts.clone().into());
        if object_weight(&next.fields) > FIELDS_WEIGHT_MAX {
            return Err(MirrorError::TooLarge);
        }
        Ok(next)
    }

    fn apply(&mut self, op: &Value) -> Result<(), OperationError> {
        let fields = Fields(op.as_object().ok_or(OperationError::Malformed("op"))?);
        match text(fields, "op")? {
            "add" => {
                let list = list(fields, "list")?;
                let row = Row::read(list, fields.0.get("item").unwrap_or(&Value::Null))?;
                self.insert(list, row, before(fields)?)
            }
            "remove" => self.take(list(fields, "list")?, text(fields, "id")?).map(drop),
            "change" => {
                let (list, id) = (list(fields, "list")?, text(fields, "id")?);
                let idx = self.position(list, id).ok_or(OperationError::NoSuchRow)?;
                let row = &mut self.lists[list as usize][idx];
                *row = Arc::new(row.with(set(fields)?)?.checked(list)?);
                Ok(())
            }
            "move" => {
                let (from, to) = (list(fields, "from")?, list(fields, "to")?);
                let row = self.take(from, text(fields, "id")?)?.with(set(fields)?)?;
                self.insert(to, row.checked(to)?, before(fields)?)
            }
            "meta" => {
                let set = set(fields)?;
                let is_fixed = |key: &String| key == "counts" || List::parse(key).is_some();
                if set.keys().any(is_fixed) {
                    return Err(OperationError::Fixed);
                }
                self.fields.extend(set.clone());
                Ok(())
            }
            _ => Err(OperationError::Kind),
        }
    }

    fn position(&self, list: List, id: &str) -> Option<usize> {
        self.of(list).position(|row| row.id() == id)
    }

    fn take(&mut self, list: List, id: &str) -> Result<Arc<Row>, OperationError> {
        let idx = self.position(list, id).ok_or(OperationError::NoSuchRow)?;
        Ok(self.lists[list as usize].remove(idx))
    }

    /// `before`: `None` = at the end.
    fn insert(&mut self, list: List, row: Row, before: Option<&str>) -> Result<(), OperationError> {
        if self.position(list, row.id()).is_some() {
            return Err(OperationError::Twice);
        }
        let idx = match before {
            Some(id) => self.position(list, id).ok_or(OperationError::NoSuchNeighbour)?,
            None => self.of(list).len(),
        };
        let rows = &mut self.lists[list as usize];
        if rows.len() >= ROWS_MAX {
            return Err(OperationError::TooLarge);
        }
        rows.insert(idx, Arc::new(row));
        Ok(())
    }
}

fn text<'a>(op: Fields<'a>, key: &'static str) -> Result<&'a str, OperationError> {
    op.text(key).map_err(|_| OperationError::Malformed(key))
}

fn set(op: Fields<'_>) -> Result<&Map<String, Value>, OperationError> {
    op.object("set").map_err(|_| OperationError::Malformed("set"))
}

fn list(op: Fields<'_>, key: &'static str) -> Result<List, OperationError> {
    List::parse(text(op, key)?).ok_or(OperationError::NoSuchList)
}

fn before(op: Fields<'_>) -> Result<Option<&str>, OperationError> {
    match op.0.get("before") {
        Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id)),
        _ => Err(OperationError::Malformed("before")),
    }
}

/// About how much memory a value takes, in bytes.
fn weight(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(weight).sum(),
            Value::Object(fields) => object_weight(fields),
            _ => 0,
        }
}

fn object_weight(fields: &Map<String, Value>) -> usize {
    fields.iter().map(|(key, value)| size_of::<String>() + key.len() + weight(value)).sum()
}
