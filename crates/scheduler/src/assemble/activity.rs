//! What happened of late: noted at each assembly, and named anew like everything else.

use snapshot::{
    activity::{Activity, Event, What},
    clock::Now,
    section::SourceName,
    snapshot::Snapshot,
};

use super::Assembler;

impl Assembler {
    /// Notes what is different from `previous`. What was noted before is called by today's names.
    pub(super) fn assemble_activity(&mut self, previous: &Snapshot, now: Now) {
        let known = self.snapshot.activity.get().cloned().unwrap_or_default();
        let activity = known.after(previous, &self.snapshot, now.wall);
        let activity = self.renamed_activity(activity);
        let (activity, n_hits) = self.screen.activity(&self.guard, activity);
        self.note_hits(SourceName::Gateway, "activity", n_hits);
        if !activity.events.is_empty() || self.snapshot.activity.content.is_some() {
            self.snapshot.activity.replace(activity, now.wall);
        }
    }

    /// Events of machines that are no longer anybody are left out, and packages are cleared anew.
    pub(super) fn renamed_activity(&self, activity: Activity) -> Activity {
        let named = |name| self.directory.recall_name(&name);
        let what = |what| {
            Some(match what {
                What::Left(name) => What::Left(named(name)?),
                What::Returned(name) => What::Returned(named(name)?),
                What::Blocked { package, reason } => {
                    What::Blocked { package: self.recleared(package), reason }
                }
                What::Paused | What::Resumed => what,
            })
        };
        let event = |event: Event| Some(Event { what: what(event.what)?, ..event });
        Activity { events: activity.events.into_iter().filter_map(event).collect() }
    }
}
