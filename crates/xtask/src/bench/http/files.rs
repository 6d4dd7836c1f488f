//! What our server answered, as files and as a list of them: the same bytes under the same headers for the others.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    case::{Form, Subject, file},
    exchange::get,
};
use crate::bench::error::{BenchError, Context as _};

/// Headers that every server makes by itself, or that are of the connection.
const OWN: [&str; 4] = ["date", "content-length", "connection", "etag"];

/// One answer that others are to give as well.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Served {
    /// Where.
    pub(crate) path: String,
    /// The media type.
    pub(crate) media_type: String,
    /// Further headers, without those that each server makes by itself.
    pub(crate) headers: Vec<(String, String)>,
    /// Its tag.
    pub(crate) etag: String,
    /// The file with its body.
    pub(crate) body: PathBuf,
    /// How long the body is.
    pub(crate) n_bytes: usize,
}

/// Asks our server for every subject in every encoding, and writes bodies into `directory`.
pub(crate) fn capture(ours: SocketAddr, directory: &Path) -> Result<Vec<Served>, BenchError> {
    let mut all = Vec::new();
    for subject in Subject::ALL {
        for accepted in [Form::Identity.accepted(), Form::Brotli.accepted()] {
            let answer = get(ours, subject.path(), &[("Accept-Encoding", accepted)])?;
            let header = |name| answer.header(name).unwrap_or_default().to_owned();
            let encoding = answer.header("content-encoding").unwrap_or("identity");
            if (answer.status, encoding) != (200, accepted) {
                let what = format!("{} is answered with {} in {encoding}", subject.path(), answer.status);
                return Err(BenchError::Unexpected(what));
            }
            let path = file(subject, accepted);
            let body = directory.join(path.trim_start_matches('/'));
            fs::write(&body, &answer.body).during("writing a body")?;
            let is_copied = |(name, _): &&(String, String)| !OWN.contains(&&**name) && name != "content-type";
            all.push(Served {
                path,
                media_type: header("content-type"),
                headers: answer.headers.iter().filter(is_copied).cloned().collect(),
                etag: header("etag"),
                n_bytes: answer.body.len(),
                body,
            });
        }
    }
    Ok(all)
}
