//! The site under a base path.

use snapshot::testing;
use web::config::{BasePath, Config};

use crate::app::{PUBLIC, spawn_app_at};

#[test]
fn everything_moves_under_the_base_path_and_nothing_stays() {
    let base = BasePath::parse("/farm/status").unwrap();
    let app = spawn_app_at(testing::example(), testing::NOW, Config::new().with_base_path(base));
    for path in ["/", "/queue", "/history", "/history?page=2", "/infrastructure", "/about/data", "/api"] {
        assert_eq!(app.get(&format!("/farm/status{path}")).status, 200, "{path}");
        assert_eq!(app.get(path).status, 404, "{path}");
    }
    for name in ["build-swarm", "build-history", "infrastructure", "queue"] {
        assert_eq!(app.get(&format!("/farm/status{PUBLIC}/{name}")).status, 200);
        assert_eq!(app.get(&format!("{PUBLIC}/{name}")).status, 404);
    }
    assert_eq!(app.get("/farm/status/api/nothing").json()["error"]["code"], "not_found");
    for path in ["/farm", "/farm/", "/farm/statusqueue", "/farm/status/farm/status/"] {
        assert_eq!(app.get(path).status, 404, "{path}");
    }
    let answer = app.get("/farm/status");
    assert_eq!((answer.status, answer.header("location")), (308, Some("/farm/status/")));
    assert!(answer.header("content-security-policy").is_some());
}

#[test]
fn every_local_address_on_every_page_leads_somewhere() {
    for base in ["", "/farm"] {
        let config = Config::new().with_base_path(BasePath::parse(base).unwrap());
        let app = spawn_app_at(testing::example_infrastructure(), testing::NOW, config);
        for path in ["/", "/queue", "/history", "/infrastructure", "/about/data", "/api", "/nowhere"] {
            let page = app.get(&format!("{base}{path}"));
            // What a script makes rows from has addresses of nothing yet.
            let mut shown = String::new();
            for part in page.text().split("<template") {
                shown.push_str(part.split_once("</template>").map_or(part, |(_, after)| after));
            }
            let addresses = ["href=\"", "src=\""].into_iter().flat_map(|name| shown.split(name).skip(1));
            for rest in addresses {
                let address = rest.split('"').next().unwrap().replace("&amp;", "&");
                let target = match address.split('#').next().unwrap() {
                    "" => continue,
                    query if query.starts_with('?') => format!("{base}{path}{query}"),
                    target => target.to_owned(),
                };
                assert!(target.starts_with(&format!("{base}/")), "{target} on {path}");
                assert_eq!(app.get(&target).status, 200, "{target} on {path}");
            }
        }
    }
}
