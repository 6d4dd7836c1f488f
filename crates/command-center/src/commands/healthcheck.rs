//! `healthcheck`: whether the running server lives, as an exit code.

use std::time::Duration;

use super::{Failure, backstage};
use crate::cli::RunningArgs;

/// How long the running server may take: less than a supervisor waits for this command.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn run(args: &RunningArgs) -> Result<(), Failure> {
    backstage::ask(args, "/healthz", "not healthy:", PATIENCE).map(|_| ())
}
