//! Every parameter, well and badly used.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(query: &str, expected: HistoryQuery) {
    for strictness in [Strictness::Api, Strictness::Page] {
        assert_eq!(HistoryQuery::parse(query, strictness).as_ref(), Ok(&expected), "{query}");
    }
}

#[track_caller]
fn check_refused(query: &str, parameter: Option<&str>) {
    let bad = HistoryQuery::parse(query, Strictness::Api).unwrap_err();
    assert_eq!(bad.parameter, parameter, "{query}");
    assert!(parameter.is_none_or(|name| bad.message.contains(name)), "{}", bad.message);
}

fn query(change: impl FnOnce(&mut HistoryQuery)) -> HistoryQuery {
    let mut query = HistoryQuery::default();
    change(&mut query);
    query
}

#[test]
fn every_parameter_is_read() {
    check("", HistoryQuery::default());
    check("page=3&per_page=200", query(|q| (q.page, q.per_page) = (3, 200)));
    let drones = ["Izar".to_owned(), "Barnard's Star".to_owned()];
    check("drone=Izar&drone=Barnard%27s+Star&drone=IZAR", query(|q| q.drones = drones.to_vec()));
    let statuses = [BuildStatus::Failed, BuildStatus::Masked];
    check("status=masked&status=failed&status=masked", query(|q| q.statuses = statuses.to_vec()));
    check("package=x11-libs%2Fgtk%2B", query(|q| q.package = Some("x11-libs/gtk+".to_owned())));
    check("package=+mesa+", query(|q| q.package = Some("mesa".to_owned())));
    check(
        "from=2026-02-22&to=2026-02-22T23:00:00+13:00",
        query(|q| {
            q.from = Bound::parse("2026-02-22");
            q.to = Bound::parse("2026-02-22T10:00:00Z");
        }),
    );
    check("sort=duration&order=asc", query(|q| (q.sort, q.order) = (Sort::Duration, Order::Asc)));
    check("as_of=7f3k2m9q4c1x0", query(|q| q.as_of = BuildId::parse("7f3k2m9q4c1x0")));
}

#[test]
fn what_cannot_be_used_is_named() {
    for text in ["page=0", "page=-1", "page=+1", "page=1.5", "page=", "page=99999999999", "page=%ff", "page"]
    {
        check_refused(text, Some("page"));
    }
    for text in ["per_page=0", "per_page=201", "per_page=all"] {
        check_refused(text, Some("per_page"));
    }
    let twice = HistoryQuery::parse("page=1&page=1", Strictness::Page).unwrap_err();
    assert_eq!(twice.parameter, Some("page"));
    check_refused("drone=", Some("drone"));
    check_refused(&format!("drone={}", "a".repeat(41)), Some("drone"));
    let many: Vec<_> = (0..33).map(|n| format!("drone=d{n}")).collect();
    check_refused(&many.join("&"), Some("drone"));
    check_refused("status=Success", Some("status"));
    check_refused("status=failed,masked", Some("status"));
    for text in ["package=x", "package=%3Cscript%3E", "package=a%00b", "package=%2A%2A"] {
        check_refused(text, Some("package"));
    }
    check_refused(&format!("package={}", "a".repeat(101)), Some("package"));
    check_refused("from=yesterday", Some("from"));
    check_refused("to=2026-02-30", Some("to"));
    for text in [
        "from=2026-02-23&to=2026-02-22",
        "from=2026-02-23T00:00:00Z&to=2026-02-22",
        "to=2026-02-22T23:59:59Z&from=2026-02-23",
        "from=2026-02-22T10:00:01Z&to=2026-02-22T10:00:00Z",
    ] {
        check_refused(text, Some("from"));
    }
    check_refused("sort=package", Some("sort"));
    check_refused("order=up", Some("order"));
    check_refused("as_of=latest", Some("as_of"));
    check_refused("format=xml", Some("format"));
    check_refused("dronne=Izar", None);
    check_refused("PAGE=1", None);
    check_refused("fbclid=x", None);
    check_refused(&"x".repeat(5_000), None);
}

#[test]
fn a_stretch_may_be_one_day_or_empty_but_not_turned_round() {
    for (from, to) in [
        ("2026-02-22", "2026-02-22"),
        ("2026-02-22T10:00:00Z", "2026-02-22"),
        ("2026-02-22", "2026-02-22T00:00:00Z"),
        ("2026-02-22T10:00:00Z", "2026-02-22T10:00:00Z"),
    ] {
        let expected = query(|q| (q.from, q.to) = (Bound::parse(from), Bound::parse(to)));
        check(&format!("from={from}&to={to}"), expected);
    }
}

#[test]
fn pages_ignore_what_they_do_not_know_and_empty_fields() {
    let form = "drone=&status=&package=&from=&to=&page=&fbclid=x&format=xml&%ff=1";
    assert_eq!(HistoryQuery::parse(form, Strictness::Page), Ok(HistoryQuery::default()));
    assert!(HistoryQuery::parse("page=0", Strictness::Page).is_err());
}

#[test]
fn the_form_is_known_on_the_api_only() {
    let csv = HistoryQuery::parse("format=csv", Strictness::Api).unwrap();
    assert_eq!(csv.format, Format::Csv);
    assert_eq!(HistoryQuery::parse("format=csv", Strictness::Page).unwrap().format, Format::Json);
}

proptest! {
    #[test]
    fn no_query_panics_or_is_repeated(text in "[ -~\u{e9}]{0,80}") {
        for strictness in [Strictness::Api, Strictness::Page] {
            let _ = HistoryQuery::parse(&text, strictness);
        }
    }

    #[test]
    fn no_value_panics(value in "[-0-9a-zA-Z:+. %]{0,30}") {
        for parameter in Parameter::ALL {
            let _ = HistoryQuery::parse(&format!("{}={value}", parameter.name()), Strictness::Api);
        }
    }
}
