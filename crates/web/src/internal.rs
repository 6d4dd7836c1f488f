//! The internal listener: what supervisors and the operator ask. It is never public.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::header::{self, ContentType, HeaderValue},
    web,
};
use snapshot::store::Reader;

use crate::{
    backstage::Backstage,
    cache::CachePolicy,
    error::{Audience, WebError},
    headers,
    published::Published,
    respond::JSON,
    routes::check_method,
};

/// What the internal listener works with.
#[derive(Debug, Clone)]
pub(crate) struct Internal {
    published: Reader<Published>,
    backstage: Backstage,
    is_ready: Arc<AtomicBool>,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Probe {
    /// Whether the process lives.
    Health,
    /// Whether every configured source was asked once.
    Readiness,
    /// Which internal names have which public ones.
    Names,
    /// What can be watched.
    Metrics,
}

/// Everything that can be asked for.
pub(crate) const PROBES: [(&str, Probe); 4] = [
    ("/healthz", Probe::Health),
    ("/readyz", Probe::Readiness),
    ("/names", Probe::Names),
    ("/metrics", Probe::Metrics),
];
/// The media type of metrics: Prometheus' text format.
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

impl Internal {
    /// Not ready yet.
    pub(crate) fn new(published: Reader<Published>, backstage: Backstage) -> Self {
        Self { published, backstage, is_ready: Arc::default() }
    }

    /// Whether every configured source was asked once. Once it was, it stays so.
    fn is_ready(&self) -> bool {
        let is_tried = || self.published.load().snapshot.sources.iter().all(|(_, source)| source.is_tried());
        if !self.is_ready.load(Ordering::Relaxed) && is_tried() {
            self.is_ready.store(true, Ordering::Relaxed);
        }
        self.is_ready.load(Ordering::Relaxed)
    }

    async fn answer(&self, probe: Probe, request: &HttpRequest) -> Result<HttpResponse<BoxBody>, WebError> {
        check_method(request)?;
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, CachePolicy::NoStore.header()));
        match probe {
            Probe::Health => Ok(response.insert_header(ContentType::plaintext()).body("ok\n")),
            Probe::Readiness if !self.is_ready() => Err(WebError::Unavailable),
            Probe::Readiness => Ok(response.insert_header(ContentType::plaintext()).body("ready\n")),
            Probe::Names => {
                let names = self.backstage.names().await.ok_or(WebError::Unavailable)?;
                Ok(response.insert_header((header::CONTENT_TYPE, JSON)).body(names))
            }
            Probe::Metrics => {
                let metrics = self.backstage.metrics().ok_or(WebError::Unavailable)?;
                Ok(response.insert_header((header::CONTENT_TYPE, METRICS)).body(metrics))
            }
        }
    }
}

/// Registers every probe.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    for (path, probe) in PROBES {
        let handler = move |request: HttpRequest, internal: web::Data<Internal>| async move {
            complete(internal.answer(probe, &request).await)
        };
        config.route(path, web::to(handler));
    }
    config.default_service(web::to(|| async { complete(Err(WebError::NotFound)) }));
}

fn complete(answer: Result<HttpResponse<BoxBody>, WebError>) -> HttpResponse<BoxBody> {
    let mut response = answer.unwrap_or_else(|error| error.answer(Audience::Program));
    headers::secure(response.headers_mut());
    response
}
