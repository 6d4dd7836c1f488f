//! What happened of late: noted at each assembly, and named anew like everything else.

use snapshot::{activity::Activity, clock::Now, snapshot::Snapshot};

use super::Assembler;

impl Assembler {
    /// Notes what is different from `previous`. What was noted before is called by today's names.
    pub(super) fn assemble_activity(&mut self, previous: &Snapshot, now: Now) {
        let known = self.snapshot.activity.get().cloned().unwrap_or_default();
        let activity = known.after(previous, &self.snapshot, now.wall);
        let activity = self.renamed_activity(activity, None);
        if activity != Activity::default() || self.snapshot.activity.content.is_some() {
            self.snapshot.activity.replace(activity, now.wall);
        }
    }
}
