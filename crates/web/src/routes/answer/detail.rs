//! Answers about one package or drone, made for whoever asks.

use std::sync::Arc;

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use super::{super::Route, Answer, DemandError, on_demand, page};
use crate::{
    detail::{DroneRecord, PackageRecord},
    documents::{
        Document, DocumentError,
        detail::{DroneDetail, Package},
        raw,
    },
    error::WebError,
    reference::cache,
    respond::{JSON, respond},
    state::State,
};

pub(super) async fn package_page(request: &HttpRequest, state: &State) -> Answer {
    let (category, name) = (part(request, "category")?, part(request, "name")?);
    let (published, pages) = (state.current().await, Arc::clone(&state.pages));
    let body = on_demand(request, move || {
        let moment = published.moment();
        let record = PackageRecord::find(&category, &name, &moment).ok_or(DemandError::Unknown)?;
        Ok(pages.package(&moment, &record)?.into_bytes())
    });
    Ok(page(request, &body.await?))
}

pub(super) async fn drone_page(request: &HttpRequest, state: &State) -> Answer {
    let name = part(request, "name")?;
    let (published, pages) = (state.current().await, Arc::clone(&state.pages));
    let body = on_demand(request, move || {
        let moment = published.moment();
        let record = DroneRecord::find(&name, &moment).ok_or(DemandError::Unknown)?;
        Ok(pages.drone(&moment, &record)?.into_bytes())
    });
    Ok(page(request, &body.await?))
}

pub(super) async fn package(request: &HttpRequest, state: &State) -> Answer {
    let (category, name) = (part(request, "category")?, part(request, "name")?);
    let published = state.current().await;
    let body = on_demand(request, move || {
        let record = PackageRecord::find(&category, &name, &published.moment());
        let data = Package::of(record.as_ref().ok_or(DemandError::Unknown)?);
        Ok(document(&published.documents.package, &data)?)
    });
    Ok(respond(request, &body.await?, JSON, cache(Route::Package)))
}

pub(super) async fn drone(request: &HttpRequest, state: &State) -> Answer {
    let name = part(request, "name")?;
    let published = state.current().await;
    let body = on_demand(request, move || {
        let record = DroneRecord::find(&name, &published.moment());
        let data = DroneDetail::of(record.as_ref().ok_or(DemandError::Unknown)?, &published.snapshot);
        Ok(document(&published.documents.drone, &data)?)
    });
    Ok(respond(request, &body.await?, JSON, cache(Route::Drone)))
}

fn document(frame: &Document, data: &impl serde::Serialize) -> Result<Vec<u8>, DocumentError> {
    Ok(frame.with_data(raw(data)?)?)
}

/// A part of the path with its escapes undone; the server leaves those of `%`, `+` and `/` in it.
pub(super) fn part(request: &HttpRequest, name: &str) -> Result<String, WebError> {
    let part = request.match_info().get(name).ok_or(WebError::NotFound)?;
    let part = percent_decode_str(part).decode_utf8().map_err(|_| WebError::NotFound)?;
    Ok(part.into_owned())
}
