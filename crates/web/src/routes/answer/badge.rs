//! Badges: those that everybody asks for are ready, those of drones are made for whoever asks.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header::HeaderValue};

use super::{super::Route, Answer, DemandError, detail::part, on_demand};
use crate::{
    encode::Encoded,
    error::WebError,
    integrations::{
        IntegrationError, RenderedBadge,
        badge::{Badge, BadgeName},
    },
    pages::Pages,
    reference::cache,
    respond::{JSON, SVG, respond},
    state::State,
};

pub(super) async fn picture(request: &HttpRequest, state: &State) -> Answer {
    let pages = Arc::clone(&state.pages);
    let of_drone = move |badge: &Badge| Ok(Pages::badge(&pages, &badge.picture())?.into_bytes());
    badge(request, state, |badge| &badge.picture, of_drone, (SVG, Route::BadgePicture)).await
}

pub(super) async fn data(request: &HttpRequest, state: &State) -> Answer {
    let of_drone = |badge: &Badge| Ok(serde_json::to_vec(&badge.data())?);
    badge(request, state, |badge| &badge.data, of_drone, (JSON, Route::BadgeData)).await
}

async fn badge(
    request: &HttpRequest,
    state: &State,
    ready: fn(&RenderedBadge) -> &Arc<Encoded>,
    of_drone: impl FnOnce(&Badge) -> Result<Vec<u8>, IntegrationError> + Send + 'static,
    (media_type, route): (HeaderValue, Route),
) -> Answer {
    let name = part(request, "name")?;
    let published = state.current().await;
    if let Some(name) = BadgeName::parse(&name) {
        let badge = published.integrations.badge(name).ok_or(WebError::NotFound)?;
        return Ok(respond(request, ready(badge), media_type, cache(route)));
    }
    let body = on_demand(request, move || {
        let snapshot = &published.snapshot;
        let drones = snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        let drone = drones.iter().find(|drone| drone.name.same(&name)).ok_or(DemandError::Unknown)?;
        Ok(of_drone(&Badge::of_drone(drone, snapshot, published.rendered_at))?)
    });
    Ok(respond(request, &body.await?, media_type, cache(route)))
}
