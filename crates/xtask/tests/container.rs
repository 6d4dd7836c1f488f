//! The image and the service keep their rules, and the layer of the dependencies is one that cargo can build.

use std::fs;
use std::process::Command;

use xtask::container::{self, DOCKERFILE, dockerfile};
use xtask::workspace;

#[test]
fn the_image_and_the_service_keep_their_rules() {
    let problems = container::problems(&workspace::root()).unwrap();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Carries out all that the Dockerfile does before it builds the dependencies, and asks cargo what it thinks of that.
#[test]
fn the_layer_of_the_dependencies_is_a_workspace() {
    let root = workspace::root();
    let instructions = dockerfile::parse(&fs::read_to_string(root.join(DOCKERFILE)).unwrap());
    let layer = tempfile::tempdir().unwrap();
    let run = |command: &mut Command| {
        let output = command.current_dir(layer.path()).output().unwrap();
        assert!(output.status.success(), "{}", output.stderr.escape_ascii());
        output.stdout
    };
    let mut n_steps = 0;
    for one in instructions.iter().take_while(|one| !one.arguments.contains("cargo build")) {
        match one.keyword.as_str() {
            "COPY" => {
                let words = one.words();
                let (to, sources) = words.split_last().unwrap();
                for source in sources {
                    let (source, mut target) = (root.join(source), layer.path().join(to));
                    // Of a directory Docker copies what is in it.
                    let from = if source.is_dir() { source.join(".") } else { source.clone() };
                    if to.ends_with('/') {
                        target.push(source.file_name().unwrap());
                    }
                    fs::create_dir_all(target.parent().unwrap()).unwrap();
                    run(Command::new("cp").arg("-r").arg(from).arg(target));
                }
            }
            "RUN" => drop(run(Command::new("sh").arg("-c").arg(&one.arguments))),
            _ => continue,
        }
        n_steps += 1;
    }
    assert!(n_steps > 3, "{n_steps} steps");
    // Without a network, and with the versions that are locked.
    let arguments = ["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"];
    let metadata = run(Command::new(env!("CARGO")).args(arguments));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    let targets =
        metadata["packages"].as_array().unwrap().iter().flat_map(|package| package["targets"].as_array());
    let kinds: Vec<&str> = targets.flatten().filter_map(|target| target["kind"][0].as_str()).collect();
    for (kind, n_targets) in [("bin", 2), ("lib", 5), ("custom-build", 1)] {
        assert_eq!(kinds.iter().filter(|found| **found == kind).count(), n_targets, "{kind} in {kinds:?}");
    }
}
