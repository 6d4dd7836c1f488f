//! What only the internal listener answers, as far as the public side must not know it.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use actix_web::web::Bytes;

type Answer = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// Answers of others that are passed on as they are.
#[derive(Clone)]
pub struct Backstage {
    names: Arc<dyn Fn() -> Answer + Send + Sync>,
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
        }
    }

    /// A backstage where nobody answers.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(|| async { None::<Bytes> })
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
