//! Links from one page of a listing to another.

use snapshot::history::BuildId;

use super::query::{HistoryQuery, Order, PER_PAGE, Sort};
use crate::parameters::escape;

/// The query string of another page of the same listing, with its `?`.
///
/// `drones` are the names in the query that exist. With `as_of` the page stays what it is while builds arrive.
pub(crate) fn link(query: &HistoryQuery, drones: &[String], to: Option<(&BuildId, u32)>) -> String {
    written(query, drones, to.map(|(as_of, _)| as_of), to.map(|(_, page)| page))
}

/// The query string of the very page that was asked for.
pub(crate) fn same(query: &HistoryQuery, drones: &[String]) -> String {
    written(query, drones, query.as_of.as_ref(), (query.page > 1).then_some(query.page))
}

fn written(query: &HistoryQuery, drones: &[String], as_of: Option<&BuildId>, page: Option<u32>) -> String {
    let mut parts: Vec<String> = drones.iter().map(|drone| format!("drone={}", escape(drone))).collect();
    parts.extend(query.statuses.iter().map(|status| format!("status={}", status.as_str())));
    parts.extend(query.package.as_ref().map(|package| format!("package={}", escape(package))));
    parts.extend(query.from.map(|from| format!("from={from}")));
    parts.extend(query.to.map(|to| format!("to={to}")));
    if query.sort != Sort::default() {
        parts.push(format!("sort={}", query.sort.as_str()));
    }
    if query.order != Order::default() {
        parts.push(format!("order={}", query.order.as_str()));
    }
    if query.per_page != PER_PAGE {
        parts.push(format!("per_page={}", query.per_page));
    }
    parts.extend(as_of.map(|as_of| format!("as_of={}", as_of.as_str())));
    parts.extend(page.map(|page| format!("page={page}")));
    format!("?{}", parts.join("&"))
}
