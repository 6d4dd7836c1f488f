//! Which measurements there are, in full and as a quick check that measuring works.

use std::{collections::BTreeMap, time::Duration};

use super::{
    machine::Cores,
    session::{Session, Stall},
};

/// Rows of the smallest queue, a usual one and a very long one: first frames of about 0.7, 20 and 400 KB.
const ROWS: [usize; 3] = [1, 80, 1_700];

/// Fewer subscribers than these are few.
const FEW: usize = 500;

/// Everything that is measured.
#[derive(Debug)]
pub(crate) struct Plan {
    /// How often each server is measured.
    pub(crate) n_rounds: usize,
    /// What is done with each.
    pub(crate) sessions: Vec<Session>,
}

impl Plan {
    /// Every queue with every number of subscribers, and subscribers that read nothing for `stalled_for` with the
    /// longest. Few subscribers of a long queue get no deltas: their frames would drown in the time that it takes to
    /// poll the queue, which is the same for many.
    pub(crate) fn full(n_rounds: usize, n_subscribers: &[usize], stalled_for: Duration) -> Self {
        let mut sessions = Vec::new();
        let rest = Duration::from_secs(1);
        for &n_subscribers in n_subscribers {
            let (n_deltas, interval) = pace(n_subscribers);
            for n_rows in ROWS {
                let n_deltas = if n_rows == ROWS[2] && n_subscribers < FEW { 0 } else { n_deltas };
                sessions.push(Session { n_rows, n_subscribers, n_deltas, interval, stall: None, rest });
            }
        }
        let interval = Duration::from_millis(500);
        let n_missed = usize::try_from(stalled_for.as_millis() / interval.as_millis()).unwrap_or(usize::MAX);
        let stall = Some(Stall { n_subscribers: 200, n_deltas: n_missed.max(1) });
        sessions.push(Session { n_rows: ROWS[2], n_subscribers: 1_000, n_deltas: 20, interval, stall, rest });
        Self { n_rounds, sessions }
    }

    /// The least that measures everything once.
    pub(crate) fn smoke() -> Self {
        let usual = Session {
            n_rows: ROWS[1],
            n_subscribers: 20,
            n_deltas: 2,
            interval: Duration::from_millis(200),
            stall: None,
            rest: Duration::from_millis(100),
        };
        let short = Session { n_rows: ROWS[0], n_deltas: 0, ..usual };
        let stall = Some(Stall { n_subscribers: 3, n_deltas: 2 });
        Self { n_rounds: 1, sessions: vec![usual, short, Session { stall, ..usual }] }
    }

    /// The most connections at a time.
    pub(crate) fn n_subscribers_max(&self) -> usize {
        let all = self.sessions.iter();
        all.map(|session| session.n_subscribers + session.stall.map_or(0, |stall| stall.n_subscribers))
            .max()
            .unwrap_or(0)
    }

    /// The queues to record: rows, and the deltas that the longest session with them takes.
    pub(crate) fn recordings(&self) -> BTreeMap<usize, usize> {
        let mut recordings = BTreeMap::new();
        for session in &self.sessions {
            let n_deltas = recordings.entry(session.n_rows).or_insert(0);
            *n_deltas = session.n_deltas().max(*n_deltas);
        }
        recordings
    }

    /// Under which conditions the numbers hold, in one paragraph.
    pub(crate) fn conditions(&self, cores: &Cores, delta_bytes: usize) -> String {
        let place = if cores.n_server == 0 {
            "all on one core".to_owned()
        } else {
            format!("the server on {} core(s), the rest on {}", cores.n_server, cores.n_clients)
        };
        let stalls = self.sessions.iter().filter_map(|session| {
            let stall = session.stall?;
            let count = u32::try_from(stall.n_deltas).unwrap_or(u32::MAX);
            let seconds = session.interval.saturating_mul(count).as_secs_f64();
            Some(format!(" {} subscribers read nothing for {seconds:.1} s.", stall.n_subscribers))
        });
        let stalls: String = stalls.collect();
        format!(
            "Medians of {} round(s), in parentheses the smallest and the largest; {place}. Deltas of {delta_bytes} B.{stalls}",
            self.n_rounds
        )
    }
}

/// Deltas and the time between two, so that all subscribers have one long before the next.
fn pace(n_subscribers: usize) -> (usize, Duration) {
    match n_subscribers {
        0..FEW => (40, Duration::from_millis(200)),
        FEW..3_000 => (20, Duration::from_millis(400)),
        _ => (10, Duration::from_secs(1)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Plan;

    #[test]
    fn a_recording_is_long_enough_for_every_session() {
        let plan = Plan::full(3, &[100, 1_000], Duration::from_secs(10));
        let recordings = plan.recordings();
        assert_eq!(recordings.len(), 3);
        for session in &plan.sessions {
            assert!(recordings[&session.n_rows] >= session.n_deltas());
        }
        assert_eq!(plan.n_subscribers_max(), 1_200);
    }

    #[test]
    fn the_quick_check_measures_everything_that_the_full_one_does() {
        let measures = |plan: &Plan| {
            let mut all: Vec<_> = plan.sessions.iter().flat_map(|session| session.measures()).collect();
            all.sort();
            all.dedup();
            all
        };
        assert_eq!(measures(&Plan::smoke()), measures(&Plan::full(1, &[100], Duration::from_secs(1))));
    }
}
