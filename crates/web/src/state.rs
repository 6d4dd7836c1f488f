//! What handlers work with.

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use actix_web::http::header::HeaderValue;
use snapshot::{clock::Clock, store::Reader};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::{
    assets::{Assets, Packed},
    config::Config,
    encode::{EncodeError, Encoded, Make},
    metrics::Metrics,
    pages::Pages,
    published::Published,
    ws::hub::Hub,
};

/// How long a request waits for the value that replaces an expired one.
const PATIENCE: Duration = Duration::from_secs(1);

/// What handlers work with.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// How the site is served.
    pub(crate) config: Arc<Config>,
    /// The pages that are rendered on demand.
    pub(crate) pages: Arc<Pages>,
    /// Style sheets and scripts.
    pub(crate) assets: Arc<EncodedAssets>,
    /// What describes the API; it changes with the build alone.
    pub(crate) description: Arc<Encoded>,
    /// What is published; [`State::current`] never gives out what has expired if it can help it.
    pub(crate) published: Reader<Published>,
    /// The time.
    pub(crate) clock: Clock,
    /// Wakes the renderer.
    pub(crate) ring: Arc<Notify>,
    /// Who subscribes.
    pub(crate) hub: Arc<Hub>,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
}

/// Assets in every encoding.
#[derive(Debug)]
pub(crate) struct EncodedAssets {
    build: String,
    files: HashMap<String, (HeaderValue, Encoded)>,
}

impl State {
    /// The published value. One that has expired is replaced first, unless that takes longer than a second.
    pub(crate) async fn current(&self) -> Arc<Published> {
        let mut bell = self.published.clone();
        let patience = Instant::now() + PATIENCE;
        loop {
            let published = self.published.load();
            if !published.valid_until.is_over(self.clock.now()) {
                return published;
            }
            self.ring.notify_one();
            if !matches!(timeout_at(patience, bell.changed()).await, Ok(Ok(()))) {
                return self.published.load();
            }
        }
    }
}

impl EncodedAssets {
    /// Encodes all assets.
    ///
    /// # Errors
    /// When one of them cannot be compressed.
    pub(crate) fn new(assets: &Assets) -> Result<Self, EncodeError> {
        let encode = |path: &str| {
            let asset = assets.get(path)?;
            let encoded = match (&asset.bytes, asset.packed) {
                (Cow::Borrowed(bytes), Some(Packed { brotli, gzip })) => Encoded::ready(bytes, brotli, gzip),
                _ => Encoded::new(asset.bytes.to_vec(), Make::All),
            };
            Some(
                encoded
                    .map(|encoded| (path.to_owned(), (HeaderValue::from_static(asset.media_type), encoded))),
            )
        };
        let files = assets.paths().filter_map(encode).collect::<Result<_, _>>()?;
        Ok(Self { build: assets.build().to_owned(), files })
    }

    /// An asset of this build; none of another build is known.
    pub(crate) fn get(&self, build: &str, path: &str) -> Option<&(HeaderValue, Encoded)> {
        self.files.get(path).filter(|_| build == self.build)
    }
}
