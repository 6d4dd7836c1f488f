//! The regular expressions of matchers, as far as they occur: alternatives of characters, `.`, `*`, `+` and `?`.

/// An anchored pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Vec<Atom>>);

/// One character, or any (`None`), and how often it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Atom {
    wanted: Option<char>,
    optional: bool,
    repeats: bool,
}

impl Pattern {
    /// Reads a pattern; `None` if it needs more than is understood here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut alternatives = vec![Vec::<Atom>::new()];
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            let current = alternatives.last_mut()?;
            let wanted = match c {
                '|' => {
                    alternatives.push(Vec::new());
                    continue;
                }
                '*' | '+' | '?' => {
                    let last = current.last_mut().filter(|last| !last.optional && !last.repeats)?;
                    last.optional = c != '+';
                    last.repeats = c != '?';
                    continue;
                }
                '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
                '.' => None,
                '\\' => Some(characters.next().filter(|c| !c.is_ascii_alphanumeric())?),
                _ => Some(c),
            };
            current.push(Atom { wanted, optional: false, repeats: false });
        }
        Some(Self(alternatives))
    }

    /// Whether it matches the whole of `text`.
    pub(super) fn matches(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        self.0.iter().any(|atoms| matches(atoms, &characters))
    }
}

fn matches(atoms: &[Atom], text: &[char]) -> bool {
    let Some((atom, later)) = atoms.split_first() else { return text.is_empty() };
    if atom.optional && matches(later, text) {
        return true;
    }
    let Some((first, rest)) = text.split_first() else { return false };
    if atom.wanted.is_some_and(|wanted| wanted != *first) {
        return false;
    }
    matches(later, rest) || atom.repeats && matches(atoms, rest)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_matches_the_whole_text() {
        let pattern = Pattern::parse(r"lo|veth.*|br-.+|eth\.?0").unwrap();
        for text in ["lo", "veth", "veth12", "br-a", "eth0", "eth.0"] {
            assert!(pattern.matches(text), "{text}");
        }
        for text in ["", "lo0", "xveth", "br-", "eth", "eth00"] {
            assert!(!pattern.matches(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_no_pattern() {
        for text in ["(a|b)", "[ab]", "a{2}", "*", "a**", r"\d", r"\"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
