//! An encoded body as an answer to one request: which encoding, and whether it is sent at all.

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderMap, HeaderValue},
    },
};
use bytes::Bytes;

use crate::{
    cache::CachePolicy,
    encode::{Coding, Encoded},
};

/// The media type of documents.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The media type of pages.
pub(crate) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// The media type of a feed.
pub(crate) const ATOM: HeaderValue = HeaderValue::from_static("application/atom+xml; charset=utf-8");
/// The media type of a picture.
pub(crate) const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml");
/// The media type of plain text.
pub(crate) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// The media type of tables.
pub(crate) const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8; header=present");

/// Answers with a body, or with 304 when the client has it.
///
/// For HEAD the server leaves the body out and keeps its length.
pub(crate) fn respond(
    request: &HttpRequest,
    encoded: &Encoded,
    media_type: HeaderValue,
    cache: CachePolicy,
) -> HttpResponse<BoxBody> {
    let (coding, variant) = encoded.variant(preferred(request));
    let is_kept = cache != CachePolicy::NoStore;
    let is_known = is_kept && has(request.headers(), encoded);
    let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, cache.header()));
    response.insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
    if is_kept {
        response.insert_header((header::ETAG, variant.etag.clone()));
    }
    if is_known {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, media_type));
    if let Some(coding) = coding.header() {
        response.insert_header((header::CONTENT_ENCODING, coding));
    }
    response.body(variant.bytes.clone())
}

/// Answers with a body that nobody else is sent: it is not kept, and not compressed either.
pub(crate) fn once(body: Bytes, media_type: HeaderValue) -> HttpResponse<BoxBody> {
    let mut response = HttpResponse::build(StatusCode::OK);
    response.insert_header((header::CACHE_CONTROL, CachePolicy::NoStore.header()));
    response.insert_header((header::CONTENT_TYPE, media_type));
    response.body(body)
}

/// The encoding that the client likes best among those that are made. One that accepts none gets the body as it is.
pub(crate) fn preferred(request: &HttpRequest) -> Coding {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return Coding::Identity;
    }
    let supported =
        [ContentEncoding::Brotli, ContentEncoding::Gzip, ContentEncoding::Identity].map(Encoding::Known);
    let accepted = AcceptEncoding::parse(request).ok();
    match accepted.and_then(|accepted| accepted.negotiate(supported.iter())) {
        Some(Encoding::Known(ContentEncoding::Brotli)) => Coding::Brotli,
        Some(Encoding::Known(ContentEncoding::Gzip)) => Coding::Gzip,
        _ => Coding::Identity,
    }
}

/// Whether the client has the body, in any encoding. What compresses on the way makes tags weak, so weakness is
/// ignored; a tag that cannot be read is that of something else.
fn has(headers: &HeaderMap, encoded: &Encoded) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| {
        let strong = tag.strip_prefix("W/").unwrap_or(tag);
        let opaque = strong.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        tag == "*" || opaque.is_some_and(|opaque| encoded.has_tag(opaque))
    })
}
