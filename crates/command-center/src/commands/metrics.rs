//! `/metrics`: what both sides count, and what the system knows of this process.

mod process;

use std::sync::{Arc, OnceLock};

use prometheus_client::{encoding::prometheus_text, registry::Registry};
use scheduler::Scheduler;
use snapshot::clock::Clock;
use web::startup::Application;

use self::process::Process;

/// Everything that can be watched. It is filled once both sides are built; until then nobody can ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched(Arc<OnceLock<Registry>>);

impl Watched {
    /// As the text that Prometheus reads; `None` before it is filled.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, self.0.get()?).ok()?;
        Some(text)
    }

    /// Takes in both sides, and this process.
    pub(super) fn fill(&self, scheduler: &Scheduler, application: &Application, clock: Clock) {
        let mut registry = Registry::default();
        scheduler.metrics().register(&mut registry, scheduler.reader(), clock);
        application.register_metrics(&mut registry);
        registry.register_collector(Box::new(Process));
        // It is filled once.
        let _ = self.0.set(registry);
    }
}
