//! The builds of the example: three documented ones, and as many more as its figures need.

use std::{sync::Arc, time::Duration};

use identity::package::PackageAtom;
use jiff::Timestamp;

use super::{at, name, package};
use crate::history::{Build, BuildId, BuildStatus, History};

/// Further builds of the last day, beside the documented three.
const N_LAST_DAY: u32 = 140;
/// Builds before the last day.
const N_OLDER: u32 = 1_730;

/// What is built over and over.
const ATOMS: [&str; 24] = [
    "dev-libs/glib-2.82.5",
    "sys-libs/glibc-2.41",
    "media-video/ffmpeg-7.1",
    "dev-lang/python-3.13.2",
    "net-misc/curl-8.12.1",
    "app-editors/vim-9.1.1122",
    "x11-libs/gtk+-3.24.43",
    "dev-db/sqlite-3.49.1",
    "sys-kernel/gentoo-kernel-6.12.16",
    "app-shells/bash-5.2_p37",
    "dev-vcs/git-2.48.1",
    "kde-frameworks/kio-6.11.0",
    "media-libs/libpng-1.6.47",
    "net-wireless/bluez-5.79",
    "app-text/poppler-25.02.0",
    "dev-python/numpy-2.2.3",
    "sys-devel/gcc-14.2.1_p20241221",
    "media-sound/pipewire-1.2.7",
    "gui-libs/wlroots-0.18.2",
    "dev-build/cmake-3.31.5",
    "app-containers/podman-5.3.2",
    "sys-fs/btrfs-progs-6.13",
    "www-servers/nginx-1.27.4",
    "dev-util/maturin-1.8.1",
];

/// Everything that is kept, with nothing lost since the first build.
pub(super) fn history(builds: Vec<Arc<Build>>) -> History {
    let complete_from = builds.last().map(|build| build.finished_at);
    History { builds, complete_from, gaps: Vec::new() }
}

/// All builds, the newest first.
pub(super) fn builds() -> Vec<Arc<Build>> {
    let atoms = ATOMS.map(package);
    let last_day = (0..N_LAST_DAY).map(|idx| of_last_day(idx, &atoms));
    let older = (0..N_OLDER).map(|idx| older(idx, &atoms));
    documented().into_iter().chain(last_day).chain(older).map(Arc::new).collect()
}

fn documented() -> [Build; 3] {
    let build = |id: &str, atom: &str, drone: &str, status, seconds, finished: &str| Build {
        id: BuildId::parse(id).unwrap_or_else(|| panic!("{id:?} is no id of a build")),
        package: Some(package(atom)),
        drone: Some(name(drone)),
        status,
        duration_seconds: Some(seconds),
        finished_at: at(finished),
    };
    let (success, failed) = (BuildStatus::Success, BuildStatus::Failed);
    [
        build("7f3k2m9q4c1x0", "dev-libs/openssl-3.4.1", "Izar", success, 171, "2026-02-23T13:51:38Z"),
        build("5h8w1t6z2v9bd", "kde-plasma/kwin-6.3.1", "Meridian", failed, 388, "2026-02-23T13:50:12Z"),
        build("2n4r7y3j8p5ga", "sys-apps/systemd-257.3", "Meridian", success, 246, "2026-02-23T13:43:41Z"),
    ]
}

/// One every 590 s before the documented ones; all within the day before 14:30.
fn of_last_day(idx: u32, atoms: &[PackageAtom]) -> Build {
    let finished_at = earlier(at("2026-02-23T13:43:41Z"), 590 * (idx + 1));
    let is_tarn_there = finished_at < at("2026-02-23T03:12:40Z");
    let (atom, status, drone) = match idx {
        30 => (package("sci-libs/tensorflow-2.18.0"), BuildStatus::MissingBinary, "Izar"),
        60 => (package("net-libs/nodejs-22.13.1"), BuildStatus::Returned, "Meridian"),
        100 => (package("www-client/firefox-135.0.1"), BuildStatus::Failed, "Tarn"),
        _ => (pick(atoms, idx), BuildStatus::Success, drone_of(idx, is_tarn_there)),
    };
    finished(atom, drone, status, Some(seconds_of_last_day(idx * 37 % N_LAST_DAY)), finished_at)
}

/// Half of the builds are shorter than 168 s, half longer; with the documented three they take 81,240 s.
fn seconds_of_last_day(rank: u32) -> u32 {
    match rank {
        0..66 => 40 + rank,
        66..74 => 168,
        139 => 475 + 20 * 65 + 56,
        _ => 475 + 20 * (rank - 74),
    }
}

/// One every 2,471 s from the first that is kept.
fn older(idx: u32, atoms: &[PackageAtom]) -> Build {
    let newest = at("2026-02-21T22:06:08Z");
    let finished_at = earlier(newest, 2_471 * idx);
    let status = match idx {
        _ if idx % 41 == 7 => BuildStatus::Failed,
        _ if idx % 211 == 11 => BuildStatus::Masked,
        _ if idx % 97 == 13 => BuildStatus::UploadFailed,
        _ if idx % 173 == 17 => BuildStatus::Returned,
        _ => BuildStatus::Success,
    };
    let seconds = (idx % 301 != 19).then_some(30 + idx * 53 % 1_200);
    finished(pick(atoms, idx), drone_of(idx, true), status, seconds, finished_at)
}

fn finished(
    package: PackageAtom,
    drone: &str,
    status: BuildStatus,
    duration_seconds: Option<u32>,
    finished_at: Timestamp,
) -> Build {
    let milliseconds = duration_seconds.map(|seconds| u64::from(seconds) * 1_000);
    let id = BuildId::of(Some(&package), finished_at, status.as_str(), milliseconds, 0);
    Build { id, package: Some(package), drone: Some(name(drone)), status, duration_seconds, finished_at }
}

fn drone_of(idx: u32, is_tarn_there: bool) -> &'static str {
    match idx % 7 {
        6 => "Capella",
        1 | 4 if is_tarn_there => "Tarn",
        0 | 1 | 3 => "Izar",
        _ => "Meridian",
    }
}

fn pick(atoms: &[PackageAtom], idx: u32) -> PackageAtom {
    let idx = usize::try_from(idx).unwrap_or(0);
    atoms[idx * 5 % atoms.len()].clone()
}

fn earlier(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_sub(Duration::from_secs(u64::from(seconds))).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{history::LastDay, testing::NOW};

    #[test]
    fn the_last_day_has_the_documented_figures() {
        let history = history(builds());
        let expected =
            LastDay { success: 139, failure: 3, uncounted: 1, build_seconds: 81_240, coverage_percent: 100 };
        assert_eq!(history.last_day(at("2026-02-23T14:29:58Z"), at(NOW)), expected);
    }

    #[test]
    fn the_filtered_summary_has_the_documented_figures() {
        let builds = builds();
        let filtered: Vec<_> =
            builds.iter().filter(|build| build.finished_at >= at("2026-02-22T00:00:00Z")).collect();
        assert_eq!(filtered.len(), 143);
        let mut seconds: Vec<_> = filtered.iter().filter_map(|build| build.duration_seconds).collect();
        assert_eq!(seconds.iter().sum::<u32>(), 81_240);
        seconds.sort_unstable();
        // The median is the same with or without those that do not count.
        assert!(seconds[68..74].iter().all(|seconds| *seconds == 168));
    }

    #[test]
    fn as_many_are_kept_as_documented_and_in_order() {
        let builds = builds();
        assert_eq!(builds.len(), 1_873);
        assert_eq!(builds.last().unwrap().finished_at, at("2026-01-03T11:20:09Z"));
        assert!(builds.is_sorted_by(|newer, older| newer.finished_at > older.finished_at));
        assert_eq!(builds.iter().map(|build| &build.id).collect::<HashSet<_>>().len(), builds.len());
    }
}
