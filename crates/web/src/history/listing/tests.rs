//! What a listing promises, and a property against the naive filter.

use proptest::prelude::*;
use snapshot::{
    clock::add,
    history::{Build, History},
    testing,
};

use super::*;
use crate::parameters::Strictness;

fn parse(text: &str) -> HistoryQuery {
    HistoryQuery::parse(text.trim_start_matches('?'), Strictness::Api).unwrap()
}

fn example() -> Arc<History> {
    testing::example().history.content.unwrap()
}

fn list(text: &str, history: &History) -> Listing {
    Listing::of(&parse(text), Some(&Index::of(Arc::new(history.clone()))))
}

fn ids(listing: &Listing) -> Vec<&str> {
    listing.builds.iter().map(|build| build.id.as_str()).collect()
}

#[test]
fn the_documented_listing() {
    let history = example();
    let listing = list("from=2026-02-22&per_page=3", &history);
    assert_eq!(ids(&listing), ["7f3k2m9q4c1x0", "5h8w1t6z2v9bd", "2n4r7y3j8p5ga"]);
    assert_eq!((listing.page.total, listing.page.pages), (Some(143), Some(48)));
    assert_eq!(listing.page.first, "?from=2026-02-22&per_page=3");
    assert_eq!(listing.page.prev, None);
    let next = listing.page.next.unwrap();
    assert_eq!(next, "?from=2026-02-22&per_page=3&as_of=7f3k2m9q4c1x0&page=2");
    assert_eq!(listing.page.last, "?from=2026-02-22&per_page=3&as_of=7f3k2m9q4c1x0&page=48");
    let summary = listing.summary.unwrap();
    assert_eq!((summary.success, summary.failure, summary.uncounted), (139, 3, 1));
    assert_eq!((summary.success_permille, summary.median_seconds), (Some(979), Some(168)));
    assert_eq!(*listing.options.drones, ["Capella", "Izar", "Meridian", "Tarn"]);
}

#[test]
fn the_links_lead_through_every_build_once_and_back() {
    let history = example();
    let mut listing = list("drone=tarn&drone=Capella&sort=duration&order=asc&per_page=70", &history);
    let (first, total) = (listing.clone(), listing.page.total.unwrap());
    let mut seen = listing.builds.clone();
    while let Some(next) = &listing.page.next {
        listing = list(next, &history);
        seen.extend(listing.builds.iter().cloned());
    }
    assert_eq!(seen.len(), usize::try_from(total).unwrap());
    assert_eq!(list(&first.page.last, &history), listing);
    let known: Vec<u32> = seen.iter().filter_map(|build| build.duration_seconds).collect();
    assert!(known.is_sorted());
    assert!(seen[known.len()..].iter().all(|build| build.duration_seconds.is_none()));
    while let Some(prev) = &listing.page.prev {
        listing = list(prev, &history);
    }
    assert_eq!(listing, first);
}

#[test]
fn a_page_stays_what_it_is_while_builds_arrive() {
    let history = example();
    let next = list("per_page=5", &history).page.next.unwrap();
    let before = list(&next, &history);
    let mut longer = (*history).clone();
    let new = testing::build("app-misc/screen-5.0.0", "Izar", BuildStatus::Success, "2026-02-23T14:31:00Z");
    longer.builds.insert(0, new);
    let after = list(&next, &longer);
    assert_eq!((ids(&after), &after.page), (ids(&before), &before.page));
    assert_eq!(list("per_page=5", &longer).builds[0].finished_at, testing::at("2026-02-23T14:31:00Z"));
}

#[test]
fn a_page_past_the_end_is_empty_and_leads_back() {
    let history = example();
    let listing = list("per_page=200&page=4000000000", &history);
    assert_eq!((listing.builds.len(), listing.page.number), (0, 4_000_000_000));
    assert_eq!(listing.page.next, None);
    assert_eq!(list(&listing.page.prev.unwrap(), &history).page.number, 10);
}

#[test]
fn nothing_found_is_page_one_of_none() {
    let history = example();
    for text in ["drone=altair-host&page=7", "package=nowhere%2Fnothing", "from=2030-01-01"] {
        let listing = list(text, &history);
        let Paging { number, pages, total, as_of, prev, next, .. } = listing.page;
        assert_eq!((number, pages, total), (1, Some(0), Some(0)), "{text}");
        assert_eq!((as_of, prev, next), (None, None, None), "{text}");
        assert_eq!(listing.summary.unwrap().success_permille, None);
        assert!(listing.filters.drones.is_empty());
        assert!(!listing.page.first.contains("altair"));
    }
}

#[test]
fn unknown_is_not_empty() {
    let listing = Listing::of(&HistoryQuery::default(), None);
    assert_eq!((listing.page.total, listing.summary, listing.kept), (None, None, None));
    let listing = Listing::of(&HistoryQuery::default(), Some(&Index::default()));
    assert_eq!(listing.page.total, Some(0));
    assert_eq!(listing.kept, Some(Kept { builds: 0, oldest_finished_at: None }));
}

#[test]
fn packages_are_found_by_beginning_or_by_part() {
    let build = |atom| testing::build(atom, "Izar", BuildStatus::Success, "2026-02-23T14:31:00Z");
    let builds = vec![build("dev-libs/openssl-3.4.1"), build("dev-libs/nss-3.108")];
    let history = History { builds, ..History::default() };
    let check = |part: &str, expected| {
        let found = list(&format!("package={part}"), &history).page.total;
        assert_eq!(found, Some(expected), "{part}");
    };
    for part in ["dev-libs/openssl", "DEV-LIBS/O", "openssl", "SSL-3", "3.4.1", "dev-libs/openssl-3.4.1"] {
        check(part, 1);
    }
    check("dev-libs/", 2);
    for part in ["libs/openssl", "openssl/", "libressl", "dev-libs/openssl-3.4.1-r1", &"x".repeat(90)] {
        check(part, 0);
    }
}

/// What is asked, in the words of a test.
#[derive(Debug, Clone)]
struct Question {
    drones: Vec<&'static str>,
    statuses: Vec<BuildStatus>,
    package: Option<&'static str>,
    from: Option<i64>,
    to: Option<i64>,
    is_by_duration: bool,
    is_ascending: bool,
    per_page: usize,
    page: usize,
    /// Which build of the history is the newest to be seen; past the end: one that is not there.
    as_of: Option<usize>,
}

const BEGIN: &str = "2026-02-20T00:00:00Z";
const DRONES: [&str; 3] = ["Izar", "Tarn", ""];
const ATOMS: [&str; 4] =
    ["dev-libs/openssl-3.4.1", "dev-lang/rust-1.84.1", "x11-libs/gtk+-3.24.43", "sys-apps/systemd-257.3"];

fn second(n: i64) -> Timestamp {
    add(testing::at(BEGIN), std::time::Duration::from_secs(u64::try_from(n).unwrap()))
}

fn any_history() -> impl Strategy<Value = History> {
    let build = (0..ATOMS.len(), 0..DRONES.len(), 0..6_usize, proptest::option::of(0..50_u32), 0..3_i64);
    proptest::collection::vec(build, 0..40).prop_map(|rows| {
        let mut at = 0;
        let mut builds = Vec::new();
        for (copy, (atom, drone, status, seconds, step)) in rows.into_iter().enumerate() {
            at += step;
            let finished = second(at).to_string();
            let build = testing::build(ATOMS[atom], DRONES[drone], BuildStatus::ALL[status], &finished);
            let copy = u32::try_from(copy).unwrap();
            let id = BuildId::of(build.package.as_ref(), build.finished_at, "", None, copy);
            builds.push(Arc::new(Build { id, duration_seconds: seconds, ..(*build).clone() }));
        }
        builds.reverse();
        History { builds, ..History::default() }
    })
}

fn any_question() -> impl Strategy<Value = Question> {
    let some = |texts: &'static [&'static str]| proptest::option::of(proptest::sample::select(texts));
    let drones = proptest::sample::subsequence(vec!["izar", "TARN", "nobody"], 0..=3);
    let statuses = proptest::sample::subsequence(BuildStatus::ALL.to_vec(), 0..=3);
    let package = some(&["ssl", "GTK+", "dev-l", "dev-libs/", "apps/", "3."]);
    let times = (proptest::option::of(0..40_i64), proptest::option::of(0..40_i64));
    let order = (any::<bool>(), any::<bool>());
    let place = (1..9_usize, 1..6_usize, proptest::option::of(0..50_usize));
    (drones, statuses, package, times, order, place).prop_map(
        |(drones, statuses, package, (from, to), (is_by_duration, is_ascending), (per_page, page, as_of))| {
            let to = to.map(|to| to.max(from.unwrap_or(0)));
            Question {
                drones,
                statuses,
                package,
                from,
                to,
                is_by_duration,
                is_ascending,
                per_page,
                page,
                as_of,
            }
        },
    )
}

impl Question {
    fn text(&self, history: &History) -> String {
        let mut text = format!("per_page={}&page={}", self.per_page, self.page);
        for drone in &self.drones {
            text.push_str(&format!("&drone={drone}"));
        }
        for status in &self.statuses {
            text.push_str(&format!("&status={}", status.as_str()));
        }
        if let Some(package) = self.package {
            text.push_str(&format!("&package={}", package.replace('+', "%2B")));
        }
        for (name, at) in [("from", self.from), ("to", self.to)] {
            if let Some(at) = at {
                text.push_str(&format!("&{name}={}", second(at)));
            }
        }
        let sort = if self.is_by_duration { "duration" } else { "finished_at" };
        let order = if self.is_ascending { "asc" } else { "desc" };
        text.push_str(&format!("&sort={sort}&order={order}"));
        if let Some(as_of) = self.as_of {
            let gone = BuildId::of(None, second(0), "gone", None, 0);
            let id = history.builds.get(as_of).map_or(&gone, |build| &build.id);
            text.push_str(&format!("&as_of={}", id.as_str()));
        }
        text
    }

    /// The builds that are there to be chosen from.
    fn seen<'a>(&self, history: &'a History) -> &'a [Arc<Build>] {
        let is_there = |as_of: &usize| *as_of < history.builds.len();
        &history.builds[self.as_of.filter(is_there).unwrap_or(0)..]
    }

    /// One build after another, by the words of the contract.
    fn takes(&self, build: &Build) -> bool {
        let drone = build.drone.as_ref().map(|name| name.as_str().to_lowercase());
        let package = build.package.as_ref().unwrap().as_str().to_lowercase();
        let by_drone = self.drones.is_empty()
            || self.drones.iter().any(|wanted| drone.as_deref() == Some(wanted.to_lowercase().as_str()));
        let by_package = self.package.is_none_or(|part| {
            let part = part.to_lowercase();
            if part.contains('/') { package.starts_with(&part) } else { package.contains(&part) }
        });
        by_drone
            && by_package
            && (self.statuses.is_empty() || self.statuses.contains(&build.status))
            && self.from.is_none_or(|from| build.finished_at >= second(from))
            && self.to.is_none_or(|to| build.finished_at < second(to))
    }
}

proptest! {
    #[test]
    fn a_listing_is_what_the_naive_filter_gives(history in any_history(), question in any_question()) {
        let listing = list(&question.text(&history), &history);
        let mut expected: Vec<_> =
            question.seen(&history).iter().filter(|build| question.takes(build)).cloned().collect();
        let as_of = expected.first().map(|build| build.id.clone());
        if question.is_by_duration {
            let (mut known, unknown): (Vec<_>, Vec<_>) =
                expected.into_iter().partition(|build| build.duration_seconds.is_some());
            // Insertion by comparison: stable, and nothing like the code under test.
            let mut sorted: Vec<Arc<Build>> = Vec::new();
            for build in known.drain(..) {
                let goes_before = |other: &Arc<Build>| {
                    if question.is_ascending {
                        build.duration_seconds < other.duration_seconds
                    } else {
                        build.duration_seconds > other.duration_seconds
                    }
                };
                let place = sorted.iter().position(goes_before).unwrap_or(sorted.len());
                sorted.insert(place, build);
            }
            expected = sorted.into_iter().chain(unknown).collect();
        } else if question.is_ascending {
            expected.reverse();
        }
        prop_assert_eq!(listing.page.total.map(|n| n as usize), Some(expected.len()));
        prop_assert_eq!(&listing.page.as_of, &as_of);
        let page = if expected.is_empty() { 1 } else { question.page };
        let on_page: Vec<_> =
            expected.iter().skip((page - 1) * question.per_page).take(question.per_page).cloned().collect();
        prop_assert_eq!(&listing.builds, &on_page);
        let summary = listing.summary.unwrap();
        prop_assert_eq!(summary.success as usize,
            expected.iter().filter(|build| build.status == BuildStatus::Success).count());
        let mut lengths: Vec<u32> = expected.iter().filter_map(|build| build.duration_seconds).collect();
        lengths.sort_unstable();
        prop_assert_eq!(summary.build_seconds, lengths.iter().copied().map(u64::from).sum::<u64>());
        let (half, len) = (lengths.len() / 2, lengths.len());
        let median = (len > 0).then(|| if len % 2 == 1 { lengths[half] } else { (lengths[half - 1] + lengths[half]).div_ceil(2) });
        prop_assert_eq!(summary.median_seconds, median);

        let mut links: Vec<String> = listing.page.prev.iter().chain(&listing.page.next).cloned().collect();
        links.push(listing.page.last.clone());
        for link in links {
            let other = list(&link, &history);
            // A drone that nobody knows is not repeated; it selects nothing, so alone it leaves no page to link to.
            let is_alone = listing.filters.drones.is_empty() && !question.drones.is_empty();
            let is_empty = expected.is_empty();
            prop_assert!(is_alone || is_empty || other.page.total == listing.page.total);
        }
    }

    #[test]
    fn whoever_carries_the_newest_build_sees_the_same_rows_while_builds_arrive(
        history in any_history(),
        question in any_question(),
        n_new in 1..30_u32,
    ) {
        let first = list(&question.text(&history), &history);
        let Some(as_of) = &first.page.as_of else { return Ok(()) };
        let question = format!("{}&as_of={}", Question { as_of: None, ..question }.text(&history), as_of.as_str());
        let before = list(&question, &history);
        prop_assert_eq!(&before.builds, &first.builds);
        let mut longer = history.clone();
        for n in 0..n_new {
            let at = second(1_000 + i64::from(n)).to_string();
            let drone = history.builds[0].drone.as_ref().map_or("", |drone| drone.as_str());
            longer.builds.insert(0, testing::build(ATOMS[0], drone, BuildStatus::Success, &at));
        }
        let after = list(&question, &longer);
        prop_assert_eq!((&after.builds, &after.page), (&before.builds, &before.page));
        prop_assert_eq!(&after.summary, &before.summary);
    }
}
