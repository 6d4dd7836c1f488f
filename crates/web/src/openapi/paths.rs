//! What can be asked, and how it is answered: from the one table of routes.

use serde_json::{Map, Value, json};

use super::{
    schema::{document, named},
    words,
};
use crate::{
    history::query::{PER_PAGE, PER_PAGE_MAX},
    reference::{self, Integration, Reference, cache},
    routes::Route,
    ws,
};

/// Every path.
pub(super) fn paths() -> Value {
    let mut paths = Map::new();
    for document in reference::documents() {
        paths.insert(document.pattern.to_owned(), json!({"get": of_document(&document)}));
    }
    for integration in reference::integrations() {
        paths.insert(integration.pattern.to_owned(), json!({"get": of_integration(&integration)}));
    }
    paths.insert(ws::PATH.to_owned(), json!({"get": of_socket()}));
    Value::Object(paths)
}

fn of_document(reference: &Reference) -> Value {
    let Reference { route, pattern, kind, what, .. } = reference;
    let mut content = json!({"application/json": {"schema": named(document(*kind))}});
    if *route == Route::BuildHistory {
        content["text/csv"] = json!({"schema": {"type": "string"}});
    }
    let mut responses =
        json!({"200": answer(*route, content), "304": {"description": "What the client has is the newest."}});
    let mut refusals = vec!["400", "405"];
    let mut parameters: Vec<Value> = in_path(pattern).collect();
    if !parameters.is_empty() {
        refusals.push("404");
    }
    refusals.push("503");
    refuse(&mut responses, &refusals);
    parameters.extend(reference.parameters.iter().filter_map(|one| {
        let name = one.parameter?;
        Some(json!({"name": name, "in": "query", "description": one.message, "schema": parameter(name)}))
    }));
    json!({
        "tags": ["documents"],
        "operationId": document(*kind),
        "summary": what,
        "parameters": parameters,
        "responses": responses,
    })
}

fn of_integration(integration: &Integration) -> Value {
    let Integration { route, pattern, what, .. } = integration;
    let (id, content) = match route {
        Route::Feed => ("Feed", json!({"application/atom+xml": {"schema": {"type": "string"}}})),
        Route::BadgePicture => ("BadgePicture", json!({"image/svg+xml": {"schema": {"type": "string"}}})),
        Route::BadgeData => ("BadgeData", json!({"application/json": {"schema": named("BadgeData")}})),
        Route::StatuspageSummary => {
            ("StatuspageSummary", json!({"application/json": {"schema": named("StatuspageSummary")}}))
        }
        Route::OpenApi => ("Description", json!({"application/json": {"schema": {"type": "object"}}})),
        _ => ("StatuspageStatus", json!({"application/json": {"schema": named("StatuspageStatus")}})),
    };
    let parameters: Vec<Value> = in_path(pattern).collect();
    let mut refusals = vec!["405"];
    if !parameters.is_empty() {
        refusals.push("404");
        refusals.push("503");
    }
    let mut responses =
        json!({"200": answer(*route, content), "304": {"description": "What the client has is the newest."}});
    refuse(&mut responses, &refusals);
    json!({
        "tags": ["integrations"],
        "operationId": id,
        "summary": what,
        "parameters": parameters,
        "responses": responses,
    })
}

/// A description of HTTP has no words for what follows the upgrade.
fn of_socket() -> Value {
    let mut responses = json!({"101": {"description": "The connection is a WebSocket from here on."}});
    refuse(&mut responses, &["400", "403", "405", "426", "429", "503"]);
    let text = |name: &str, what: &str, schema: Value| json!({"name": name, "in": "query", "description": what, "schema": schema});
    json!({
        "tags": ["live"],
        "operationId": "QueueSocket",
        "summary": "The queue, live: a snapshot or the missed deltas, then deltas and heartbeats.",
        "parameters": [
            text("epoch", "the run of the server whose version the client has", json!({"type": "string"})),
            text("since", "the version that the client has", json!({"type": "integer", "minimum": 0})),
        ],
        "responses": responses,
    })
}

/// A good answer.
fn answer(route: Route, content: Value) -> Value {
    let policy = cache(route).header().to_str().unwrap_or_default().to_owned();
    let text = |what: &str| json!({"description": what, "required": true, "schema": {"type": "string"}});
    let mut headers =
        json!({"Cache-Control": text(&format!("`{policy}`, or `no-store` for what is made for one client"))});
    if route != Route::Queue {
        headers["ETag"] = text("One for each encoding; `If-None-Match` takes any of them.");
    }
    json!({"description": "The answer.", "headers": headers, "content": content})
}

/// The answers that are none.
fn refuse(responses: &mut Value, statuses: &[&str]) {
    for status in statuses {
        let what = match *status {
            "400" => "A parameter cannot be used, or is not known; the message says what is allowed.",
            "403" => "Pages of other sites cannot connect.",
            "404" => "Nobody knows of this.",
            "405" => "It can only be read.",
            "426" => "It is answered over a WebSocket only.",
            "429" => "There are too many subscribers from this address.",
            _ => "It cannot be answered now.",
        };
        let mut refusal = json!({
            "description": what,
            "content": {"application/json": {"schema": named("Error")}},
        });
        if matches!(*status, "429" | "503") {
            let seconds = json!({"type": "integer", "minimum": 1});
            refusal["headers"] = json!({"Retry-After": {"description": "In seconds.", "schema": seconds}});
        }
        responses[*status] = refusal;
    }
}

/// What stands in the pattern of a path.
fn in_path(pattern: &str) -> impl Iterator<Item = Value> + '_ {
    let names = pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| {
        let schema = json!({"type": "string", "minLength": 1});
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    })
}

/// What may stand in a query.
fn parameter(name: &str) -> Value {
    let list = |items: Value| json!({"type": "array", "items": items});
    match name {
        "page" => json!({"type": "integer", "minimum": 1, "default": 1}),
        "per_page" => {
            json!({"type": "integer", "minimum": 1, "maximum": PER_PAGE_MAX, "default": PER_PAGE})
        }
        "drone" => list(json!({"type": "string", "minLength": 1, "maxLength": 40})),
        "status" => list(json!(words::build_status())),
        "sort" => json!(words::sort()),
        "order" => json!(words::order()),
        "format" => json!({"type": "string", "enum": ["json", "csv"], "default": "json"}),
        "since" => json!({"type": "integer", "minimum": 0}),
        _ => json!({"type": "string"}),
    }
}
