//! The API for programs that read descriptions of APIs: OpenAPI 3.1, from the types that write the documents and from the
//! one table of routes.
//!
//! - `schema` what is in documents and answers
//! - `words` the closed words
//! - `paths` what can be asked, and how it is answered

mod paths;
pub(crate) mod schema;
pub(crate) mod words;

use serde_json::{Value, json};

use crate::{
    config::Address,
    encode::{EncodeError, Encoded, Make},
};

/// The version of the description: of the API, not of the program.
const VERSION: &str = "1.0.0";

/// Describes the API of a site, as JSON in lines.
#[must_use]
pub fn describe() -> String {
    written(&Address::default())
}

/// The same, of a site at an address, ready to be sent.
///
/// # Errors
/// When it cannot be compressed.
pub(crate) fn encoded(address: &Address) -> Result<Encoded, EncodeError> {
    Encoded::new(written(address), Make::All)
}

fn written(address: &Address) -> String {
    let document = document(address);
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn document(address: &Address) -> Value {
    let place = address.public_root().unwrap_or_else(|| address.base_path().as_str().to_owned());
    let place = if place.is_empty() { "/".to_owned() } else { place };
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Command Center",
            "version": VERSION,
            "summary": "The live status of a build swarm, to be read",
            "description": "Documents answer 200 whatever works behind them: `status` says how fresh one is, `expected_next` until when a copy may be believed. A key is always present; `null` is not known and never zero. Clients ignore keys that they do not know, and take a word that they do not know for `unknown`.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": place}],
        "tags": [
            {"name": "documents", "description": "What is known, each under one envelope."},
            {"name": "integrations", "description": "The same in forms of others."},
            {"name": "live", "description": "The queue over a WebSocket."},
        ],
        "paths": paths::paths(),
        "components": {"schemas": schema::schemas()},
    })
}

#[cfg(test)]
mod tests;
