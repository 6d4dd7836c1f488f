//! SIGHUP: the configuration is read again. What a running process can take over is taken over, a wrong file changes
//! nothing, and of everything else it is said that it needs a restart.
//!
//! Internal names may stand in a configuration, so the log names keys alone; `check-config` shows the rest.

use scheduler::{Reconfigurer, config::credentials::Credentials};

use super::{described, read};
use crate::{
    cli::ServeArgs,
    commands::Failure,
    config::{Settings, Source},
};

/// How to read the configuration again, and what held at the start.
#[derive(Debug)]
pub(in crate::commands) struct Reload {
    args: ServeArgs,
    source: Source,
    credentials: Vec<(&'static str, Credentials)>,
}

impl Reload {
    pub(super) fn new(args: &ServeArgs, settings: &Settings) -> Self {
        Self { args: args.clone(), source: settings.source.clone(), credentials: credentials(settings) }
    }

    /// Reads, checks and takes over. Whatever goes wrong, what held before goes on.
    pub(super) async fn run(&self, reconfigurer: &Reconfigurer) {
        let settings = match read(&self.args) {
            Ok(settings) => settings,
            Err(failure) => return refuse(&failure),
        };
        for note in settings.notes.iter() {
            tracing::warn!("{note}");
        }
        if let Err(error) = reconfigurer.reconfigure(settings.scheduler.change()).await {
            let error = described(&error);
            return tracing::error!(error, "the configuration cannot be used and stays what it was");
        }
        let waiting = self.waiting(&settings);
        if !waiting.is_empty() {
            tracing::warn!(keys = waiting.join(", "), "these changes need a restart");
        }
        tracing::info!("the configuration was read again");
    }

    /// What is different and holds from a start on only.
    fn waiting(&self, settings: &Settings) -> Vec<String> {
        let mut waiting = settings.source.differences(&self.source);
        let ServeArgs { listen, internal_listen, data_dir, .. } = &self.args;
        let overruled = [
            ("listen", listen.is_some()),
            ("internal_listen", internal_listen.is_some()),
            ("data_dir", data_dir.is_some()),
        ];
        waiting.retain(|key| !overruled.contains(&(key.as_str(), true)));
        // The same file may be named as before, with another secret in it.
        for (backend, now) in credentials(settings) {
            let is_other = self.credentials.iter().any(|(name, then)| *name == backend && *then != now);
            if is_other && !waiting.iter().any(|key| key.starts_with(backend)) {
                waiting.push(format!("the credentials of {backend}"));
            }
        }
        waiting
    }
}

fn credentials(settings: &Settings) -> Vec<(&'static str, Credentials)> {
    let scheduler = &settings.scheduler;
    let backends = [
        ("gateway", scheduler.gateway.as_ref()),
        ("orchestrator", scheduler.orchestrator.as_ref()),
        ("prometheus", scheduler.prometheus.as_ref().map(|(backend, _)| backend)),
        ("loki", scheduler.loki.as_ref().map(|(backend, _)| backend)),
    ];
    backends.into_iter().filter_map(|(name, backend)| Some((name, backend?.credentials().clone()))).collect()
}

fn refuse(failure: &Failure) {
    let keys = match failure {
        Failure::Config(error) => error.tables().join(", "),
        _ => String::new(),
    };
    tracing::error!(
        keys,
        "the configuration is wrong and stays what it was; check-config says what is wrong"
    );
    tracing::debug!(%failure, "what is wrong");
}
