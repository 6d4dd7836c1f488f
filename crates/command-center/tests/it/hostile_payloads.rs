//! Answers that no backend would give, thousands of them, each with a canary in its texts: nothing breaks, and none gets
//! out. From the bytes of an answer to the bytes of every page, in this process and without a socket.
//!
//! Ten thousand cases each time; `COMMAND_CENTER_CASES` asks for another number, and `COMMAND_CENTER_SEED` for others.

use std::{collections::HashMap, env, sync::Arc, time::Duration};

use scheduler::{
    config::{Names, infrastructure::Watch},
    testing::{BACKENDS, Farm},
};
use serde_json::{Value, json};
use simulator::{
    loki::{self, numbers::Numbers},
    message::Request,
    prometheus,
    recording::{self, State},
    world::World,
};
use snapshot::{clock::Now, section::SourceName};
use web::{config::Config, testing::Site};

use crate::support::leaks::{Said, crawl_by, found, searchable, spellings};

/// Stands in every text that is planted, and is the name of a machine: so nothing may be called by it, not even a package.
const MARK: &str = "zq7canary";
/// How many answers are given before everything is looked at.
const BATCH: usize = 1_000;
/// Rows that are kept of what was recorded.
const ROWS_MAX: usize = 6;

/// What stands around a canary.
const AROUND: [&str; 26] = [
    "",
    " ",
    "-",
    "=dev-libs/",
    "=app-misc/a-",
    "-1.0",
    "-1.0-r1",
    ".internal.lan",
    "@",
    ":9100",
    "/var/",
    "../",
    "http://",
    "<script>",
    "</title><b>",
    "\"'>",
    "{{",
    "{% raw %}",
    "\u{202e}",
    "\0",
    "\r\nSet-Cookie: a=b",
    "%00",
    "\u{1f4a5}",
    "\u{feff}",
    "&#",
    "10.66.6.6 ",
];

/// Texts without a canary that mean something somewhere, or nothing anywhere.
const WORDS: [&str; 14] = [
    "",
    "needed",
    "delegated",
    "received",
    "blocked",
    "failed",
    "success",
    "online",
    "offline",
    "firing",
    "NaN",
    "+Inf",
    "-1e999",
    "\u{0}",
];

/// A sequence of numbers without a pattern: the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % n as u64).unwrap()
    }

    fn is_one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A canary that is found at its boundaries, in some spelling, with something around it.
fn hostile_text(dice: &mut Dice) -> String {
    if dice.is_one_in(6) {
        return (*dice.pick(&WORDS)).to_owned();
    }
    let spelled = spellings(MARK);
    let (before, after) = (*dice.pick(&AROUND), *dice.pick(&AROUND));
    let joint = |text: &str, at: Option<char>| {
        let touches = at.is_some_and(char::is_alphanumeric);
        if touches { format!("{text}-") } else { text.to_owned() }
    };
    let before = joint(before, before.chars().last());
    let after = if after.starts_with(char::is_alphanumeric) { format!("-{after}") } else { after.to_owned() };
    let text = format!("{before}{}{after}", dice.pick(&spelled));
    if dice.is_one_in(50) { text.repeat(200) } else { text }
}

fn hostile_value(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.is_one_in(2)),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e308),
        5 => json!(i64::MIN),
        6 => json!([]),
        7 => json!({}),
        8 => json!([hostile_text(dice), { "a": hostile_text(dice) }]),
        9 => json!({ hostile_text(dice): hostile_text(dice) }),
        _ => json!(hostile_text(dice)),
    }
}

/// Changes some of a document: texts above all, but also numbers, kinds, and what is there at all.
fn spoil(value: &mut Value, dice: &mut Dice, strength: usize) {
    if dice.is_one_in(40 * strength) {
        *value = hostile_value(dice);
        return;
    }
    match value {
        Value::String(text) if dice.is_one_in(strength) => *text = hostile_text(dice),
        Value::Number(_) if dice.is_one_in(8 * strength) => *value = hostile_value(dice),
        Value::Array(items) => {
            if !items.is_empty() && dice.is_one_in(6 * strength) {
                let again = dice.pick(items).clone();
                items.push(again);
            }
            if items.len() > 1 && dice.is_one_in(6 * strength) {
                let gone = dice.below(items.len());
                items.swap_remove(gone);
            }
            items.iter_mut().for_each(|item| spoil(item, dice, strength));
        }
        Value::Object(fields) => {
            if dice.is_one_in(10 * strength) {
                fields.insert(hostile_text(dice), hostile_value(dice));
            }
            if dice.is_one_in(10 * strength) {
                let (names, text) = (fields.keys().cloned().collect::<Vec<_>>(), hostile_text(dice));
                if let Some(field) =
                    names.get(dice.below(names.len().max(1))).and_then(|name| fields.remove(name))
                {
                    fields.insert(text, field);
                }
            }
            fields.values_mut().for_each(|field| spoil(field, dice, strength));
        }
        _ => {}
    }
}

/// The same, byte by byte.
fn garble(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len().max(1));
        match dice.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), *dice.pick(b"{}[]\",:\\0-e\xff\x00")),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap();
                }
            }
        }
    }
}

/// What is answered to each path, short: as it was recorded, and as the simulated watchers say it.
struct Answers {
    world: World,
    kept: HashMap<(usize, String), Value>,
}

impl Answers {
    fn new() -> Self {
        Self { world: World::new(4, 1_795_431_300.0), kept: HashMap::new() }
    }

    fn get(&mut self, backend: SourceName, state: usize, path: &str) -> Value {
        let key = (state, path.to_owned());
        if let Some(value) = self.kept.get(&key) {
            return value.clone();
        }
        let rooted = format!("/{}", path.trim_start_matches('/'));
        let request = Request::get(&rooted);
        let answer = match backend {
            SourceName::Prometheus => prometheus::answer(&self.world, &request),
            SourceName::Loki => loki::answer(&self.world, &request, Numbers::Loki),
            _ => recording::answer(State::ALL[state % State::ALL.len()], &rooted),
        };
        let mut value = serde_json::from_slice(&answer.body).unwrap_or_default();
        shorten(&mut value);
        self.kept.insert(key, value.clone());
        value
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.truncate(ROWS_MAX);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

/// The paths that a backend is asked, as it is asked them.
fn paths(backend: SourceName) -> Vec<String> {
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let mut farm = farm(Names::default());
    // Whatever comes of it: what was asked is noted.
    let _ = farm.poll(backend, move |path| {
        noted.lock().unwrap().push(path.to_owned());
        Some(
            br#"{"status":"success","data":{"resultType":"vector","result":[],"alerts":[]},"drones":[]}"#
                .to_vec(),
        )
    });
    asked.lock().unwrap().clone()
}

fn farm(names: Names) -> Farm {
    let wall = jiff::Timestamp::from_second(1_795_431_417).unwrap();
    Farm::new(names, Watch::default(), Now { wall, uptime: Duration::from_secs(1_000) })
}

/// A machine that is called like the canary, so that the name is one of the inside.
fn introduce(farm: &mut Farm) {
    let nodes = json!([{ "id": MARK, "name": MARK, "type": "drone", "status": "online", "ip": "10.66.6.6" }]);
    farm.poll(SourceName::Gateway, move |_| Some(nodes.to_string().into_bytes())).unwrap();
}

/// Everything that a site says of a snapshot.
fn everything(site: &Site) -> Vec<Said> {
    let mut said = crawl_by(&mut |requests| {
        let answers = site.ask(requests).into_iter().zip(requests);
        let said = answers.map(|(answer, (method, path))| Said {
            asked: format!("{method} {path}"),
            status: answer.status,
            text: format!("HTTP/1.1 {} \n{}\n{}", answer.status, answer.head, searchable(&answer.body)),
        });
        said.collect()
    });
    let frames = site.frames().into_iter();
    said.extend(frames.map(|frame| Said {
        asked: "a frame".to_owned(),
        status: 200,
        text: searchable(&frame).into_owned(),
    }));
    said
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

#[test]
fn no_canary_of_random_answers_gets_out_and_nothing_breaks() {
    let n_cases = usize::try_from(number("COMMAND_CENTER_CASES", 10_000)).unwrap();
    let seed = number("COMMAND_CENTER_SEED", 1);
    let paths: HashMap<SourceName, Vec<String>> =
        BACKENDS.into_iter().map(|backend| (backend, paths(backend))).collect();
    let (mut answers, mut dice) = (Answers::new(), Dice(seed));
    let (mut n_done, mut n_understood, mut n_answers) = (0, 0, 0);
    let mut site: Option<Site> = None;
    while n_done < n_cases {
        let before = dice.0;
        let mut farm = farm(Names::default());
        introduce(&mut farm);
        for _ in 0..BATCH.min(n_cases - n_done) {
            let backend = *dice.pick(&BACKENDS);
            let (state, strength) = (dice.below(State::ALL.len()), 1 + dice.below(6));
            let is_garbled = dice.is_one_in(8);
            let said: HashMap<String, Vec<u8>> = paths[&backend]
                .iter()
                .map(|path| {
                    let mut value = answers.get(backend, state, path);
                    // Not all of what one poll asks for, or nothing would be understood.
                    if dice.is_one_in(3) {
                        spoil(&mut value, &mut dice, strength);
                    }
                    let mut bytes = value.to_string().into_bytes();
                    if is_garbled && dice.is_one_in(3) {
                        garble(&mut bytes, &mut dice);
                    }
                    (path.clone(), bytes)
                })
                .collect();
            farm.wait(1);
            let result = farm.poll(backend, move |path| {
                // Ranges are asked for with the time in them.
                said.get(path).or_else(|| said.values().next()).cloned()
            });
            n_understood += usize::from(result.is_ok());
            n_done += 1;
            // A process assembles after every poll; so that ten thousand take seconds, this one does after some.
            if dice.is_one_in(25) {
                farm.assemble();
            }
        }
        let (snapshot, now) = (farm.assemble(), farm.now());
        let secrets = [MARK.to_owned(), "10.66.6.6".to_owned()];
        let what = format!("COMMAND_CENTER_SEED={before} COMMAND_CENTER_CASES={BATCH}");
        let shown = format!("{snapshot:?}");
        if let Some(leak) = found(&shown, &secrets) {
            panic!("{what}: the snapshot has {leak:?}");
        }
        let site = match &site {
            Some(site) => {
                site.show(snapshot, now);
                site
            }
            None => site.insert(Site::new(Config::new(), snapshot, now)),
        };
        for said in everything(site) {
            if let Some(leak) = found(&said.text, &secrets) {
                panic!("{what}: {} has {leak:?}", said.asked);
            }
            n_answers += 1;
        }
    }
    println!(
        "{n_done} answers of backends, {n_understood} of them understood; {n_answers} answers to clients"
    );
    // The test is worth something only if much of it was read.
    assert!(n_understood * 4 > n_done, "{n_understood} of {n_done}");
}
