//! The account against one that writes down every second.

use proptest::prelude::*;

use super::*;

/// A noon, and an uptime that has nothing to do with it.
fn start() -> Now {
    Now { wall: "2026-02-20T12:00:00Z".parse().unwrap(), uptime: Duration::from_secs(1_000) }
}

const HOLD: Duration = Duration::from_secs(45);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Sightings every 15 s, from `from` for `n_seconds`; gives when the last was.
fn watch(ledger: &mut Ledger, sight: Sight, from: Now, n_seconds: u64) -> Now {
    for offset in (0..=n_seconds).step_by(15) {
        ledger.see(Some(sight), from.later(seconds(offset)), HOLD);
    }
    from.later(seconds(n_seconds))
}

fn day(ledger: &Ledger, now: Now) -> (u64, u64) {
    let Observed { up, down } = ledger.sums(now.wall).windows[0];
    (up, down)
}

/// What the ledger should say: every second of the calendar by itself, and which were seen.
#[derive(Default)]
struct Oracle {
    seen: BTreeMap<i64, Sight>,
}

impl Oracle {
    fn hour(&self, begin: i64) -> (i64, i64) {
        let count = |wanted| {
            let seconds = self.seen.range(begin..begin + HOUR);
            i64::try_from(seconds.filter(|(_, sight)| **sight == wanted).count()).unwrap()
        };
        (count(Sight::Up), count(Sight::Down))
    }

    /// Exact for whole hours; the first hour in proportion to how much of it lies in the window.
    fn between(&self, begin: i64, end: i64) -> (i64, i64) {
        let mut sum = (0, 0);
        let first = begin.div_euclid(HOUR) * HOUR;
        for hour in (first..end).step_by(3_600) {
            let (up, down) = self.hour(hour);
            let inside = if hour < begin { hour + HOUR - begin } else { HOUR };
            sum = (sum.0 + up * inside / HOUR, sum.1 + down * inside / HOUR);
        }
        sum
    }
}

/// What happens between one sighting and the next.
#[derive(Debug, Clone)]
enum Step {
    Poll {
        after: u64,
        sight: Option<Sight>,
    },
    /// The process is away; it comes back with what was stored.
    Restart {
        after: u64,
    },
    /// Nobody asks for long: the machine sleeps, or polls hang.
    Sleep {
        hours: u64,
    },
}

fn sights() -> impl Strategy<Value = Option<Sight>> {
    prop_oneof![5 => Just(Some(Sight::Up)), 3 => Just(Some(Sight::Down)), 1 => Just(None)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => (0_u64..=60, sights()).prop_map(|(after, sight)| Step::Poll { after, sight }),
        1 => (0_u64..=7_200).prop_map(|after| Step::Restart { after }),
        1 => (1_u64..=400).prop_map(|hours| Step::Sleep { hours }),
    ];
    prop::collection::vec(step, 1..400)
}

fn stored(ledger: &mut Ledger, store: &mut BTreeMap<DayNumber, Vec<u8>>) {
    store.extend(ledger.take_unstored().map(|(day, hours)| (day, hours.to_bytes())));
}

fn reopened(store: &BTreeMap<DayNumber, Vec<u8>>) -> Ledger {
    Ledger::restored(store.iter().map(|(day, bytes)| (*day, Day::from_bytes(bytes).unwrap())))
}

proptest! {
    #[test]
    fn every_window_is_what_counting_seconds_says(steps in steps()) {
        let (mut ledger, mut oracle) = (Ledger::default(), Oracle::default());
        let mut store = BTreeMap::new();
        let mut now = start();
        let mut last: Option<(Sight, Now)> = None;
        for step in steps {
            match step {
                Step::Poll { after, sight } => {
                    now = now.later(seconds(after));
                    ledger.see(sight, now, HOLD);
                    if let Some((was, then)) = last.filter(|(_, then)| now.uptime - then.uptime <= HOLD) {
                        for second in then.wall.as_second()..now.wall.as_second() {
                            oracle.seen.insert(second, was);
                        }
                    }
                    last = sight.map(|sight| (sight, now));
                }
                Step::Restart { after } => {
                    stored(&mut ledger, &mut store);
                    ledger = reopened(&store);
                    now = now.later(seconds(after));
                    last = None;
                }
                Step::Sleep { hours } => now = now.later(seconds(hours * 3_600)),
            }
        }
        let end = now.wall.as_second();
        let sums = ledger.sums(now.wall);
        for (sum, hours) in sums.windows.iter().zip(WINDOW_HOURS) {
            let (up, down) = oracle.between(end - i64::from(hours) * HOUR, end);
            prop_assert_eq!((sum.up, sum.down), (up.try_into().unwrap(), down.try_into().unwrap()));
            prop_assert!(sum.up + sum.down <= u64::from(hours) * 3_600);
        }
        let midnight = end.div_euclid(DAY) * DAY;
        for (sum, days_ago) in sums.days.iter().rev().zip(0_i64..) {
            let begin = midnight - days_ago * DAY;
            let hours = (begin..begin + DAY).step_by(3_600).map(|hour| oracle.hour(hour));
            let (up, down) = hours.fold((0, 0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1));
            prop_assert_eq!((sum.up, sum.down), (up.try_into().unwrap(), down.try_into().unwrap()));
        }
    }

    #[test]
    fn a_clock_that_is_set_at_will_makes_nothing_longer(
        jumps in prop::collection::vec((1_u64..=45, -200_000_i64..200_000, sights()), 1..200)
    ) {
        let mut ledger = Ledger::default();
        let mut now = start();
        let begin = now;
        for (after, by, sight) in jumps {
            now = now.later(seconds(after));
            now.wall = now.wall.checked_add(jiff::SignedDuration::from_secs(by)).unwrap();
            ledger.see(sight, now, HOLD);
        }
        let observed: u64 = ledger.days.values().map(Day::total).map(|sum| sum.up + sum.down).sum();
        // Each set of the clock may cut a second at either end.
        prop_assert!(observed <= (now.uptime - begin.uptime).as_secs() + 200);
        for day in ledger.days.values() {
            prop_assert!((0..24).all(|hour| day.at(hour).up + day.at(hour).down <= 3_600));
        }
        let windows = ledger.sums(now.wall).windows;
        let fits = |(sum, hours): (&Observed, u32)| sum.up + sum.down <= u64::from(hours) * 3_600;
        prop_assert!(windows.iter().zip(WINDOW_HOURS).all(fits));
    }

    #[test]
    fn a_day_is_stored_and_read_as_it_is(hours in prop::collection::vec((0_u16..=3_600, 0_u16..=3_600), 24)) {
        let mut day = Day::Even(Hour::default());
        for (idx, (up, down)) in hours.into_iter().enumerate() {
            day.set(idx, Hour::default().plus(Sight::Up, up).plus(Sight::Down, down));
        }
        prop_assert_eq!(Day::from_bytes(&day.to_bytes()), Some(day));
    }
}

#[test]
fn what_lies_between_two_sightings_was_what_the_first_saw() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Up, start(), 600);
    let now = watch(&mut ledger, Sight::Down, now, 300);
    assert_eq!(day(&ledger, now), (600, 300));
}

#[test]
fn a_sighting_stands_for_no_longer_than_it_is_believed() {
    let mut ledger = Ledger::default();
    ledger.see(Some(Sight::Up), start(), HOLD);
    ledger.see(Some(Sight::Up), start().later(seconds(46)), HOLD);
    assert_eq!(day(&ledger, start().later(seconds(46))), (0, 0));
}

#[test]
fn who_is_away_sees_nothing() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Down, start(), 60);
    let mut store = BTreeMap::new();
    stored(&mut ledger, &mut store);
    let mut ledger = reopened(&store);
    let now = watch(&mut ledger, Sight::Up, now.later(seconds(30)), 60);
    assert_eq!(day(&ledger, now), (60, 60));
}

#[test]
fn what_cannot_be_seen_ends_what_was_seen() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Up, start(), 60);
    ledger.see(None, now.later(seconds(15)), HOLD);
    ledger.see(Some(Sight::Up), now.later(seconds(30)), HOLD);
    assert_eq!(day(&ledger, now.later(seconds(30))), (75, 0));
}

#[test]
fn a_clock_that_jumps_ahead_or_back_counts_the_time_that_passed() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Up, start(), 600);
    let ahead = Now { wall: at("2026-02-20T18:00:00Z"), uptime: now.uptime + seconds(15) };
    let now = watch(&mut ledger, Sight::Up, ahead, 600);
    assert_eq!(day(&ledger, now), (1_215, 0));
    let back = Now { wall: at("2026-02-20T13:00:00Z"), uptime: now.uptime + seconds(15) };
    let now = watch(&mut ledger, Sight::Up, back, 600);
    let evening = Now { wall: at("2026-02-20T20:00:00Z"), ..now };
    assert_eq!(day(&ledger, evening), (1_830, 0));
}

#[test]
fn an_hour_that_is_lived_twice_stays_an_hour() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Down, start(), 3_600);
    let again = Now { wall: start().wall, uptime: now.uptime + seconds(15) };
    let now = watch(&mut ledger, Sight::Up, again, 3_600);
    // The last seconds before it was set belong to the hour before.
    assert_eq!(day(&ledger, now), (0, 3_600 + 15));
}

#[test]
fn the_year_2100_for_a_minute_takes_nothing_away() {
    let mut ledger = Ledger::default();
    let now = watch(&mut ledger, Sight::Up, start(), 7_200);
    let wrong = Now { wall: at("2100-01-01T00:00:00Z"), uptime: now.uptime + seconds(15) };
    let wrong = watch(&mut ledger, Sight::Up, wrong, 60);
    assert_eq!(day(&ledger, wrong), (75, 0));
    assert_eq!(day(&ledger, now), (7_200, 0));
}

#[test]
fn ninety_days_that_were_quiet_are_small_and_the_days_are_bounded() {
    let mut ledger = Ledger::default();
    let mut now = start();
    for _ in 0..200 * 24 {
        ledger.see(Some(Sight::Up), now, seconds(3_600));
        now = now.later(seconds(3_600));
    }
    assert_eq!(ledger.days.len(), DAYS_MAX);
    let n_uneven = ledger.days.values().filter(|day| matches!(day, Day::Uneven(_))).count();
    assert!(n_uneven <= 2, "{n_uneven}");
    let sums = ledger.sums(now.earlier(seconds(3_600)).wall);
    assert_eq!(sums.windows.map(|sum| sum.up), WINDOW_HOURS.map(|hours| u64::from(hours) * 3_600));
}

#[test]
fn what_no_hour_can_hold_is_no_day() {
    assert_eq!(Day::from_bytes(&[]), None);
    assert_eq!(Day::from_bytes(&[1, 2, 3]), None);
    assert_eq!(Day::from_bytes(&[0; 92]), None);
    assert_eq!(Day::from_bytes(&[0xff; 4]), None);
    assert_eq!(Day::from_bytes(&[0; 4]), Some(Day::Even(Hour::default())));
}
