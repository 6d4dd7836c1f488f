//! `check-config`: reads the configuration, lists every problem, and what deserves a second look.

use super::{Failure, print};
use crate::{cli::ConfigArgs, config};

pub(super) fn run(args: &ConfigArgs) -> Result<(), Failure> {
    let settings = config::load(args.config.as_deref())?;
    for (alias, star) in settings.scheduler.identity.weak_aliases() {
        print(&format!(
            "note: alias \"{alias}\" of star \"{star}\" is short or a common word; the leak guard finds it only as a \
             whole value"
        ));
    }
    for note in settings.notes.iter() {
        print(&format!("note: {note}"));
    }
    if !settings.has_backend() {
        print("note: no backend is configured; `command-center serve` would refuse to start");
    }
    print("The configuration is valid.");
    Ok(())
}
