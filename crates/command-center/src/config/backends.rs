//! The backends' tables.

use std::time::Duration;

use scheduler::config::{Backend, BackendProblem, Timing};

use super::{credentials, keys::Keys, notes::Notes};

/// Reads a backend; `None` when it has no URL, which means that it is not configured.
pub(super) fn read(keys: &mut Keys<'_>, notes: &mut Notes, default_interval: Duration) -> Option<Backend> {
    let url = keys.text("url");
    let timing = Timing {
        interval: keys.duration("interval"),
        timeout: keys.duration("timeout"),
        stale_after: keys.duration("stale_after"),
        offline_after: keys.duration("offline_after"),
    };
    let credentials = credentials::read(keys, notes);
    match Backend::new(&url?, timing, default_interval) {
        Ok(backend) => {
            let credentials = credentials?;
            notes.of_way(&keys.path("url"), backend.url(), &credentials);
            Some(backend.with_credentials(credentials))
        }
        Err(problems) => {
            for problem in problems {
                let text = problem.to_string();
                let key = key(&problem);
                keys.complain(key, text.strip_prefix(key).map_or(text.as_str(), str::trim_start));
            }
            None
        }
    }
}

fn key(problem: &BackendProblem) -> &'static str {
    match problem {
        BackendProblem::Url | BackendProblem::UrlWithPassword => "url",
        BackendProblem::Interval => "interval",
        BackendProblem::Timeout => "timeout",
        BackendProblem::StaleAfter => "stale_after",
        BackendProblem::OfflineAfter => "offline_after",
    }
}
