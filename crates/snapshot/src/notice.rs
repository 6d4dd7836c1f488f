//! Notices: the operator's announcement, and what the server itself has to say.

use jiff::Timestamp;

use crate::{
    clock::Now,
    infrastructure::FillLevel,
    machines::{self, Trouble},
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
    /// The swarm hands out no work.
    Paused,
    /// More work comes than is done.
    BacklogGrowing,
    /// Work waits in vain.
    NoCompletion,
    /// Builds were lost.
    HistoryGap,
    /// Hosts do not answer.
    HostDown,
    /// Disks are getting full.
    DiskFull,
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
    let verdict = verdict::verdict(snapshot, now);
    let code = verdict.code;
    let notes = if beside == Beside::Verdict { &verdict.notes[..] } else { &[] };
    let is_noted = |name| {
        name == SourceName::Prometheus
            && machines::silent(&situation).is_some_and(|note| notes.contains(&note))
    };
    let is_told = |name| beside == Beside::Verdict && tells(code, name) || is_noted(name);
    let untold = sources.iter().filter(|name| !is_told(**name));
    notices.extend(untold.filter_map(|name| silent(snapshot, *name, now)));
    if sources.contains(&SourceName::Orchestrator) && !code.is_past() {
        if beside == Beside::Nothing {
            notices.extend(paused(snapshot));
            notices.extend(situation.stuck_since.map(|since| no_completion(&situation, since)));
        }
        notices.extend(backlog(snapshot, now));
    }
    if sources.contains(&SourceName::Orchestrator) {
        notices.extend(lost_builds(snapshot, now));
    }
    // Beside a verdict on the past nothing speaks of the present; without one, metrics that are fresh are.
    let is_past = code == VerdictCode::Restored || beside == Beside::Verdict && code.is_past();
    if sources.contains(&SourceName::Prometheus) && !is_past {
        notices.extend(troubles(&situation, notes));
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

fn paused(snapshot: &Snapshot) -> Option<Notice> {
    let control = snapshot.control.get().filter(|control| control.paused == Some(true))?;
    let text = Sentence::new("The swarm is paused").time_if(" since ", control.paused_since).text(".");
    let since = control.paused_since.unwrap_or(snapshot.started_at);
    Some(notice(NoticeCode::Paused, Level::Note, text, since))
}

fn no_completion(situation: &Situation<'_>, since: Timestamp) -> Notice {
    let text = Sentence::new("No build has finished").time_if(" since ", situation.last_finished()).text(".");
    notice(NoticeCode::NoCompletion, Level::Warning, text, since)
}

fn backlog(snapshot: &Snapshot, now: Now) -> Option<Notice> {
    let (low, high) = snapshot.depth.get()?.growth(now.wall)?;
    let text = Sentence::new(format!("The queue grew from {} to {} since ", low.pending, high.pending));
    Some(notice(NoticeCode::BacklogGrowing, Level::Note, text.time(low.at).text("."), low.at))
}

/// What is wrong with the machines and stands in no note beside it.
fn troubles(situation: &Situation<'_>, notes: &[Sentence]) -> impl Iterator<Item = Notice> {
    let untold = |trouble: &Trouble| !notes.contains(&trouble.text);
    let down = machines::down(situation).filter(untold);
    let fullest_is_told = machines::full(situation, FillLevel::Critical).is_some_and(|full| !untold(&full));
    let full = machines::full(situation, FillLevel::High).filter(|_| !fullest_is_told);
    let told = |code| move |trouble: Trouble| notice(code, Level::Warning, trouble.text, trouble.since);
    down.map(told(NoticeCode::HostDown)).into_iter().chain(full.map(told(NoticeCode::DiskFull)))
}

fn lost_builds(snapshot: &Snapshot, now: Now) -> Option<Notice> {
    let gap = snapshot.history.get()?.gaps.first()?;
    let is_news = crate::clock::elapsed(gap.to, now.wall) < crate::history::DAY;
    let text = Sentence::new("Builds between ").time(gap.from).text(" and ").time(gap.to);
    let text = text.text(" were not recorded.");
    is_news.then(|| notice(NoticeCode::HistoryGap, Level::Note, text, gap.to))
}

impl NoticeCode {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Operator,
        Self::Demo,
        Self::Withheld,
        Self::SourceStale,
        Self::NoCompletion,
        Self::HistoryGap,
        Self::HostDown,
        Self::DiskFull,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Demo => "demo",
            Self::Withheld => "withheld",
            Self::SourceStale => "source_stale",
            Self::Paused => "paused",
            Self::BacklogGrowing => "backlog_growing",
            Self::NoCompletion => "no_completion",
            Self::HistoryGap => "history_gap",
            Self::HostDown => "host_down",
            Self::DiskFull => "disk_full",
        }
    }
}

#[cfg(test)]
mod tests;
