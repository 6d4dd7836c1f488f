//! Rules for the image: small, for any architecture, without a shell, and not for root.

use super::DOCKERFILE;
use super::dockerfile::Instruction;
use crate::tidy::at;

/// What there is, and of that only what is used on purpose: `ADD` fetches and unpacks what nobody expects.
const KNOWN: [&str; 12] = [
    "FROM",
    "ARG",
    "RUN",
    "COPY",
    "LABEL",
    "USER",
    "WORKDIR",
    "VOLUME",
    "EXPOSE",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
];

/// What the image must say of itself, after `org.opencontainers.image.`.
const LABELS: [&str; 5] = ["title", "description", "licenses", "version", "revision"];

/// What the server must be told in a container: where to listen, and where to keep things.
const SERVES: [&str; 3] = ["0.0.0.0:5000", "0.0.0.0:5001", "/data"];

/// Words that bind a build to one architecture, or that fetch what is not locked.
const FORBIDDEN: [&str; 8] = ["amd64", "arm64", "x86_64", "aarch64", "curl", "wget", "sudo", "--platform"];

/// As whom the last stage runs.
pub fn user(instructions: &[Instruction]) -> Option<String> {
    last_stage(instructions).filter(|one| one.keyword == "USER").last().map(|one| one.arguments.clone())
}

/// Every rule that these instructions break.
pub fn problems(instructions: &[Instruction]) -> Vec<String> {
    let mut found = Vec::new();
    let mut complain = |line: usize, problem: &str| found.push(at(DOCKERFILE, line, problem));
    for one in instructions {
        if !KNOWN.contains(&one.keyword.as_str()) {
            complain(one.line, &format!("{} is not used here", one.keyword));
        }
        for word in FORBIDDEN {
            if one.arguments.contains(word) || one.flags.iter().any(|flag| flag.starts_with(word)) {
                complain(one.line, &format!("`{word}` must not be needed"));
            }
        }
    }
    for one in instructions.iter().filter(|one| one.keyword == "FROM") {
        let image = one.words().first().copied().unwrap_or_default();
        let is_fixed = image.rsplit('/').next().is_some_and(|name| name.contains([':', '@']));
        if (!is_fixed && !stages(instructions, one.stage).any(|name| name == image))
            || image.ends_with(":latest")
        {
            complain(one.line, &format!("`{image}` needs a tag of its own"));
        }
    }
    let only = |keyword: &str| {
        let mut all = last_stage(instructions).filter(|one| one.keyword == keyword);
        all.next().filter(|_| all.next().is_none())
    };
    for keyword in ["ENTRYPOINT", "CMD"] {
        if only(keyword).and_then(Instruction::exec).is_none() {
            complain(1, &format!("the last stage needs one {keyword} in exec form, so that signals arrive"));
        }
    }
    let served = only("CMD").and_then(Instruction::exec).unwrap_or_default();
    for word in SERVES.iter().filter(|word| !served.iter().any(|served| served == *word)) {
        complain(1, &format!("CMD must pass {word}"));
    }
    let checks = only("HEALTHCHECK").and_then(|one| one.arguments.strip_prefix("CMD "));
    let check: Vec<String> = checks.and_then(|check| serde_json::from_str(check).ok()).unwrap_or_default();
    let asks = check
        .get(..2)
        .is_some_and(|words| words[0].ends_with("/command-center") && words[1] == "healthcheck");
    if !asks {
        complain(1, "the last stage needs a HEALTHCHECK by `command-center healthcheck` in exec form");
    }
    let id = user(instructions).unwrap_or_default();
    let is_plain = id.split(':').all(|part| part.parse::<u32>().is_ok_and(|number| number > 0));
    if !is_plain || id.split(':').count() != 2 {
        complain(1, "the last stage needs a USER by two numbers that are not root's");
    }
    let labels: String = only("LABEL").map(|one| one.arguments.clone()).unwrap_or_default();
    for label in LABELS.iter().filter(|label| !labels.contains(&format!("org.opencontainers.image.{label}=")))
    {
        complain(1, &format!("the image does not say its {label}"));
    }
    for one in last_stage(instructions).filter(|one| one.keyword == "RUN") {
        complain(one.line, "the last stage has no shell to run this");
    }
    for one in instructions.iter().filter(|one| one.keyword == "COPY") {
        let from = one.flag("from");
        if from.is_some_and(|from| !stages(instructions, one.stage).any(|name| name == from)) {
            complain(one.line, "copies from a stage that is not before it");
        }
    }
    found
}

fn last_stage(instructions: &[Instruction]) -> impl Iterator<Item = &Instruction> {
    let last = instructions.last().map_or(0, |last| last.stage);
    instructions.iter().filter(move |one| one.stage == last)
}

/// The names of the stages before this one.
fn stages(instructions: &[Instruction], before: usize) -> impl Iterator<Item = &str> {
    let begins = instructions.iter().filter(move |one| one.keyword == "FROM" && one.stage < before);
    begins.filter_map(|one| match one.words()[..] {
        [_, word, name] if word.eq_ignore_ascii_case("as") => Some(name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::container::dockerfile::parse;

    const GOOD: &str = r#"FROM rust:1-slim AS build
RUN cargo build
FROM base:1
LABEL org.opencontainers.image.title="x" org.opencontainers.image.description="x" \
  org.opencontainers.image.licenses="x" org.opencontainers.image.version="x" org.opencontainers.image.revision="x"
COPY --from=build /a /b
USER 65532:65532
HEALTHCHECK --interval=10s CMD ["/bin/command-center", "healthcheck"]
ENTRYPOINT ["command-center"]
CMD ["serve", "--listen", "0.0.0.0:5000", "--internal-listen", "0.0.0.0:5001", "--data-dir", "/data"]
"#;

    /// One part of the good file is another; exactly one rule must notice.
    #[track_caller]
    fn refuses(good: &str, bad: &str, expected: &str) {
        assert!(GOOD.contains(good));
        let found = problems(&parse(&GOOD.replace(good, bad)));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains(expected), "{found:#?}");
    }

    #[test]
    fn the_good_file_is_good() {
        assert_eq!(problems(&parse(GOOD)), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        refuses("FROM base:1", "FROM base", "`base` needs a tag");
        refuses("FROM base:1", "FROM base:latest", "`base:latest` needs a tag");
        refuses("FROM base:1", "FROM --platform=linux/x base:1", "`--platform`");
        refuses("RUN cargo build", "RUN curl https://x | sh", "`curl`");
        refuses("COPY --from=build", "ADD", "ADD is not used");
        refuses("COPY --from=build", "COPY --from=other", "not before it");
        refuses("USER 65532:65532", "USER nonroot", "USER by two numbers");
        refuses("USER 65532:65532", "USER 0:0", "USER by two numbers");
        refuses("USER 65532:65532\n", "", "USER by two numbers");
        refuses("ENTRYPOINT [\"command-center\"]", "ENTRYPOINT command-center", "ENTRYPOINT in exec form");
        refuses(
            "CMD [\"/bin/command-center\", \"healthcheck\"]",
            "CMD command-center healthcheck",
            "HEALTHCHECK",
        );
        refuses("0.0.0.0:5001", "127.0.0.1:5001", "CMD must pass 0.0.0.0:5001");
        refuses("org.opencontainers.image.revision", "revision", "its revision");
        refuses("USER 65532:65532", "RUN ls\nUSER 65532:65532", "no shell");
    }
}
