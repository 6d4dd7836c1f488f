//! The hand-over of a value from its one writer to any number of readers.
//!
//! The value is swapped whole; a reader holds the one it loaded for as long as it works with it. The bell only says
//! that there is something newer: whoever hears it loads, and so a slow reader sees the newest value and not every
//! one.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use tokio::sync::watch;

/// The writing end; there is one.
pub struct Publisher<T> {
    value: Arc<ArcSwap<T>>,
    bell: watch::Sender<u64>,
}

/// A reading end.
pub struct Reader<T> {
    value: Arc<ArcSwap<T>>,
    bell: watch::Receiver<u64>,
}

/// The writer is gone: nothing newer will ever come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Makes both ends, with a first value.
#[must_use]
pub fn hand_over<T>(first: T) -> (Publisher<T>, Reader<T>) {
    let value = Arc::new(ArcSwap::from_pointee(first));
    let (bell, ear) = watch::channel(0);
    (Publisher { value: Arc::clone(&value), bell }, Reader { value, bell: ear })
}

impl<T> Publisher<T> {
    /// Puts a new value in place and rings the bell.
    pub fn publish(&self, value: T) {
        self.value.store(Arc::new(value));
        self.bell.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl<T> Reader<T> {
    /// The newest value. Call it once per unit of work and pass the value on.
    #[must_use]
    pub fn load(&self) -> Arc<T> {
        self.value.load_full()
    }

    /// Waits until there is a value newer than at the last call; at once if there is.
    ///
    /// Cancellation safe: a bell that rang meanwhile is heard at the next call.
    ///
    /// # Errors
    /// When the writer is gone.
    pub async fn changed(&mut self) -> Result<(), Closed> {
        self.bell.changed().await.map_err(|_| Closed)
    }
}

// === impl Publisher, Reader ===

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), bell: self.bell.clone() }
    }
}

impl<T> fmt::Debug for Publisher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Publisher")
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_reader_sees_the_newest_value_and_one_bell() {
        let (publisher, mut reader) = hand_over(0);
        for value in 1..=3 {
            publisher.publish(value);
        }
        assert_eq!(reader.changed().await, Ok(()));
        assert_eq!(*reader.load(), 3);
        drop(publisher);
        assert_eq!(reader.changed().await, Err(Closed));
        assert_eq!(*reader.load(), 3);
    }
}
