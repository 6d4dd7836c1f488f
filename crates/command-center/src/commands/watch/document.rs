//! Asks for the queue over plain HTTP, for when there is no socket.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use scheduler::{
    client::{self, ClientError},
    config::credentials::Credentials,
};
use url::Url;
use web::mirror::TEXT_MAX;

/// Asks for documents.
pub(super) struct Asker(reqwest::Client);

/// A document, and the server's clock when it was sent.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) date: Option<Timestamp>,
}

impl Asker {
    /// Prepares for URLs like this one.
    pub(super) fn new(url: &Url, timeout: Duration) -> Result<Self, ClientError> {
        client::http_builder(url.scheme(), &Credentials::default())?
            .timeout(timeout)
            .build()
            .map(Self)
            .map_err(ClientError::Http)
    }

    /// Asks once.
    ///
    /// # Errors
    /// Says why in words of ours.
    pub(super) async fn ask(&self, url: Url) -> Result<Answer, String> {
        let unanswered = |error: reqwest::Error| {
            let why = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
            why.to_owned()
        };
        let mut answer = self.0.get(url).send().await.map_err(unanswered)?;
        if !answer.status().is_success() {
            return Err(format!("answered with {}", answer.status().as_u16()));
        }
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unanswered)? {
            if body.len() + chunk.len() > TEXT_MAX {
                return Err("sent too much".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(body).map_err(|_| "sent something that is no text".to_owned())?;
        Ok(Answer { text, date })
    }
}
