//! The version of the queue: it moves when what is published of the queue changes, and at no other time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde_json::value::RawValue;
use snapshot::{
    delta::{self, Delta},
    queue::Queue,
};

use super::{
    message::{self, At, Stamps},
    operation,
    ring::{Ring, Step},
};
use crate::documents::{item::Counts, queue::Body};

/// This run of the server: eight random characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Epoch(Arc<str>);

/// One version of the queue.
#[derive(Debug)]
pub(crate) struct QueueVersion {
    epoch: Epoch,
    /// Its number, from 0 for the queue of which nothing is known.
    seq: u64,
    /// The hash of the facts, in eight digits.
    hash: String,
    /// The counts as they are written.
    counts: String,
    /// The data of the document.
    data: Arc<RawValue>,
    /// The end of the snapshot message: the queue under its name.
    tail: Bytes,
    queue: Option<Arc<Queue>>,
    /// The way here.
    ring: Ring,
    /// When it was made.
    stamps: Stamps,
    /// The way here in one frame, from each version in the ring; made for the first who asks.
    conflated: Vec<OnceLock<Option<Bytes>>>,
}

/// What is written around the queue in a snapshot message.
const TAIL: (&str, &str) = ("\"queue\":", "}");
/// The hash of a queue without items.
const HASH_OF_NOTHING: u32 = 0x811c_9dc5;

impl Epoch {
    /// A new one.
    pub(crate) fn random() -> Self {
        // The standard library keys its hash maps with random numbers; a few bits of them suffice to tell runs apart.
        let bits = RandomState::new().hash_one("epoch");
        let digit = |idx: usize| {
            char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from(bits.to_le_bytes()[idx] & 31)])
        };
        Self((0..8).map(digit).collect::<String>().into())
    }

    /// The text in documents.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl QueueVersion {
    /// The version before anything is known.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn zero(epoch: &Epoch, stamps: Stamps) -> Result<Arc<Self>, serde_json::Error> {
        let body = serde_json::to_string(&Body::of(None))?;
        Self::of(epoch, 0, None, &body, stamps).map(Arc::new)
    }

    /// The version of a queue that comes after this one: the same, or the next.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn next(
        self: &Arc<Self>,
        queue: Option<&Arc<Queue>>,
        stamps: Stamps,
    ) -> Result<Arc<Self>, serde_json::Error> {
        let is_same = match (&self.queue, queue) {
            (None, None) => true,
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            _ => false,
        };
        if is_same {
            return Ok(Arc::clone(self));
        }
        let body = serde_json::to_string(&Body::of(queue.map(|queue| &**queue)))?;
        // What is not written, such as parts of seconds, makes no other version.
        if self.queue.is_some() == queue.is_some() && self.body() == body.as_bytes() {
            return Ok(Arc::clone(self));
        }
        let mut next = Self::of(&self.epoch, self.seq + 1, queue.cloned(), &body, stamps)?;
        // There is no way from or to the unknown, nor one that cannot be told: then everybody gets the whole queue.
        let delta = self.queue.as_ref().zip(queue).and_then(|(old, new)| delta::diff(old, new));
        if let Some(Delta { operations, counts: _ }) = delta {
            next.ring = self.ring.then(next.step(self.seq, &operation::list(&operations)?));
            next.conflated.resize_with(next.ring.len(), OnceLock::new);
        }
        Ok(Arc::new(next))
    }

    /// A version to which no way leads.
    fn of(
        epoch: &Epoch,
        seq: u64,
        queue: Option<Arc<Queue>>,
        body: &str,
        stamps: Stamps,
    ) -> Result<Self, serde_json::Error> {
        let hash = queue.as_ref().map_or(HASH_OF_NOTHING, |queue| queue.hash());
        let hash = format!("{hash:08x}");
        let counts = queue.as_ref().map(|queue| Counts::of(&queue.counts)).unwrap_or_default();
        // The version goes before the first field of the queue.
        let fields = body.strip_prefix('{').unwrap_or_default();
        let data = format!(r#"{{"epoch":"{}","seq":{seq},"hash":"{hash}",{fields}"#, epoch.as_str());
        Ok(Self {
            epoch: epoch.clone(),
            seq,
            hash,
            counts: serde_json::to_string(&counts)?,
            data: RawValue::from_string(data)?.into(),
            tail: [TAIL.0, body, TAIL.1].concat().into(),
            queue,
            ring: Ring::default(),
            stamps,
            conflated: Vec::new(),
        })
    }

    /// What names this version.
    pub(super) fn at(&self) -> At<'_> {
        At { epoch: self.epoch.as_str(), seq: self.seq, hash: &self.hash }
    }

    /// The data of the document.
    pub(crate) const fn data(&self) -> &Arc<RawValue> {
        &self.data
    }

    /// The counts as they are written.
    pub(super) fn counts(&self) -> &str {
        &self.counts
    }

    /// The end of the snapshot message.
    pub(super) fn tail(&self) -> Bytes {
        self.tail.clone()
    }

    /// The deltas that lead here from a version of this run; `None` when they are not known.
    pub(super) fn steps(&self, since: u64) -> Option<impl Iterator<Item = &Step>> {
        self.ring.last(self.seq.checked_sub(since)?)
    }

    /// The same in one frame; `None` when they are not known, are none, or are longer than the queue.
    pub(super) fn conflated(&self, since: u64) -> Option<Bytes> {
        let n_steps = self.seq.checked_sub(since)?;
        let place = self.conflated.len().checked_sub(usize::try_from(n_steps).ok()?)?;
        self.conflated.get(place)?.get_or_init(|| self.conflate(since)).clone()
    }

    fn conflate(&self, since: u64) -> Option<Bytes> {
        let steps: Vec<_> = self.steps(since)?.collect();
        if let [step] = &steps[..] {
            return (step.operations.len() <= self.tail.len()).then(|| step.frame.clone());
        }
        let operations = steps.iter().map(|step| &step.operations[..]).filter(|step| !step.is_empty());
        let operations: Vec<_> = operations.collect();
        let operations = operations.join(&b","[..]);
        (operations.len() <= self.tail.len()).then(|| self.step(since, &operations).frame)
    }

    fn step(&self, base: u64, operations: &[u8]) -> Step {
        Step::new(&message::delta(base, self.at(), self.stamps), operations, &self.counts)
    }

    /// The queue as it is written.
    fn body(&self) -> &[u8] {
        &self.tail[TAIL.0.len()..self.tail.len() - TAIL.1.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_differ() {
        let (a, b) = (Epoch::random(), Epoch::random());
        assert_eq!(a.as_str().len(), 8);
        assert_ne!(a, b);
    }
}
