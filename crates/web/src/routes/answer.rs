//! The answer of each route.
//!
//! - [`detail`] those about one package or drone
//! - [`badge`] badges

mod badge;
mod detail;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::header::{self, HeaderValue},
    web,
};

use super::Route;
use crate::{
    cache::CachePolicy,
    documents::{DocumentError, build_history::BuildHistory, raw},
    encode::{Coding, Encoded, Make},
    error::WebError,
    history::{HistoryQuery, Listing, csv, listing, query::Format},
    integrations::IntegrationError,
    pages::PagesError,
    parameters::{self, BadParameter, Strictness},
    published::Published,
    reference::cache,
    respond::{self, ATOM, CSV, HTML, JSON, TEXT, respond},
    state::State,
    ws::handshake,
};

type Answer = Result<HttpResponse<BoxBody>, WebError>;

/// A body that could not be made on demand.
#[derive(Debug, thiserror::Error)]
enum DemandError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Page(#[from] PagesError),
    #[error(transparent)]
    Integration(#[from] IntegrationError),
    #[error("nobody knows what was asked for")]
    Unknown,
}

/// Answers a request that may be answered.
pub(super) async fn answer(route: Route, request: &HttpRequest, state: &State) -> Answer {
    let query = request.query_string();
    match route {
        Route::Asset => asset(request, state),
        Route::Dashboard => Ok(page(request, &state.current().await.pages.dashboard)),
        Route::QueuePage => Ok(page(request, &state.current().await.pages.queue)),
        Route::InfrastructurePage => Ok(page(request, &state.current().await.pages.infrastructure)),
        Route::AboutPage => Ok(page(request, &state.current().await.pages.about)),
        Route::ApiPage => Ok(page(request, &state.current().await.pages.api)),
        Route::Robots => Ok(robots(state)),
        Route::OpenApi => Ok(respond(request, &state.description, JSON, cache(route))),
        Route::Feed => Ok(respond(request, &state.current().await.integrations.feed, ATOM, cache(route))),
        Route::BadgePicture => badge::picture(request, state).await,
        Route::BadgeData => badge::data(request, state).await,
        // Whoever asks in the manner of others may add what others ignore.
        Route::StatuspageSummary => {
            Ok(respond(request, &state.current().await.integrations.summary, JSON, cache(route)))
        }
        Route::StatuspageStatus => {
            Ok(respond(request, &state.current().await.integrations.status, JSON, cache(route)))
        }
        Route::HistoryPage => {
            let query = HistoryQuery::parse(query, Strictness::Page)?;
            history_page(request, state, query).await
        }
        // Never is all as it should be: then it would not have come here.
        Route::QueueSocket => handshake::check_upgrade(request.head()).and(Err(WebError::UpgradeRequired)),
        Route::BuildSwarm => {
            parameters::none(query)?;
            let published = state.current().await;
            Ok(respond(request, &published.documents.build_swarm.encoded, JSON, cache(route)))
        }
        Route::Infrastructure => {
            parameters::none(query)?;
            let published = state.current().await;
            Ok(respond(request, &published.documents.infrastructure.encoded, JSON, cache(route)))
        }
        Route::BuildHistory => {
            let query = HistoryQuery::parse(query, Strictness::Api)?;
            build_history(request, state, query).await
        }
        Route::PackagePage => detail::package_page(request, state).await,
        Route::DronePage => detail::drone_page(request, state).await,
        Route::Package => {
            parameters::none(query)?;
            detail::package(request, state).await
        }
        Route::Drone => {
            parameters::none(query)?;
            detail::drone(request, state).await
        }
        Route::Queue => {
            let had = version(query)?;
            let published = state.current().await;
            Ok(queue(request, &published, had.as_ref()))
        }
    }
}

/// A page; `?refresh=60` makes a browser without scripts ask for it again each minute.
fn page(request: &HttpRequest, page: &Encoded) -> HttpResponse<BoxBody> {
    let mut response = respond(request, page, HTML, CachePolicy::Page);
    if let Some(seconds) = refresh(request.query_string()) {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from(seconds));
    }
    response
}

/// After how many seconds the reader wants the page again: not more often than it is fetched by a script.
fn refresh(query: &str) -> Option<u16> {
    let mut pairs = parameters::pairs(query).ok()?;
    let value = pairs.find_map(|(name, value)| value.filter(|_| name.as_deref() == Some("refresh")))?;
    value.parse().ok().filter(|seconds| (15..=3_600).contains(seconds))
}

/// The deltas since the version that a client has, if they are known; otherwise the whole queue.
fn queue(request: &HttpRequest, published: &Published, had: Option<&(String, u64)>) -> HttpResponse<BoxBody> {
    let whole = |policy| respond(request, &published.documents.queue.encoded, JSON, policy);
    let Some((epoch, since)) = had else { return whole(cache(Route::Queue)) };
    match published.catch_up.since(&published.live, epoch, *since) {
        Some(deltas) => respond::once(deltas, JSON),
        None => whole(CachePolicy::NoStore),
    }
}

/// Crawlers read pages; documents are the same once more.
fn robots(state: &State) -> HttpResponse<BoxBody> {
    let base = state.config.base_path();
    respond::once(
        format!("User-agent: *\nDisallow: {base}/api/v1/\nDisallow: {base}/api/v2/\nDisallow: {base}/ws/\n")
            .into(),
        TEXT,
    )
}

fn asset(request: &HttpRequest, state: &State) -> Answer {
    let part = |name| request.match_info().get(name);
    let asset = part("build").zip(part("path")).and_then(|(build, path)| state.assets.get(build, path));
    let (media_type, encoded) = asset.ok_or(WebError::NotFound)?;
    Ok(respond(request, encoded, media_type.clone(), cache(Route::Asset)))
}

async fn history_page(request: &HttpRequest, state: &State, query: HistoryQuery) -> Answer {
    let published = state.current().await;
    if query == HistoryQuery::default() {
        return Ok(page(request, &published.pages.history));
    }
    let pages = Arc::clone(&state.pages);
    let body = on_demand(request, move || {
        let listing = Listing::of(&query, published.history.as_deref());
        Ok(pages.history(&published.moment(), &query, &listing)?.into_bytes())
    });
    Ok(page(request, &body.await?))
}

async fn build_history(request: &HttpRequest, state: &State, query: HistoryQuery) -> Answer {
    let published = state.current().await;
    if query == HistoryQuery::default() {
        return Ok(respond(
            request,
            &published.documents.build_history.encoded,
            JSON,
            cache(Route::BuildHistory),
        ));
    }
    let format = query.format;
    let body = on_demand(request, move || match format {
        Format::Json => Ok(document(&query, &published)?),
        Format::Csv => {
            let all = published.history.iter().flat_map(|index| listing::all(&query, index));
            Ok(csv::table(all).into_bytes())
        }
    });
    let media_type = match format {
        Format::Json => JSON,
        Format::Csv => CSV,
    };
    let mut response = respond(request, &body.await?, media_type, cache(Route::BuildHistory));
    if format == Format::Csv {
        let attachment = HeaderValue::from_static("attachment; filename=\"builds.csv\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment);
    }
    Ok(response)
}

/// A part of the history under the stamps of the document that it is a part of: equal content gives equal bytes.
fn document(query: &HistoryQuery, published: &Published) -> Result<Vec<u8>, DocumentError> {
    let listing = Listing::of(query, published.history.as_deref());
    Ok(published.documents.build_history.with_data(raw(&BuildHistory::of(&listing))?)?)
}

/// Makes a body for one request and remembers nothing: everything that is made on demand is made here, off the async threads, and encodes it for that request only.
async fn on_demand(
    request: &HttpRequest,
    make: impl FnOnce() -> Result<Vec<u8>, DemandError> + Send + 'static,
) -> Result<Encoded, WebError> {
    let coding: Coding = respond::preferred(request);
    let encode = move || Ok(Encoded::new(make()?, Make::Only(coding)).map_err(DocumentError::Encode)?);
    let made: Result<Result<_, DemandError>, _> = web::block(encode).await;
    let made = made.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "no thread to answer a request");
        WebError::Unavailable
    })?;
    made.map_err(|error| {
        if matches!(error, DemandError::Unknown) {
            return WebError::NotFound;
        }
        tracing::error!(error = &error as &dyn std::error::Error, "an answer cannot be made");
        WebError::Unavailable
    })
}

const EPOCH: BadParameter =
    BadParameter { parameter: Some("epoch"), message: "epoch must be given once, together with since" };
const SINCE: BadParameter = BadParameter {
    parameter: Some("since"),
    message: "since must be a whole number from 0, given once, together with epoch",
};
/// What names a version of the queue, and what each must be.
pub(crate) const VERSION: [BadParameter; 2] = [EPOCH, SINCE];

/// The version of the queue that the client says it has: the run of the server and the number in it.
fn version(query: &str) -> Result<Option<(String, u64)>, BadParameter> {
    const UNKNOWN: BadParameter =
        BadParameter { parameter: None, message: "known parameters are epoch and since" };
    let (mut epoch, mut since) = (None, None);
    for (name, value) in parameters::pairs(query)? {
        match name.as_deref() {
            Some("epoch") if epoch.is_some() => return Err(EPOCH),
            Some("epoch") => epoch = Some(value.filter(|text| !text.is_empty()).ok_or(EPOCH)?),
            Some("since") if since.is_some() => return Err(SINCE),
            Some("since") => since = Some(value.as_deref().and_then(seq).ok_or(SINCE)?),
            _ => return Err(UNKNOWN),
        }
    }
    match (epoch, since) {
        (None, None) => Ok(None),
        (Some(epoch), Some(since)) => Ok(Some((epoch, since))),
        (Some(_), None) => Err(SINCE),
        (None, Some(_)) => Err(EPOCH),
    }
}

/// Below 2^53: what every JSON reader holds exactly.
fn seq(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|seq| is_number && *seq < 1 << 53)
}
