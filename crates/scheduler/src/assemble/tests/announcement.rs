//! The announcement: its age, its end, and what it must not name.

use jiff::Timestamp;
use snapshot::{
    notice::{Beside, NoticeCode, notices},
    section::SourceName,
    snapshot::{Announcement, Level},
};

use super::builder::{World, at, node};

fn said(text: &str) -> Announcement {
    Announcement { text: text.to_owned(), level: Level::Note, from: None, until: None }
}

impl World {
    fn announce(&mut self, announcement: Option<Announcement>) -> &mut Self {
        self.assembler.announce(announcement, self.now);
        self
    }

    /// The announcement as a reader sees it now.
    fn announced(&mut self) -> Option<(String, Timestamp)> {
        let snapshot = self.snapshot();
        let notices = notices(&snapshot, &[SourceName::Gateway], Beside::Verdict, self.now);
        let notice = notices.into_iter().find(|notice| notice.code == NoticeCode::Operator)?;
        Some((notice.text.plain(self.now.wall), notice.since))
    }
}

#[test]
fn an_announcement_holds_since_it_was_made_and_the_same_words_again_change_nothing() {
    let mut world = World::new();
    world.later(100).announce(Some(said("New disks.")));
    assert_eq!(world.announced(), Some(("New disks.".to_owned(), at(100))));
    world.later(50).announce(Some(said("New disks.")));
    assert_eq!(world.announced(), Some(("New disks.".to_owned(), at(100))));
    world.later(50).announce(Some(said("New roof.")));
    assert_eq!(world.announced(), Some(("New roof.".to_owned(), at(200))));
    let planned = Announcement { from: Some(at(400)), ..said("New roof.") };
    assert_eq!(world.later(50).announce(Some(planned)).announced(), None);
    assert_eq!(world.later(200).announced(), Some(("New roof.".to_owned(), at(400))));
    assert_eq!(world.announce(None).announced(), None);
}

#[test]
fn its_end_needs_nobody_and_is_foreseen() {
    let mut world = World::new();
    world.announce(Some(Announcement { until: Some(at(7)), ..said("Soon over.") }));
    let snapshot = world.snapshot();
    assert_eq!(snapshot::deadline::next(&snapshot, world.now).as_secs(), 7);
    assert!(world.announced().is_some());
    assert_eq!(world.later(7).announced(), None);
}

#[test]
fn an_announcement_that_names_a_machine_is_held_back_once_the_machine_is_known() {
    let mut world = World::new();
    world.announce(Some(said("The machine strange-host gets new disks.")));
    assert!(world.announced().is_some(), "nobody knows that this is a name");
    assert_eq!(world.gateway(vec![node("strange-host")]).announced(), None);
    assert_eq!(
        world.announce(Some(said("It was at 10.0.0.7."))).announced(),
        None,
        "an address is one always"
    );
    assert!(world.announce(Some(said("A machine gets new disks at 14:05:10 UTC."))).announced().is_some());
}
