//! The table of verdicts: the first rule that matches has the word.

use jiff::Timestamp;

use crate::{
    clock::elapsed,
    deadline::SESSION_NEWS,
    section::{SourceName, SourceState},
    sentence::{Sentence, count, time_of_day},
    situation::Situation,
    snapshot::Level,
    verdict::VerdictCode,
};

/// What a rule says.
pub(super) struct Ruling {
    pub(super) level: Level,
    pub(super) code: VerdictCode,
    pub(super) text: Sentence,
    pub(super) title: Sentence,
    pub(super) badge: Sentence,
}

pub(super) fn rule(situation: &Situation<'_>) -> Ruling {
    silence(situation)
        .or_else(|| standstill(situation))
        .or_else(|| trouble(situation))
        .or_else(|| work(situation))
        .unwrap_or_else(|| rest(situation))
}

/// Rules 1 to 4: what is shown is the past.
fn silence(s: &Situation<'_>) -> Option<Ruling> {
    let since = |at: Option<Timestamp>| Sentence::new("silent").time_if(" since ", at);
    if s.orchestrator.is_none() && !s.is_starting() {
        let text = "No orchestrator is configured; only the drones are known.";
        return Some(Ruling::new(Level::Unknown, VerdictCode::Starting, text).short("No orchestrator"));
    }
    if !s.is_orchestrator_known() {
        let text = "Waiting for the first answer from the orchestrator.";
        return Some(Ruling::new(Level::Unknown, VerdictCode::Starting, text).titled("Starting", "starting"));
    }
    if !s.snapshot.marks.polled {
        let at = s.last_heard()?;
        let text = Sentence::new("Just restarted; showing what was known at ").time(at).text(".");
        let ruling = Ruling::new(Level::Unknown, VerdictCode::Restored, text);
        let title = format!("As of {}", time_of_day(at, s.now.wall).trim_end_matches(" UTC"));
        return Some(ruling.titled(title, Sentence::new("as of ").time(at)));
    }
    if s.is_blind() {
        let at = s.last_heard();
        let text = Sentence::new("No answer from anything").time_if(" since ", at);
        let text = text.text(". Everything below is as it was then.");
        return Some(Ruling::new(Level::Critical, VerdictCode::Blind, text).titled("Silent", since(at)));
    }
    if s.orchestrator == Some(SourceState::Offline) {
        let at = s.last_seen(SourceName::Orchestrator);
        let text =
            Sentence::new("Orchestrator silent").time_if(" since ", at).text("; showing what was known.");
        let ruling = Ruling::new(Level::Critical, VerdictCode::OrchestratorSilent, text);
        return Some(ruling.titled("Silent", since(at)));
    }
    None
}

/// Rules 5 to 8: nothing can be, or is to be, built.
fn standstill(s: &Situation<'_>) -> Option<Ruling> {
    let waiting = count(s.n_waiting, "package");
    let wait = if s.n_waiting == 1 { "waits" } else { "wait" };
    if s.is_deserted() {
        let n = s.drones.map_or(0, |drones| drones.total);
        let all = if n == 1 { "the only drone is".to_owned() } else { format!("all {n} drones are") };
        let ruling = if s.n_waiting > 0 {
            let text = format!("Nothing can build: {all} offline. {waiting} {wait}.");
            Ruling::new(Level::Critical, VerdictCode::NoDrone, text)
        } else {
            let text = format!("{} offline; nothing is waiting.", capitalised(&all));
            Ruling::new(Level::Warning, VerdictCode::NoDroneIdle, text)
        };
        return Some(ruling.titled("No drone", "no drones"));
    }
    if s.is_paused {
        let since = s.snapshot.control.get().and_then(|control| control.paused_since);
        let text = Sentence::new("Paused").time_if(" since ", since).text("; ");
        let ruling = if s.n_building > 0 {
            let are = if s.n_building == 1 { "is" } else { "are" };
            let text =
                text.text(format!("{} {are} finishing, {waiting} {wait}.", count(s.n_building, "build")));
            Ruling::new(Level::Note, VerdictCode::PausedFinishing, text)
        } else {
            Ruling::new(Level::Note, VerdictCode::Paused, text.text(format!("{waiting} {wait}.")))
        };
        return Some(ruling.titled("Paused", "paused"));
    }
    None
}

/// Rules 9 to 13: something is wrong.
fn trouble(s: &Situation<'_>) -> Option<Ruling> {
    let waiting = count(s.n_waiting, "package");
    let wait = if s.n_waiting == 1 { "waits" } else { "wait" };
    if s.orchestrator == Some(SourceState::Stale) {
        let at = s.last_seen(SourceName::Orchestrator);
        let text = Sentence::new("No news from the orchestrator").time_if(" since ", at);
        let text = text.text("; it may be restarting.");
        return Some(Ruling::new(Level::Warning, VerdictCode::OrchestratorLate, text).titled("Late", "late"));
    }
    if s.stuck_since.is_some() {
        let at = s.last_finished().or(s.snapshot.marks.ready_since);
        let text = Sentence::new(format!("{waiting} {wait}, but nothing has been built"));
        let text = text.time_if(" since ", at).text(".");
        return Some(Ruling::new(Level::Warning, VerdictCode::Stuck, text).titled("Stuck", "stuck"));
    }
    if s.failing.is_alarming() {
        let drones = u32::try_from(s.failing.n_drones).unwrap_or(u32::MAX);
        let on = if drones == 0 { String::new() } else { format!(", on {}", count(drones, "drone")) };
        let text = format!("The last {} builds all failed{on}.", s.failing.n_builds);
        return Some(Ruling::new(Level::Warning, VerdictCode::Failing, text).titled("Failing", "failing"));
    }
    if s.is_short_handed() {
        let (able, n) = (s.n_able, s.n_expected);
        let text = if s.has_work() {
            format!("Building with {able} of {}; {waiting} {wait}.", count(n, "drone"))
        } else {
            format!("Only {able} of {} can build.", count(n, "drone"))
        };
        let short = format!("{able}/{n} drones");
        return Some(
            Ruling::new(Level::Warning, VerdictCode::ShortHanded, text).titled(short.clone(), short),
        );
    }
    if s.gateway == Some(SourceState::Offline) {
        let at = s.last_seen(SourceName::Gateway);
        let text =
            Sentence::new("Builds go on, but drone health is unknown").time_if(" since ", at).text(".");
        let ruling = Ruling::new(Level::Warning, VerdictCode::GatewaySilent, text);
        return Some(ruling.titled("Drones?", "drones unknown"));
    }
    None
}

/// Rules 14 to 16: there is work.
fn work(s: &Situation<'_>) -> Option<Ruling> {
    if !s.has_work() {
        return None;
    }
    if s.n_building == 0 {
        let text = format!("{} queued; the first build is about to start.", count(s.n_waiting, "package"));
        let short = format!("{} queued", s.n_waiting);
        return Some(Ruling::new(Level::Ok, VerdictCode::Waiting, text).titled(short.clone(), short));
    }
    let drain = s.snapshot.queue.get().and_then(|queue| queue.drain).map(|drain| drain.median_at);
    let building = format!("{}, {} waiting", count(s.n_building, "package"), s.n_waiting);
    let finish = |begin: String| Sentence::new(begin).time_if("; all done around ", drain).text(".");
    let short = format!("{} building", s.n_building);
    let is_short = s.missing().next().is_some() || s.grounded().next().is_some();
    let ruling = if is_short {
        Ruling::new(Level::Note, VerdictCode::BuildingShort, finish(format!("Building {building}")))
    } else {
        let text = finish(format!("All systems go: building {building}"));
        Ruling::new(Level::Ok, VerdictCode::Building, text)
    };
    Some(ruling.titled(short.clone(), short))
}

/// Rules 17 to 19: there is none.
fn rest(s: &Situation<'_>) -> Ruling {
    if let Some((session, at)) = s.ended_session()
        && elapsed(at, s.now.wall) < SESSION_NEWS
    {
        let level = if session.failed.unwrap_or(0) > 0 { Level::Note } else { Level::Ok };
        let figure = |n: Option<u32>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
        let outcome = format!(": {} built, {} failed.", figure(session.completed), figure(session.failed));
        let text = Sentence::new("Session finished ").time(at).text(outcome);
        return Ruling::new(level, VerdictCode::SessionDone, text).titled("Done", "done");
    }
    let held_back = s.snapshot.queue.get().map_or(0, crate::queue::Queue::n_held_back);
    if held_back > 0 {
        let are = if held_back == 1 { "is" } else { "are" };
        let text = format!("Nothing to build; {} {are} blocked.", count(held_back, "package"));
        let short = format!("{held_back} blocked");
        return Ruling::new(Level::Note, VerdictCode::IdleBlocked, text).titled(short.clone(), short);
    }
    let text =
        Sentence::new("All systems go. Nothing to build").time_if(" since ", s.last_finished()).text(".");
    Ruling::new(Level::Ok, VerdictCode::Idle, text).titled("Idle", "idle")
}

// === impl Ruling ===

impl Ruling {
    fn new(level: Level, code: VerdictCode, text: impl Into<Sentence>) -> Self {
        Self { level, code, text: text.into(), title: Sentence::default(), badge: Sentence::default() }
    }

    fn titled(mut self, title: impl Into<Sentence>, badge: impl Into<Sentence>) -> Self {
        self.title = title.into();
        self.badge = badge.into();
        self
    }

    fn short(self, title: &'static str) -> Self {
        self.titled(title, title.to_lowercase())
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
