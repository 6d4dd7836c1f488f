//! The one reader of the snapshot: makes the next published value.
//!
//! It renders when the bell rings, when the passing of time changes what the snapshot means, when stamps are to be
//! renewed, and when a request finds the value expired (the machine slept, or this task was late). Rendering is pure
//! computation of some milliseconds and happens off the async threads, so that it delays nothing; bells that ring
//! meanwhile are heard together afterwards.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use snapshot::{
    clock::Clock,
    snapshot::Snapshot,
    store::{Publisher, Reader},
};
use tokio::sync::{Notify, watch};

use crate::{
    documents::{DocumentError, Documents, build_history::newest},
    encode::{EncodeError, Encoded, Make},
    history::{HistoryQuery, Index},
    integrations::{IntegrationError, Integrations},
    live::{Live, Run, catch_up::CatchUp},
    metrics::Metrics,
    moment::Moment,
    pages::{Pages, PagesError},
    published::{Expiry, Published, RenderedPages},
};

/// A clock that stands still must not make the task spin.
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// Makes published values.
#[derive(Debug)]
pub(crate) struct Renderer {
    run: Run,
    pages: Arc<Pages>,
    clock: Clock,
    snapshots: Reader<Snapshot>,
    metrics: Arc<Metrics>,
}

/// A value that could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    /// A document could not be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A page could not be made.
    #[error(transparent)]
    Page(#[from] PagesError),
    /// A form for other software could not be made.
    #[error(transparent)]
    Integration(#[from] IntegrationError),
    /// A page could not be compressed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The rendering itself panicked.
    #[error("rendering panicked")]
    Panicked,
}

impl Renderer {
    /// A renderer for a new run of the server with assets of this build.
    pub(crate) fn new(build: &str, pages: Arc<Pages>, clock: Clock, snapshots: Reader<Snapshot>) -> Self {
        Self { run: Run::new(build), pages, clock, snapshots, metrics: Arc::new(Metrics::new()) }
    }

    /// Counts in these.
    pub(crate) fn counting_in(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    /// The first value.
    ///
    /// # Errors
    /// When a document or page cannot be made.
    pub(crate) fn first(&self) -> Result<Published, RenderError> {
        self.render(None)
    }

    /// Publishes values until `stop` says so. It only ends otherwise when rendering is broken.
    ///
    /// # Errors
    /// Why no further value can be made.
    pub(crate) async fn run(
        self: Arc<Self>,
        published: Reader<Published>,
        publisher: Publisher<Published>,
        ring: Arc<Notify>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), RenderError> {
        let mut bell = self.snapshots.clone();
        let mut has_writer = true;
        loop {
            let pause = published.load().renewed_in(self.clock.now()).max(PAUSE_MIN);
            tokio::select! {
                _ = stop.wait_for(|is_stopped| *is_stopped) => return Ok(()),
                heard = bell.changed(), if has_writer => {
                    has_writer = heard.is_ok();
                    if !has_writer {
                        tracing::warn!("nobody writes snapshots any more; what is known grows old");
                    }
                }
                () = ring.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
            let (renderer, previous) = (Arc::clone(&self), published.load());
            let rendering = tokio::task::spawn_blocking(move || renderer.render(Some(&previous)));
            publisher.publish(rendering.await.map_err(|_| RenderError::Panicked)??);
        }
    }

    /// The value after this one.
    ///
    /// # Errors
    /// When a document or page cannot be made.
    pub(crate) fn render(&self, previous: Option<&Published>) -> Result<Published, RenderError> {
        let snapshot = self.snapshots.load();
        let (now, began) = (self.clock.now(), Instant::now());
        let live = Live::next(&self.run, previous.map(|previous| &*previous.live), &snapshot, now)
            .map_err(DocumentError::Json)?;
        let history = index(previous, &snapshot);
        let moment = Moment {
            snapshot: &snapshot,
            history: history.as_deref(),
            now,
            epoch: live.epoch().as_str(),
            seq: live.seq(),
        };
        let documents = Documents::next(previous.map(|previous| &previous.documents), &moment, live.data())?;
        let catch_up = CatchUp::of(&live, &documents.queue)?;
        let pages = self.pages(previous, &documents, &moment)?;
        let integrations = self.integrations(previous, &documents, &moment)?;
        let valid_until = Expiry::of(&snapshot, &documents, now);
        self.metrics.rendered(began.elapsed());
        Ok(Published {
            history,
            documents,
            pages,
            integrations,
            live: Arc::new(live),
            catch_up,
            rendered_at: now,
            valid_until,
            snapshot,
        })
    }

    /// Pages show what documents show, and so they stay while those do. A page that cannot be made any more stays too.
    fn pages(
        &self,
        previous: Option<&Published>,
        documents: &Documents,
        moment: &Moment<'_>,
    ) -> Result<RenderedPages, RenderError> {
        let Some(previous) = previous else { return self.render_pages(moment) };
        if previous.documents.is_same(documents) {
            return Ok(previous.pages.clone());
        }
        self.render_pages(moment).or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a page cannot be rendered; the last one stays"
            );
            Ok(previous.pages.clone())
        })
    }

    /// They stay while documents do, and as pages do.
    fn integrations(
        &self,
        previous: Option<&Published>,
        documents: &Documents,
        moment: &Moment<'_>,
    ) -> Result<Integrations, RenderError> {
        let Some(previous) = previous else {
            return Ok(Integrations::next(None, moment, &self.pages)?);
        };
        if previous.documents.is_same(documents) {
            return Ok(previous.integrations.clone());
        }
        let next = Integrations::next(Some(&previous.integrations), moment, &self.pages);
        Ok(next.unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "feed and badges cannot be rendered; the last ones stay"
            );
            previous.integrations.clone()
        }))
    }

    fn render_pages(&self, moment: &Moment<'_>) -> Result<RenderedPages, RenderError> {
        let encoded = |html: String| Encoded::new(html, Make::All).map(Arc::new);
        let history = self.pages.history(moment, &HistoryQuery::default(), &newest(moment))?;
        Ok(RenderedPages {
            dashboard: encoded(self.pages.dashboard(moment)?)?,
            queue: encoded(self.pages.queue(moment)?)?,
            history: encoded(history)?,
            infrastructure: encoded(self.pages.infrastructure(moment)?)?,
            about: encoded(self.pages.about(moment)?)?,
            api: encoded(self.pages.api(moment)?)?,
        })
    }
}

/// The index of the snapshot's history: the one before, as long as that is the same.
fn index(previous: Option<&Published>, snapshot: &Snapshot) -> Option<Arc<Index>> {
    let history = snapshot.history.content.as_ref()?;
    let before = previous.and_then(|previous| previous.history.as_ref());
    let kept = before.filter(|index| index.is_of(history)).map(Arc::clone);
    Some(kept.unwrap_or_else(|| Arc::new(Index::of(Arc::clone(history)))))
}
