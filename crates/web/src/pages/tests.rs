//! Every page, rendered for every fixture and looked at as text.

mod infrastructure;

use std::{collections::BTreeSet, sync::Arc};

use snapshot::{
    clock::Now,
    fleet::DroneState,
    queue::{Counts, Reason},
    section::SourceName,
    snapshot::{Announcement, Level, Snapshot},
    testing,
};

use super::Pages;
use crate::{
    assets::Assets,
    config::{Address, BasePath},
    history::{HistoryQuery, Index, Listing},
    moment::Moment,
    parameters::Strictness,
};

/// One page of one world.
struct Page {
    name: &'static str,
    html: String,
}

fn pages_at(base_path: &str) -> Pages {
    Pages::new(Address::new(None, BasePath::parse(base_path).unwrap()), &Assets::load().unwrap()).unwrap()
}

fn moment(snapshot: &Snapshot, now: Now) -> Moment<'_> {
    Moment { snapshot, history: None, now, epoch: "k3v9q2", seq: 4711 }
}

fn index(snapshot: &Snapshot) -> Option<Index> {
    snapshot.history.content.as_ref().map(|history| Index::of(Arc::clone(history)))
}

#[track_caller]
fn dashboard(snapshot: &Snapshot) -> String {
    shown(&pages_at("").dashboard(&moment(snapshot, testing::now(testing::NOW))).unwrap())
}

#[track_caller]
fn queue(snapshot: &Snapshot) -> String {
    shown(&pages_at("").queue(&moment(snapshot, testing::now(testing::NOW))).unwrap())
}

#[track_caller]
fn history(snapshot: &Snapshot, query: &str) -> String {
    let query = HistoryQuery::parse(query, Strictness::Page).unwrap();
    let listing = Listing::of(&query, index(snapshot).as_ref());
    pages_at("").history(&moment(snapshot, testing::now(testing::NOW)), &query, &listing).unwrap()
}

#[track_caller]
fn about(snapshot: &Snapshot) -> String {
    pages_at("").about(&moment(snapshot, testing::now(testing::NOW))).unwrap()
}

#[track_caller]
fn api(snapshot: &Snapshot) -> String {
    pages_at("").api(&moment(snapshot, testing::now(testing::NOW))).unwrap()
}

#[track_caller]
fn infrastructure(snapshot: &Snapshot) -> String {
    pages_at("").infrastructure(&moment(snapshot, testing::now(testing::NOW))).unwrap()
}

/// A page without what only scripts see: the patterns, and what is hidden until there is need for it.
fn shown(html: &str) -> String {
    let mut pieces = html.split("<template");
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    shown.extend(pieces.map(|piece| piece.split_once("</template>").unwrap().1));
    let mut pieces = shown.split(" hidden>");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |shown, piece| {
        shown + ">" + piece.split_once("</").unwrap().1.split_once('>').unwrap().1
    })
}

#[track_caller]
fn all_pages(snapshot: &Snapshot) -> Vec<Page> {
    vec![
        Page { name: "dashboard", html: dashboard(snapshot) },
        Page { name: "queue", html: queue(snapshot) },
        Page { name: "history", html: history(snapshot, "") },
        Page { name: "infrastructure", html: infrastructure(snapshot) },
        Page { name: "about", html: about(snapshot) },
        Page { name: "api", html: api(snapshot) },
    ]
}

fn worlds() -> Vec<(&'static str, Snapshot)> {
    let mut paused = testing::example();
    testing::pause(&mut paused, "2026-02-23T14:10:00Z");
    let mut finished = testing::example();
    testing::finish_all(&mut finished);
    let mut blind = testing::example();
    testing::silence(&mut blind, SourceName::Orchestrator, "2026-02-23T13:02:07Z");
    testing::silence(&mut blind, SourceName::Gateway, "2026-02-23T13:02:09Z");
    let mut unwatched = testing::example_infrastructure();
    for source in [SourceName::Prometheus, SourceName::Loki, SourceName::Probes] {
        testing::silence(&mut unwatched, source, "2026-02-23T13:02:07Z");
    }
    let mut crowded = testing::example_infrastructure();
    testing::set_hosts(&mut crowded, testing::many_hosts(40));
    vec![
        ("example", testing::example()),
        ("started", testing::started()),
        ("orchestrator dead", testing::orchestrator_dead()),
        ("paused", paused),
        ("finished", finished),
        ("blind", blind),
        ("watched", testing::example_infrastructure()),
        ("watched from now on", testing::started_infrastructure()),
        ("watched by the dead", unwatched),
        ("full of hosts", crowded),
    ]
}

/// What a reader sees: the text without tags, blanks squeezed, entities decoded as far as pages use them.
fn text(html: &str) -> String {
    let main = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut text = String::new();
    for part in main.split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        let is_inline = matches!(name, "span" | "b" | "time" | "a");
        text.push_str(if is_inline { "" } else { " " });
        text.push_str(words);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of a page from the element with this id to the end of its section.
#[track_caller]
fn section<'a>(html: &'a str, id: &str) -> &'a str {
    let start = html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no section {id}"));
    let rest = &html[start..];
    rest.split_once("</section>").map_or(rest, |(section, _)| section)
}

#[track_caller]
fn assert_says(html: &str, expected: &str) {
    let text = text(html);
    assert!(text.contains(expected), "{expected:?} is not in: {text}");
}

#[test]
fn every_page_of_every_world_is_rendered() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            assert!(html.starts_with("<!DOCTYPE html>"), "{name} of {world}");
            assert_eq!(html.matches("<h1").count(), 1, "{name} of {world}");
            assert_eq!(html.matches("<main").count(), 1, "{name} of {world}");
            assert!(html.contains("data-epoch=\"k3v9q2\" data-seq=\"4711\""), "{name} of {world}");
        }
    }
}

#[test]
fn no_page_carries_code_or_styles_of_its_own_or_leaves_this_site() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            for forbidden in ["<style", " style=", " onclick", " onload", "javascript:", "//", "{{", "{%"] {
                assert!(!html.contains(forbidden), "{name} of {world} has {forbidden}");
            }
            assert_eq!(html.matches("<script").count(), 2, "{name} of {world}");
            assert_eq!(html.matches("></script>").count(), 2, "{name} of {world}");
        }
    }
}

#[test]
fn the_ids_of_a_page_are_unique() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            let ids: Vec<_> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let distinct: BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), distinct.len(), "{name} of {world}: {ids:?}");
        }
    }
}

#[test]
fn a_hostile_text_is_shown_and_not_obeyed() {
    let hostile = "<script>alert('x')</script><img src=x onerror=\"y\">&amp;{{ site.base }}";
    let mut snapshot = testing::example();
    let announcement =
        Announcement { text: hostile.to_owned(), level: Level::Warning, from: None, until: None };
    snapshot.announcement = Some(announcement.into());
    for Page { name, html } in all_pages(&snapshot) {
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains("<img"), "{name}");
        assert!(text(&html).contains(hostile), "{name}: {}", text(&html));
    }
    for html in [history(&snapshot, "drone=%3Cb%3E"), pages_at("").error(&snapshot, 400, "<b>")] {
        assert!(!html.contains("<b>\""), "{html}");
    }
}

#[test]
fn nothing_unknown_is_zero_or_down() {
    let snapshot = testing::started_infrastructure();
    // The reference has every word and shows nothing.
    for Page { name, html } in all_pages(&snapshot).into_iter().filter(|page| page.name != "api") {
        let main = html.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
        let text = text(main);
        assert!(text.contains("–not known") || text.contains("Not known yet."), "{name}: {text}");
        let words: Vec<_> = text.split(' ').collect();
        for lie in ["0", "0%", "offline", "down", "failed:"] {
            assert!(!words.contains(&lie), "{name} says {lie}: {text}");
        }
    }
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| queue.counts = Counts::default());
    let html = queue(&snapshot);
    assert_eq!(section(&html, "queue-counts").matches("not known</span>").count(), 5);
    assert!(!html.contains("class=\"stack\""));
}

#[test]
fn a_zero_that_a_backend_said_is_a_zero() {
    assert_says(section(&queue(&testing::example()), "queue-counts"), "○ blocked 0");
}

#[test]
fn no_text_of_the_server_counts_from_now() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            let text = text(&html);
            for relative in [" ago", "just now", "yesterday", "tomorrow", "today", "in a moment", "elapsed"] {
                assert!(!text.contains(relative), "{name} of {world} says {relative}");
            }
        }
    }
}

#[test]
fn every_instant_is_in_a_time_element_with_utc() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            for time in html.split("<time datetime=\"").skip(1) {
                let (iso, rest) = time.split_once('"').unwrap();
                assert!(
                    iso.parse::<jiff::Timestamp>().is_ok() && iso.ends_with('Z'),
                    "{name} of {world}: {iso}"
                );
                let shown = rest.split_once('>').unwrap().1.split_once("</time>").unwrap().0;
                assert!(shown.ends_with(" UTC"), "{name} of {world}: {shown}");
            }
        }
    }
}

#[test]
fn every_section_shows_its_age() {
    for (world, snapshot) in worlds() {
        for Page { name, html } in all_pages(&snapshot) {
            for section in html.split("<section").skip(1).filter(|section| section.contains("data-freshness"))
            {
                assert!(section.contains("class=\"age\""), "{name} of {world}: {section}");
            }
            let is_watched = snapshot.sources.get(SourceName::Prometheus).is_some();
            let expected = match name {
                "dashboard" => 7 + usize::from(is_watched),
                "infrastructure" => {
                    if is_watched {
                        5
                    } else {
                        0
                    }
                }
                // Each source is in a row with its own.
                "about" => 0,
                // It shows nothing of the farm.
                "api" => 0,
                _ => 2,
            };
            assert!(html.matches("class=\"age\"").count() >= expected, "{name} of {world}");
        }
    }
    let html = dashboard(&testing::example());
    assert_says(section(&html, "drones"), "as of 14:29:54 UTC");
    assert_says(section(&html, "queue-counts"), "as of 14:29:58 UTC");
    assert_says(section(&html, "verdict"), "as of 14:29:54 UTC");
}

#[test]
fn what_is_old_says_of_when_it_is() {
    let html = dashboard(&testing::orchestrator_dead());
    for id in ["run", "queue-counts", "active", "recent", "day"] {
        assert_says(section(&html, id), "▲ showing what was known at 14:02:07 UTC");
    }
    assert_says(section(&html, "drones"), "as of 14:29:");
    assert_says(&html, "Orchestrator silent since 14:02 UTC; showing what was known.");
    assert_says(&html, "3 of 4 drones still report in.");
}

#[test]
fn a_silent_gateway_makes_the_drones_old_and_not_the_queue() {
    let mut snapshot = testing::example();
    testing::silence(&mut snapshot, SourceName::Gateway, "2026-02-23T14:02:09Z");
    let html = dashboard(&snapshot);
    assert_says(section(&html, "verdict"), "as of 14:02:09 UTC");
    assert_says(section(&html, "drones"), "▲ showing what was known at 14:02:09 UTC");
    assert_says(section(&html, "queue-counts"), "as of 14:29:58 UTC");
    assert_says(section(&html, "footer"), "Gateway ■ offline last seen 14:02:09 UTC");
}

#[test]
fn no_bar_moves_while_the_orchestrator_is_silent() {
    let fresh = dashboard(&testing::example());
    assert_eq!(fresh.matches("<progress").count(), 2);
    assert_eq!(fresh.matches("data-elapsed-since").count(), 2);
    let old = dashboard(&testing::orchestrator_dead());
    assert_eq!(old.matches("<progress").count() + old.matches("data-elapsed-since").count(), 0);
    assert_says(&old, "was expected around");
}

#[test]
fn there_is_no_bar_without_an_estimate_and_overdue_is_a_word() {
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| {
        for item in &mut queue.building {
            item.estimate = None;
        }
    });
    assert!(!queue(&snapshot).contains("<progress"));
    let mut late = testing::example();
    testing::edit(&mut late.queue, |queue| {
        for item in &mut queue.building {
            item.started_at = Some(testing::at("2026-02-23T10:00:00Z"));
        }
    });
    let html = queue(&late);
    assert!(!html.contains("<progress"));
    assert_says(section(&html, "active"), "▲ overdue");
    assert_says(section(&html, "active"), "should have been done by 11:05 UTC");
}

#[test]
fn the_dashboard_has_the_facts_of_the_documented_example() {
    let html = dashboard(&testing::example());
    assert!(html.contains("<title>◆ 2 building · Command Center</title>"));
    assert_says(&html, "◆ Note");
    assert_says(&html, "Building 2 packages, 9 waiting; all done around 16:40 UTC.");
    assert_says(&html, "Tarn is offline since 03:12 UTC.");
    assert_says(section(&html, "run"), "▶ active since 05:40 UTC");
    assert_says(section(&html, "run"), "142 of 154 built, 1 failed");
    let counts = section(&html, "queue-counts");
    for expected in ["pending 8", "building 3", "completed 142", "failed 1", "blocked 0"] {
        assert_says(counts, expected);
    }
    assert_says(counts, "1 assigned");
    assert_says(counts, "All done around 16:40 UTC, between 16:06 UTC and 17:30 UTC, without 1 held back.");
    let active = section(&html, "active");
    for expected in [
        "llvm-core/llvm-19.1.7",
        "on Izar since 13:52 UTC",
        "77 %",
        "expected around 14:41 UTC, 14:30 UTC to 14:58 UTC",
    ] {
        assert_says(active, expected);
    }
    assert_says(active, "dev-lang/rust-1.84.1 ○ assigned Next on Meridian expected around 15:28 UTC");
    let drones = section(&html, "drones");
    for expected in ["▶ 2 building", "● 1 idle", "■ 1 offline", "since 03:12 UTC", "load 16.2"] {
        assert_says(drones, expected);
    }
    let day = section(&html, "day");
    for expected in ["built 139", "failed 3", "not counted 1", "97.9 %", "22 h 34 min"] {
        assert_says(day, expected);
    }
    assert_says(&html, "Gateway ● online last seen 14:29:54 UTC");
}

#[test]
fn the_site_says_what_it_publishes_and_how_good_its_estimates_were() {
    let mut world = testing::example();
    let page = about(&world);
    assert_says(&page, "Prometheus ○ not configured");
    assert_says(&page, "Builds of the package 612 21 % 81 %");
    assert_says(&page, "All builds –not known –not known –not known");
    assert_says(&page, "names that nobody chose change with each.");
    world.keeps_names = true;
    let page = about(&world);
    assert_says(&page, "Names that nobody chose stay the same over restarts.");
}

#[test]
fn only_the_counts_of_the_queue_follow_its_frames() {
    for (name, world) in worlds() {
        let page = dashboard(&world);
        assert_eq!(section(&page, "queue-counts").matches("data-count=").count(), 5, "{name}");
        assert_eq!(section(&page, "day").matches("data-count=").count(), 0, "{name}");
        assert!(!history(&world, "").contains("tile__value\" data-count"), "{name}");
    }
}

#[test]
fn the_queue_says_why_things_wait_and_fail() {
    let html = queue(&testing::example());
    let pending = section(&html, "pending");
    assert_says(pending, "1 dev-qt/qtbase-6.8.2 0 ahead of it 17 min 14:41 UTC 14:58 UTC");
    assert_says(pending, "3 kde-plasma/kwin-6.3.1 ◆ Failed once, will be tried again");
    assert_says(section(&html, "blocked"), "sci-libs/tensorflow-2.18.0 ■ failed Failed again and again 5");
}

#[test]
fn an_empty_queue_says_when_the_last_build_finished() {
    let mut snapshot = testing::example();
    testing::finish_all(&mut snapshot);
    assert_says(&queue(&snapshot), "Nothing is queued. The last build finished 13:51 UTC.");
}

#[test]
fn a_long_queue_is_folded_and_what_is_cut_is_counted() {
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| {
        let item = queue.pending[0].clone();
        queue.pending = vec![item; 2_000];
        queue.counts.pending = Some(12_345);
        queue.truncated.pending = 10_345;
    });
    let html = queue(&snapshot);
    assert_eq!(html.matches("<details").count(), 20);
    assert_eq!(html.matches(" open>").count(), 1);
    assert_says(&html, "Place 1901 to 2000");
    assert_says(section(&html, "pending"), "10,345 more are pending and not listed.");
    assert!(html.len() < 2 << 20, "{} bytes", html.len());
}

#[test]
fn a_drone_says_what_holds_it() {
    let mut snapshot = testing::example();
    let until = testing::at("2026-02-23T15:00:00Z");
    let states = [
        ("Izar", DroneState::Grounded { until }),
        ("Tarn", DroneState::Offline),
        ("Capella", DroneState::Paused),
    ];
    testing::set_states(&mut snapshot, &states);
    testing::edit(&mut snapshot.queue, |queue| queue.blocked[0].reason = Some(Reason::Masked));
    let html = dashboard(&snapshot);
    for expected in ["▲ grounded", "until 15:00 UTC", "◆ paused", "■ offline"] {
        assert_says(section(&html, "drones"), expected);
    }
}

#[test]
fn the_history_lists_what_is_asked_for_and_says_when_there_is_nothing() {
    let snapshot = testing::example();
    let html = history(&snapshot, "status=failed&per_page=10&from=2026-02-01");
    assert!(html.contains("value=\"failed\" checked"));
    assert!(html.contains("value=\"2026-02-01\""));
    assert!(html.contains("format=csv"));
    assert_says(section(&html, "builds"), "■ Failed");
    assert!(!section(&html, "builds").contains("● Built"));
    assert_says(&history(&snapshot, "package=nosuch"), "No build matches. The archive reaches back to");
    assert_says(&history(&snapshot, "page=900"), "There is nothing on this page.");
    assert_says(&history(&testing::started(), ""), "Not known yet.");
}

#[test]
fn an_instant_in_a_filter_stays_in_its_field() {
    let html = history(&testing::example(), "from=2026-02-01T10:00:00Z");
    assert!(html.contains("type=\"text\" name=\"from\" value=\"2026-02-01T10:00:00Z\""));
}

#[test]
fn every_address_stays_under_the_base_path() {
    let pages = pages_at("/farm/status");
    let snapshot = testing::example_infrastructure();
    let moment = moment(&snapshot, testing::now(testing::NOW));
    let query = HistoryQuery::default();
    let listing = Listing::of(&query, index(&snapshot).as_ref());
    let htmls = [
        pages.dashboard(&moment).unwrap(),
        pages.queue(&moment).unwrap(),
        pages.history(&moment, &query, &listing).unwrap(),
        pages.infrastructure(&moment).unwrap(),
        pages.error(&snapshot, 404, "There is no such page."),
    ];
    for html in htmls {
        for attribute in [" href=\"", " src=\"", " action=\""] {
            for address in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                let stays = address.is_empty() || address.starts_with(['#', '?']);
                assert!(stays || address.starts_with("/farm/status/"), "{address}");
            }
        }
    }
}

#[test]
fn the_reference_tells_of_every_document_and_parameter() {
    let html = api(&testing::example());
    for expected in [
        "GET /api/v1/services/public/build-swarm The swarm at a glance",
        "May be kept public, max-age=15, stale-while-revalidate=30, stale-if-error=86400",
        "per_page must be a whole number from 1 to 200",
        "since must be a whole number from 0, given once, together with epoch",
        "Try /api/v1/services/public/drones/Capella",
        "failed_on_every_able_drone",
        "404 not_found there is no such page",
    ] {
        assert_says(&html, expected);
    }
}

#[test]
fn an_error_is_a_page_of_its_own() {
    let html = pages_at("").error(&testing::example_infrastructure(), 404, "There is no such page.");
    for path in ["/", "/queue", "/history", "/infrastructure"] {
        assert!(html.contains(&format!("class=\"nav__link\" href=\"{path}\"")), "no way to {path}");
    }
    assert!(
        !pages_at("").error(&testing::example(), 404, "-").contains("/infrastructure"),
        "nothing watches it"
    );
    assert!(html.contains("<title>There is no such page. · Command Center</title>"));
    assert_says(&html, "404 There is no such page. To the dashboard");
    assert!(!html.contains("data-epoch"));
}

#[test]
fn the_queue_over_a_day_and_a_week_is_drawn_and_said_in_words() {
    let mut snapshot = testing::example();
    let sample = |hours: u64, pending| snapshot::trend::Depth {
        at: testing::now(testing::NOW).earlier(std::time::Duration::from_secs(hours * 3_600)).wall,
        pending,
        building: 0,
        blocked: 0,
    };
    let samples = vec![sample(100, 154), sample(20, 31), sample(1, 8)];
    snapshot.depth.replace(snapshot::trend::DepthHistory { samples }, snapshot.started_at);
    let html = queue(&snapshot);
    let trend = section(&html, "trend");
    assert_says(trend, "waiting, 24 h: at most 31");
    assert_says(trend, "waiting, 7 d: at most 154");
    assert_says(trend, "finished per half hour, 24 h: at most");
    assert!(trend.contains(
        "aria-label=\"Waiting over 24 hours: 8 to 31, at the end not known, 46 of 48 steps not known\""
    ));
    assert_eq!(trend.matches("role=\"img\"").count(), 4);

    snapshot.depth = snapshot::section::Section::empty();
    snapshot.history = snapshot::section::Section::empty();
    assert!(!queue(&snapshot).contains("id=\"trend\""));
}
