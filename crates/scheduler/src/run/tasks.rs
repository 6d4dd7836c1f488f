//! The tasks of a scheduler, and which of them ended.

use std::collections::HashMap;

use snapshot::{clock::Clock, section::SourceName};
use tokio::{
    sync::mpsc,
    task::{Id, JoinError, JoinSet},
};

use super::{RunError, handles::Order, polled::Polled};
use crate::{assemble::Message, metrics::Metrics, poll};

/// Everything that runs and must not end.
#[derive(Debug)]
pub(super) struct Tasks {
    tasks: JoinSet<&'static str>,
    names: HashMap<Id, &'static str>,
    /// The probes, which another configuration replaces.
    probes: JoinSet<()>,
    outbox: mpsc::Sender<Message>,
    clock: Clock,
    metrics: Metrics,
}

impl Tasks {
    pub(super) fn new(outbox: mpsc::Sender<Message>, clock: Clock, metrics: Metrics) -> Self {
        let (tasks, probes) = (JoinSet::new(), JoinSet::new());
        Self { tasks, names: HashMap::new(), probes, outbox, clock, metrics }
    }

    /// Polls from now on.
    pub(super) fn poll(&mut self, Polled { source, every, limits }: Polled) {
        let name = source.name();
        let (outbox, clock, metrics) = (self.outbox.clone(), self.clock.clone(), self.metrics.clone());
        let polls = poll::run(source, every, limits.offline_after, outbox, clock, metrics);
        if name == SourceName::Probes {
            self.probes.spawn(polls);
        } else {
            self.watch(name.as_str(), polls);
        }
    }

    /// Runs something that must not end.
    pub(super) fn watch(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(async move {
            work.await;
            name
        });
        self.names.insert(handle.id(), name);
    }

    /// Puts another configuration in place.
    ///
    /// The old probes are waited for, so that whatever they still reported was folded before the configuration to which
    /// it belongs is gone.
    pub(super) async fn obey(&mut self, Order { reconfiguration, probes, done }: Order) {
        self.probes.shutdown().await;
        let message = Message::Reconfigure(Box::new(reconfiguration));
        if self.outbox.send(message).await.is_err() {
            // The assembler has ended, which is noticed next.
            return;
        }
        probes.into_iter().for_each(|polled| self.poll(polled));
        // Whoever asked may have gone.
        let _ = done.send(());
    }

    /// Waits for the end of any of them, which is a bug. Cancellation safe.
    pub(super) async fn ended(&mut self) -> RunError {
        let Self { tasks, names, probes, .. } = self;
        tokio::select! {
            Some(ended) = tasks.join_next() => match ended {
                Ok(task) => RunError::Ended { task },
                Err(error) => RunError::of(names.get(&error.id()).copied().unwrap_or("unknown"), error),
            },
            Some(ended) = probes.join_next() => match ended {
                Ok(()) => RunError::Ended { task: SourceName::Probes.as_str() },
                Err(error) => RunError::of(SourceName::Probes.as_str(), error),
            },
            // There is always an assembler.
            else => RunError::Ended { task: "assembler" },
        }
    }

    /// Stops all of them.
    pub(super) async fn shut_down(&mut self) {
        tokio::join!(self.tasks.shutdown(), self.probes.shutdown());
    }
}

impl RunError {
    fn of(task: &'static str, error: JoinError) -> Self {
        if error.is_panic() { Self::Panicked { task } } else { Self::Lost(error) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn ended(work: impl Future<Output = ()> + Send + 'static) -> String {
        let (outbox, _inbox) = mpsc::channel(1);
        let mut tasks = Tasks::new(outbox, Clock::system(), Metrics::default());
        tasks.watch("gateway", std::future::pending());
        tasks.watch("orchestrator", work);
        tokio::time::timeout(Duration::from_secs(20), tasks.ended()).await.unwrap().to_string()
    }

    #[tokio::test]
    async fn the_task_that_ended_is_named_and_how() {
        assert_eq!(ended(async {}).await, "the orchestrator task ended");
        assert_eq!(ended(async { panic!("a bug") }).await, "the orchestrator task panicked");
    }
}
