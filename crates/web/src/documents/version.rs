//! The version of the queue: it moves when what is published of the queue changes, and at no other time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use serde_json::value::{RawValue, to_raw_value};
use snapshot::queue::Queue;

use super::{
    queue::{Body, Versioned},
    raw,
};

/// This run of the server: eight random characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Epoch(Arc<str>);

/// One version of the queue.
#[derive(Debug)]
pub(crate) struct QueueVersion {
    /// Its number, from 0 for the queue of which nothing is known.
    pub(crate) seq: u64,
    /// The data of the document.
    pub(crate) data: Arc<RawValue>,
    body: Box<RawValue>,
    queue: Option<Arc<Queue>>,
}

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
    pub(crate) fn zero(epoch: &Epoch) -> Result<Arc<Self>, serde_json::Error> {
        Self::make(epoch, 0, None)
    }

    /// The version of a queue that comes after this one: the same, or the next.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn next(
        self: &Arc<Self>,
        epoch: &Epoch,
        queue: Option<&Arc<Queue>>,
    ) -> Result<Arc<Self>, serde_json::Error> {
        let is_same = match (&self.queue, queue) {
            (None, None) => true,
            (Some(old), Some(new)) => {
                Arc::ptr_eq(old, new) || self.body.get() == to_raw_value(&Body::of(Some(new)))?.get()
            }
            _ => false,
        };
        if is_same { Ok(Arc::clone(self)) } else { Self::make(epoch, self.seq + 1, queue) }
    }

    fn make(epoch: &Epoch, seq: u64, queue: Option<&Arc<Queue>>) -> Result<Arc<Self>, serde_json::Error> {
        let hash = queue.map_or(HASH_OF_NOTHING, |queue| queue.hash());
        let body = Body::of(queue.map(|queue| &**queue));
        let versioned = Versioned { epoch: epoch.as_str(), seq, hash: format!("{hash:08x}"), body: &body };
        let data = raw(&versioned)?;
        Ok(Arc::new(Self { seq, data, body: to_raw_value(&body)?, queue: queue.cloned() }))
    }
}

#[cfg(test)]
mod tests {
    use snapshot::testing;

    use super::*;

    fn hash(version: &QueueVersion) -> String {
        let data: serde_json::Value = serde_json::from_str(version.data.get()).unwrap();
        data["hash"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_version_moves_with_what_is_published_only() {
        let epoch = Epoch::random();
        let zero = QueueVersion::zero(&epoch).unwrap();
        assert_eq!((zero.seq, hash(&zero).as_str()), (0, "811c9dc5"));
        assert_eq!(zero.next(&epoch, None).unwrap().seq, 0);

        let mut queue = testing::example().queue.content.unwrap();
        let first = zero.next(&epoch, Some(&queue)).unwrap();
        assert_eq!((first.seq, hash(&first).as_str()), (1, "4c7ece55"));
        let equal = Arc::new((*queue).clone());
        assert!(Arc::ptr_eq(&first, &first.next(&epoch, Some(&equal)).unwrap()));

        Arc::make_mut(&mut queue).drain = None;
        let second = first.next(&epoch, Some(&queue)).unwrap();
        assert_eq!((second.seq, hash(&second)), (2, hash(&first)));
    }

    #[test]
    fn epochs_differ() {
        let (a, b) = (Epoch::random(), Epoch::random());
        assert_eq!(a.as_str().len(), 8);
        assert_ne!(a, b);
    }
}
