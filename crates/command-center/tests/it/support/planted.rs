//! A Prometheus and a Loki whose every text is a canary, in good answers and in every kind of error.
//!
//! They answer what the simulator's answer, with each label's text replaced by one that follows from it, so that
//! series still belong together. Texts are spelled in five ways in turn.

use std::{
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};
use simulator::{
    loki::{self, numbers::Numbers},
    message::{Answer, Request},
    prometheus,
    server::Server,
    world::World,
};

use super::{eventually, leaks::spellings};

/// Stands in everything that is planted.
pub(crate) const MARK: &str = "canary";
/// Stands in every planted host name.
pub(crate) const DOMAIN: &str = "internal.lan";

/// How both answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With success, warnings and remarks.
    Good,
    /// Only the most important question is answered; Loki says that it is not ready.
    Partial,
    /// 400: `bad_data` of the one, plain text of the other.
    BadData,
    /// 422: an expression that failed while it was evaluated.
    Execution,
    /// 503: out of time.
    Overloaded,
    /// 404 in plain text.
    NotFound,
    /// 200 with the word `error` in it.
    SuccessIsError,
    /// 200 with values of a type that nobody asked for.
    OtherType,
    /// 200 with the page of something in between.
    Html,
    /// 302.
    Redirect,
}

impl Form {
    pub(crate) const ALL: [Self; 10] = [
        Self::Good,
        Self::Partial,
        Self::BadData,
        Self::Execution,
        Self::Overloaded,
        Self::NotFound,
        Self::SuccessIsError,
        Self::OtherType,
        Self::Html,
        Self::Redirect,
    ];

    /// The faults of Prometheus and Loki that the public reads, or null.
    pub(crate) fn faults(self) -> [Value; 2] {
        match self {
            Self::Good => [Value::Null, Value::Null],
            Self::Partial => [Value::Null, json!("bad_status")],
            Self::BadData | Self::Execution | Self::Overloaded | Self::NotFound => {
                [json!("bad_status"), json!("bad_status")]
            }
            Self::SuccessIsError | Self::OtherType => [json!("invalid"), json!("invalid")],
            Self::Html => [json!("bad_body"), json!("bad_body")],
            Self::Redirect => [json!("redirect"), json!("redirect")],
        }
    }
}

/// The two servers; they stop when they are dropped.
pub(crate) struct Watchers {
    pub(crate) prometheus: Server,
    pub(crate) loki: Server,
    form: Arc<Mutex<Form>>,
    world: Arc<World>,
}

impl Watchers {
    pub(crate) fn start() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let world = Arc::new(World::new(4, now));
        let form = Arc::new(Mutex::new(Form::Good));
        let serve = |answer: fn(&World, &Request) -> Answer, error: fn(Form, &Request) -> Option<Answer>| {
            let (world, form) = (Arc::clone(&world), Arc::clone(&form));
            Server::start(move |request| {
                let form = *form.lock().unwrap();
                let answer = error(form, request).unwrap_or_else(|| planted(answer(&world, request)));
                adorned(answer)
            })
            .unwrap()
        };
        let prometheus = serve(prometheus::answer, of_prometheus);
        let loki = serve(|world, request| loki::answer(world, request, Numbers::Loki), of_loki);
        Self { prometheus, loki, form, world }
    }

    /// Changes the form, and waits until both have been asked everything in it.
    pub(crate) fn answer_as(&self, form: Form) {
        *self.form.lock().unwrap() = form;
        // The questions of a poll at most; one may be under way.
        for (server, n_questions) in [(&self.prometheus, 16), (&self.loki, 3)] {
            let wanted = server.requests() + 2 * n_questions;
            eventually("two more polls", || (server.requests() >= wanted).then_some(()));
        }
    }

    /// The planted values of a label in the series that an expression selects, each once.
    pub(crate) fn values(&self, expression: &str, label: &str) -> Vec<String> {
        let query = simulator::message::encode(expression);
        let request = Request::get(&format!("/api/v1/query?query={query}"));
        let answer: Value =
            serde_json::from_slice(&planted(prometheus::answer(&self.world, &request)).body).unwrap();
        let series = answer["data"]["result"].as_array().unwrap();
        let values = series.iter().filter_map(|series| series["metric"][label].as_str());
        let values: std::collections::BTreeSet<_> = values.map(str::to_owned).collect();
        values.into_iter().collect()
    }
}

/// What is planted for a text: the same each time, and spelled in the way that falls to it.
pub(crate) fn canary(kind: &str, text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let way = text.bytes().map(usize::from).sum::<usize>();
    let spelled = spellings(&format!("{MARK}-{kind}-{plain}"));
    spelled[way % spelled.len()].clone()
}

/// What is planted for a host.
pub(crate) fn host(instance: &str) -> String {
    let (host, port) = instance.rsplit_once(':').unwrap_or((instance, "9100"));
    format!("{}.{DOMAIN}:{port}", canary("host", host))
}

fn label(name: &str, text: &str) -> String {
    match name {
        "instance" => host(text),
        "nodename" => format!("{}.{DOMAIN}", canary("node", text)),
        // One name for what the one scrapes and the other counts the lines of.
        "job" | "service_name" => canary("job", text),
        "mountpoint" if text == "/" => text.to_owned(),
        "mountpoint" => format!("/{}", canary("mount", text)),
        name => canary(name, text),
    }
}

/// A good answer with every text replaced, and further texts wherever there could be one.
fn planted(answer: Answer) -> Answer {
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else {
        return Answer::new(answer.status, &answer.content_type, format!("{MARK} is up at {DOMAIN}\n"));
    };
    plant(&mut value, "");
    let remarks = spellings(&format!("{MARK}-remark on {DOMAIN}"));
    value["warnings"] = json!(remarks);
    value["infos"] = json!(remarks);
    value["error"] = json!(remarks[0]);
    value[format!("{MARK}_key")] = json!(remarks[1]);
    Answer { body: value.to_string().into_bytes(), ..answer }
}

fn plant(value: &mut Value, key: &str) {
    match value {
        Value::Object(fields) if ["metric", "labels", "annotations"].contains(&key) => {
            for (name, text) in fields.iter_mut() {
                *text = json!(label(name, text.as_str().unwrap_or_default()));
            }
            fields.insert(format!("{MARK}_label"), json!(canary("label", key)));
            fields.insert("__name__".to_owned(), json!(canary("metric", key)));
            // Loki's series have one label, or the count is nobody's.
            if fields.contains_key("service_name") || fields.contains_key("detected_level") {
                *fields = std::mem::take(fields).into_iter().filter(is_of_loki).collect::<Map<_, _>>();
            }
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| plant(field, name)),
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, key)),
        _ => {}
    }
}

fn is_of_loki((name, _): &(String, Value)) -> bool {
    name == "service_name" || name == "detected_level"
}

/// Header fields that a proxy or a careless program would pass on.
fn adorned(answer: Answer) -> Answer {
    let fields = [
        ("server", format!("{MARK}-server/1.0")),
        ("x-backend-host", format!("{MARK}-head.{DOMAIN}")),
        ("set-cookie", format!("{MARK}=1; Domain={DOMAIN}")),
        ("warning", format!("199 {DOMAIN} \"{MARK}\"")),
        ("etag", format!("\"{MARK}\"")),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Answer { headers: [answer.headers, fields.to_vec()].concat(), ..answer }
}

/// A text with a canary in every spelling.
fn error_text(what: &str) -> String {
    let spelled = spellings(&format!("{MARK}-error at /var/lib/{MARK} of {DOMAIN}")).join(" ");
    format!("{what}: {spelled}")
}

/// An error as Prometheus' API writes it.
fn api_error(status: u16, kind: &str) -> Answer {
    let body = json!({ "status": "error", "errorType": kind, "error": error_text(kind) });
    Answer::json_text(status, body.to_string())
}

fn plain(status: u16, what: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", error_text(what))
}

/// Errors of something that stands before either.
fn in_between(form: Form) -> Option<Answer> {
    match form {
        Form::NotFound => Some(plain(404, "404 page not found")),
        Form::Html => {
            Some(Answer::new(200, "text/html", format!("<title>{}</title>", error_text("502 Bad Gateway"))))
        }
        Form::Redirect => {
            let location = ("location".to_owned(), format!("http://{MARK}.{DOMAIN}/login?{MARK}"));
            Some(Answer { headers: vec![location], ..plain(302, "Found") })
        }
        Form::SuccessIsError => Some(api_error(200, &canary("kind", "x"))),
        _ => None,
    }
}

fn of_prometheus(form: Form, request: &Request) -> Option<Answer> {
    match form {
        Form::Good => None,
        Form::Partial if request.query_value("query") == Some("up") => None,
        Form::Partial => Some(api_error(422, "execution")),
        Form::BadData => Some(api_error(400, "bad_data")),
        Form::Execution => Some(api_error(422, "execution")),
        Form::Overloaded => Some(api_error(503, "timeout")),
        Form::OtherType => Some(Answer::json(
            &json!({"status": "success", "data": {"resultType": "string", "result": [1, error_text("x")], "alerts": []}}),
        )),
        other => in_between(other),
    }
}

fn of_loki(form: Form, request: &Request) -> Option<Answer> {
    match form {
        Form::Good => None,
        Form::Partial if request.path == "/ready" => Some(plain(503, "Ingester not ready: waiting for 15s")),
        Form::Partial => None,
        Form::BadData => Some(plain(400, "parse error at line 1, col 14: syntax error")),
        Form::Execution => Some(plain(422, "maximum of series (500) reached for a single query")),
        Form::Overloaded => Some(plain(503, "too many outstanding requests")),
        Form::OtherType if request.path != "/ready" => {
            Some(Answer::json(&json!({"status": "success", "data": {
                "resultType": "streams",
                "result": [{"stream": {"host": host("web-1:80")}, "values": [["1", error_text("a line")]]}]
            }})))
        }
        Form::OtherType => None,
        // Whoever asks only whether it is ready is content with a 200.
        other => in_between(other),
    }
}
