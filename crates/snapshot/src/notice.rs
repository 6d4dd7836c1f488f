//! Notices: the operator's announcement, and what the server itself has to say.

use jiff::Timestamp;

use crate::{
    clock::Now,
    section::SourceName,
    sentence::Sentence,
    situation::Situation,
    snapshot::{Level, Snapshot},
    verdict::{self, VerdictCode},
};

/// The most notices on a document.
pub const NOTICES_MAX: usize = 8;

/// Something that a whole page should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind it is.
    pub code: NoticeCode,
    /// How urgent it is.
    pub level: Level,
    /// The sentence.
    pub text: Sentence,
    /// Since when it holds.
    pub since: Timestamp,
}

/// The kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeCode {
    /// Of the operator.
    Operator,
    /// This is a demonstration.
    Demo,
    /// The leak guard holds something back.
    Withheld,
    /// A source is silent.
    SourceStale,
    /// Work waits in vain.
    NoCompletion,
    /// Builds were lost.
    HistoryGap,
}

/// Whether the verdict stands on the same page, so that no notice need repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// It does.
    Verdict,
    /// It does not.
    Nothing,
}

/// The notices of a document that rests on these sources.
#[must_use]
pub fn notices(snapshot: &Snapshot, sources: &[SourceName], beside: Beside, now: Now) -> Vec<Notice> {
    let situation = Situation::of(snapshot, now);
    let mut notices = Vec::new();
    notices.extend(announcement(snapshot, now));
    if snapshot.policy.demo {
        let text = Sentence::new("Demonstration: a simulated farm. Nothing here is real.");
        notices.push(notice(NoticeCode::Demo, Level::Note, text, snapshot.started_at));
    }
    let withheld =
        sources.iter().filter_map(|name| snapshot.sources.get(*name)).find(|source| source.withheld);
    if let Some(source) = withheld {
        let text = Sentence::new("Part of this page is held back by the leak guard.");
        notices.push(notice(NoticeCode::Withheld, Level::Warning, text, source.since(now)));
    }
    let code = verdict::code(snapshot, now);
    let is_told = |name| beside == Beside::Verdict && tells(code, name);
    let untold = sources.iter().filter(|name| !is_told(**name));
    notices.extend(untold.filter_map(|name| silent(snapshot, *name, now)));
    if beside == Beside::Nothing
        && sources.contains(&SourceName::Orchestrator)
        && !code.is_past()
        && let Some(since) = situation.stuck_since
    {
        let text =
            Sentence::new("No build has finished").time_if(" since ", situation.last_finished()).text(".");
        notices.push(notice(NoticeCode::NoCompletion, Level::Warning, text, since));
    }
    if sources.contains(&SourceName::Orchestrator) {
        notices.extend(lost_builds(snapshot, now));
    }
    notices.truncate(NOTICES_MAX);
    notices
}

fn notice(code: NoticeCode, level: Level, text: Sentence, since: Timestamp) -> Notice {
    Notice { code, level, text, since }
}

fn announcement(snapshot: &Snapshot, now: Now) -> Option<Notice> {
    let announcement = snapshot.announcement.as_deref()?;
    let begins = announcement.from.unwrap_or(snapshot.started_at);
    let is_over = announcement.until.is_some_and(|until| until <= now.wall);
    let is_due = announcement.from.is_none_or(|from| from <= now.wall) && !is_over;
    let text = Sentence::new(announcement.text.clone());
    is_due.then(|| notice(NoticeCode::Operator, announcement.level, text, begins))
}

/// Whether the verdict says already that this source is silent.
fn tells(code: VerdictCode, name: SourceName) -> bool {
    match code {
        VerdictCode::Restored | VerdictCode::Blind => true,
        VerdictCode::OrchestratorSilent | VerdictCode::OrchestratorLate => name == SourceName::Orchestrator,
        VerdictCode::GatewaySilent => name == SourceName::Gateway,
        _ => false,
    }
}

fn silent(snapshot: &Snapshot, name: SourceName, now: Now) -> Option<Notice> {
    let source = snapshot.sources.get(name).filter(|source| source.is_late(now))?;
    let text = Sentence::new(format!("{} silent since ", name.title())).time(source.last_seen?.at).text(".");
    Some(notice(NoticeCode::SourceStale, Level::Warning, text, source.since(now)))
}

fn lost_builds(snapshot: &Snapshot, now: Now) -> Option<Notice> {
    let gap = snapshot.history.get()?.gaps.first()?;
    let is_news = crate::clock::elapsed(gap.to, now.wall) < crate::history::DAY;
    let text = Sentence::new("Builds between ").time(gap.from).text(" and ").time(gap.to);
    let text = text.text(" were not recorded.");
    is_news.then(|| notice(NoticeCode::HistoryGap, Level::Note, text, gap.to))
}

impl NoticeCode {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Demo => "demo",
            Self::Withheld => "withheld",
            Self::SourceStale => "source_stale",
            Self::NoCompletion => "no_completion",
            Self::HistoryGap => "history_gap",
        }
    }
}

#[cfg(test)]
mod tests;
