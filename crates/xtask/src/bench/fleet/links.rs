//! What visitors ask for: what the site is known to have, and whatever its pages lead to.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What a site has in any case.
const KNOWN: [&str; 12] = [
    "/",
    "/queue",
    "/history",
    "/infrastructure",
    "/about/data",
    "/api",
    "/api/v1/services/public/build-swarm",
    "/api/v1/services/public/build-history",
    "/api/v1/services/public/build-history?per_page=200&sort=duration&order=desc",
    "/api/v1/services/public/build-history?status=failed&page=2",
    "/api/v1/services/public/infrastructure",
    "/api/v1/services/public/queue",
];
/// Where addresses stand in pages.
const PLACES: [&str; 2] = ["href=\"", "src=\""];

/// What is asked for, in turn: what is known, and in between what was found.
#[derive(Debug, Default)]
pub(super) struct Links(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    n_turns: usize,
    /// By the page that leads there, as it was when it was seen last.
    found: BTreeMap<String, Vec<String>>,
}

impl Links {
    /// The next one.
    pub(super) fn next(&self) -> String {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.n_turns;
        turns.n_turns += 1;
        let found: Vec<_> = turns.found.values().flatten().collect();
        let place = turn / 2;
        match found.get(place % found.len().max(1)) {
            Some(found) if turn % 2 == 1 => (*found).clone(),
            _ => KNOWN[place % KNOWN.len()].to_owned(),
        }
    }

    /// Takes in what a page leads to, in place of what it led to before. Only pages that are known are looked at: what
    /// the others lead to has no end.
    pub(super) fn found_on(&self, page: &str, text: &str) {
        if KNOWN.contains(&page) {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.found.insert(page.to_owned(), links(page, text));
        }
    }
}

/// The addresses of the site's own on a page. What a script makes rows from leads to nothing yet.
fn links(page: &str, text: &str) -> Vec<String> {
    let outside =
        text.split("<template").map(|part| part.split_once("</template>").map_or(part, |(_, after)| after));
    let places = outside.flat_map(|part| PLACES.into_iter().flat_map(move |place| part.split(place).skip(1)));
    let addresses =
        places.filter_map(|rest| rest.split_once('"')).map(|(address, _)| address.replace("&amp;", "&"));
    let mut found: Vec<_> = addresses.filter_map(|address| target(page, &address)).collect();
    found.sort();
    found.dedup();
    found
}

fn target(page: &str, address: &str) -> Option<String> {
    let address = address.split('#').next().unwrap_or_default();
    match address.as_bytes() {
        [] | [b'/', b'/', ..] => None,
        [b'/', ..] => Some(address.to_owned()),
        [b'?', ..] => Some(format!("{page}{address}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Links, links};

    #[test]
    fn own_addresses_are_found_and_nothing_else() {
        let page = "<link href=\"/assets/a.css\"><a href=\"/queue#pending\">q</a><a href=\"?page=2&amp;sort=name\">n</a>\
                    <a href=\"https://example.org/\">e</a><a href=\"//example.org/\">e</a><a href=\"#top\">t</a>\
                    <template><a href=\"/packages//\">p</a></template><img src=\"/badge.svg\"><a href=\"/queue\">q</a>";
        assert_eq!(
            links("/history", page),
            ["/assets/a.css", "/badge.svg", "/history?page=2&sort=name", "/queue"]
        );
    }

    #[test]
    fn what_is_known_and_what_was_found_take_turns() {
        let all = Links::default();
        assert_eq!([all.next(), all.next()], [KNOWN[0]; 2]);
        all.found_on("/elsewhere", "<a href=\"/never\">");
        all.found_on("/", "<a href=\"/old\">");
        all.found_on("/", "<a href=\"/one\"><a href=\"/two\">");
        let next: Vec<_> = (0..6).map(|_| all.next()).collect();
        assert_eq!(next, [KNOWN[1], "/two", KNOWN[2], "/one", KNOWN[3], "/two"]);
    }
}
