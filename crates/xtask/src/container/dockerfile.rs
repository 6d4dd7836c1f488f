//! A Dockerfile as the list of its instructions. Here-documents are not known; nothing of ours has one.

/// One instruction, with continued lines joined and comments left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// Its name in capitals.
    pub keyword: String,
    /// Options before the arguments, such as `--from=build`.
    pub flags: Vec<String>,
    /// What follows, as it is written.
    pub arguments: String,
    /// The stage that it belongs to, from 0; that of arguments before the first stage is 0, too.
    pub stage: usize,
}

impl Instruction {
    /// The value of an option.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find_map(|flag| flag.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('='))
    }

    /// The arguments one by one.
    pub fn words(&self) -> Vec<&str> {
        self.arguments.split_whitespace().collect()
    }

    /// The arguments in exec form, which needs no shell; `None` in any other form.
    pub fn exec(&self) -> Option<Vec<String>> {
        serde_json::from_str(&self.arguments).ok()
    }
}

/// All instructions, in their order.
pub fn parse(text: &str) -> Vec<Instruction> {
    let mut instructions: Vec<Instruction> = Vec::new();
    let (mut joined, mut begin) = (String::new(), 0);
    for (idx, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if joined.is_empty() {
            begin = idx + 1;
        }
        if let Some(continued) = line.strip_suffix('\\') {
            joined.push_str(continued.trim_end());
            joined.push(' ');
            continue;
        }
        joined.push_str(line);
        let stage = instructions.last().map_or(0, |last| last.stage);
        instructions.push(instruction(&joined, begin, stage, &instructions));
        joined.clear();
    }
    instructions
}

fn instruction(text: &str, line: usize, stage: usize, before: &[Instruction]) -> Instruction {
    let (keyword, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let keyword = keyword.to_ascii_uppercase();
    let mut flags = Vec::new();
    rest = rest.trim_start();
    while rest.starts_with("--") {
        let (flag, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        flags.push(flag.to_owned());
        rest = after.trim_start();
    }
    let is_next = keyword == "FROM" && before.iter().any(|earlier| earlier.keyword == "FROM");
    Instruction { line, keyword, flags, arguments: rest.to_owned(), stage: stage + usize::from(is_next) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_are_joined_and_options_are_apart() {
        let text = "# x\nFROM a:1 AS one\nrun first \\\n  # why\n  && second\n\nFROM b:1\nCOPY --from=one --chown=1 /a /b\nCMD [\"a\", \"b\"]\n";
        let found = parse(text);
        let shape: Vec<_> = found.iter().map(|one| (one.line, one.keyword.as_str(), one.stage)).collect();
        assert_eq!(shape, [(2, "FROM", 0), (3, "RUN", 0), (7, "FROM", 1), (8, "COPY", 1), (9, "CMD", 1)]);
        assert_eq!(found[1].arguments, "first && second");
        assert_eq!((found[3].flag("from"), found[3].flag("chmod")), (Some("one"), None));
        assert_eq!(found[3].words(), ["/a", "/b"]);
        assert_eq!(found[4].exec(), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(found[1].exec(), None);
    }
}
