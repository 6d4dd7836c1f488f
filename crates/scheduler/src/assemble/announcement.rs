//! What is announced on every page, and since when.

use std::sync::Arc;

use snapshot::{
    clock::{Now, whole_second},
    snapshot::Announcement,
};

use super::{Assembler, screen::Screen};

impl Assembler {
    /// Announces something else from now on, or nothing. The same words again are the same announcement.
    pub fn announce(&mut self, announcement: Option<Announcement>, now: Now) {
        let before = self.announcement.take();
        self.announcement = announcement.map(|next| {
            let goes_on = before.filter(|before| {
                let is_shown = before.from.is_none_or(|from| from <= now.wall);
                is_shown && (&before.text, before.level) == (&next.text, next.level)
            });
            let since = || goes_on.map_or(Some(whole_second(now.wall)), |before| before.from);
            Arc::new(Announcement { from: next.from.or_else(since), ..next })
        });
    }

    /// Puts the announcement in place. The operator may have named a machine before any backend did, so it is
    /// searched each time, and as a whole: a word of it that some host is called too is still a word.
    pub(super) fn assemble_announcement(&mut self) {
        let is_clean = |announcement: &Arc<Announcement>| Screen::may_announce(&self.guard, announcement);
        let clean = self.announcement.clone().filter(is_clean);
        let is_held = clean.is_none() && self.announcement.is_some();
        if is_held && !self.is_announcement_held {
            tracing::error!(section = "announcement", "the leak guard holds back the announcement");
        }
        self.is_announcement_held = is_held;
        self.snapshot.announcement = clean;
    }
}
