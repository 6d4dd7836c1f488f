//! The bell of one thread: it hears what is published once and tells all subscribers that the thread serves.
//!
//! Waking a task of another thread takes a system call; among the tasks of a thread it takes a list. So only the bell
//! listens across threads.

use std::{cell::RefCell, rc::Rc};

use snapshot::store::Reader;
use tokio::sync::watch;

/// The bell of the thread that it was made on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Rc<RefCell<Option<watch::Receiver<()>>>>);

/// What a subscriber hears; an error means that nothing is published any more.
pub(super) type Ear = watch::Receiver<()>;

impl Bell {
    /// Listens to `published`: whatever is published from now on is heard. The first call begins a task of this
    /// thread, which must be able to have some.
    pub(super) fn ear<T: Send + Sync + 'static>(&self, published: &Reader<T>) -> Ear {
        let mut ear = self.0.borrow_mut();
        match &*ear {
            Some(ear) if ear.has_changed().is_ok() => ear.clone(),
            _ => ear.insert(listen(published.clone())).clone(),
        }
    }
}

fn listen<T: Send + Sync + 'static>(mut published: Reader<T>) -> Ear {
    let (bell, ear) = watch::channel(());
    tokio::task::spawn_local(async move {
        while published.changed().await.is_ok() {
            bell.send_replace(());
        }
    });
    ear
}

#[cfg(test)]
mod tests {
    use snapshot::store::hand_over;
    use tokio::task::LocalSet;

    use super::*;

    #[tokio::test]
    async fn what_is_published_after_listening_is_heard_by_all() {
        let work = LocalSet::new();
        let heard = work.run_until(async {
            let (publisher, reader) = hand_over(0);
            let bell = Bell::default();
            let (mut first, mut second) = (bell.ear(&reader), bell.ear(&reader));
            publisher.publish(1);
            assert!(first.changed().await.is_ok() && second.changed().await.is_ok());
            let mut late = bell.ear(&reader);
            publisher.publish(2);
            assert!(first.changed().await.is_ok() && late.changed().await.is_ok());
            drop(publisher);
            // What was rung meanwhile may come first.
            while late.changed().await.is_ok() {}
            reader.load()
        });
        assert_eq!(*heard.await, 2);
    }
}
