//! What only the internal listener answers, as far as the public side must not know it.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use actix_web::web::Bytes;

/// What can be watched, as text.
type Metrics = dyn Fn() -> Option<String> + Send + Sync;
type Answer = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// Answers of others that are passed on as they are.
#[derive(Clone)]
pub struct Backstage {
    names: Arc<dyn Fn() -> Answer + Send + Sync>,
    metrics: Arc<Metrics>,
}

impl Backstage {
    /// `names` answers `GET /names` with JSON, or with nothing when it cannot.
    pub fn new<F, A, B>(names: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Option<B>> + Send + 'static,
        B: Into<Bytes>,
    {
        Self {
            names: Arc::new(move || {
                let answer = names();
                Box::pin(async move { answer.await.map(Into::into) })
            }),
            metrics: Arc::new(|| None),
        }
    }

    /// A backstage where nobody answers.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(|| async { None::<Bytes> })
    }

    /// `metrics` answers `GET /metrics` in Prometheus' text format, or with nothing while it cannot.
    #[must_use]
    pub fn with_metrics(self, metrics: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self { metrics: Arc::new(metrics), ..self }
    }

    pub(crate) fn metrics(&self) -> Option<String> {
        (self.metrics)()
    }

    pub(crate) async fn names(&self) -> Option<Bytes> {
        (self.names)().await
    }
}

// === impl Backstage ===

impl fmt::Debug for Backstage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backstage")
    }
}
