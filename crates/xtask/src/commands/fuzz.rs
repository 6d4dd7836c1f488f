//! `cargo xtask fuzz`: feeds every reader with anything, guided by what of it runs.
//!
//! It needs a nightly toolchain, cargo-fuzz (`cargo install cargo-fuzz`) and a C++ compiler; none of them is needed for
//! anything else. What was found to be interesting is kept between runs, below the directory of what is built.

use std::{fs, path::Path, process::Command};

use clap::Args;
use xtask::{seeds, workspace};

use crate::process::{Failure, run as run_command, succeeds, target_directory};

/// How long, and what.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// For each reader.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only these readers.
    reader: Vec<String>,
}

/// Runs the readers one after the other; ends at the first that breaks, with what broke it.
///
/// # Errors
/// When a reader breaks, or something that is needed is missing.
pub(crate) fn run(arguments: &Fuzz) -> Result<(), Failure> {
    if !succeeds(nightly().arg("--version")) {
        let needed = "a nightly toolchain and cargo-fuzz (`cargo install cargo-fuzz`) are needed to fuzz";
        return Err(Failure::Missing(needed.to_owned()));
    }
    let folder = workspace::root().join("crates/fuzz");
    let list = fs::read_to_string(folder.join("seeds.txt")).map_err(unreadable)?;
    let seeds = seeds::parse(&list);
    let chosen = |name: &String| arguments.reader.is_empty() || arguments.reader.contains(name);
    let target = target_directory().join("fuzz");
    for (reader, places) in seeds.iter().filter(|(name, _)| chosen(name)) {
        let (kept, planted) = (target.join("corpus").join(reader), target.join("seeds").join(reader));
        for directory in [&kept, &planted] {
            fs::create_dir_all(directory).map_err(unreadable)?;
        }
        plant(&workspace::root().join("crates"), places, &planted).map_err(unreadable)?;
        println!("{reader}: {} s", arguments.seconds);
        let mut fuzz = nightly();
        fuzz.args(["run", "--fuzz-dir"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&target)
            .arg(reader)
            .args([kept, planted]);
        fuzz.arg("--").arg(format!("-max_total_time={}", arguments.seconds)).args([
            "-max_len=16384",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ]);
        run_command(&mut fuzz)?;
    }
    Ok(())
}

/// cargo-fuzz, under the toolchain that it needs.
fn nightly() -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo", "fuzz"]).current_dir(workspace::root());
    command
}

/// Copies seeds to where the fuzzer reads them, each under a name of its own.
fn plant(crates: &Path, places: &[seeds::Place], into: &Path) -> std::io::Result<()> {
    for (number, place) in places.iter().enumerate() {
        for entry in fs::read_dir(crates.join(&place.folder))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if place.has(name) {
                fs::copy(&path, into.join(format!("{number}-{name}")))?;
            }
        }
    }
    Ok(())
}

fn unreadable(error: std::io::Error) -> Failure {
    Failure::Missing(format!("the seeds cannot be prepared: {error}"))
}
