//! What a configuration was read from, to tell what is different in another one.

use std::fmt;

use toml::{Table, Value};

/// What a running process takes over when it reads its configuration again.
const TAKEN_OVER: [&str; 4] = ["identity", "notice", "probes", "services"];

/// The file's values and those of the environment that overrule them. Secrets may be among them: it is never shown.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Source(Table);

impl Source {
    pub(super) fn new(table: Table) -> Self {
        Self(table)
    }

    /// The keys whose values differ and hold from a start on only, such as `gateway.url`.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut keys = Vec::new();
        for key in keys_of(&self.0, &other.0).filter(|key| !TAKEN_OVER.contains(key)) {
            match (self.0.get(key), other.0.get(key)) {
                (Some(Value::Table(one)), Some(Value::Table(other))) => {
                    let inner = keys_of(one, other).filter(|inner| one.get(*inner) != other.get(*inner));
                    keys.extend(inner.map(|inner| format!("{key}.{inner}")));
                }
                (one, other) if one != other => keys.push(key.to_owned()),
                _ => {}
            }
        }
        keys
    }
}

// === impl Source ===

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(..)")
    }
}

/// The keys of both tables, sorted.
fn keys_of<'a>(one: &'a Table, other: &'a Table) -> impl Iterator<Item = &'a str> {
    let keys: std::collections::BTreeSet<&str> = one.keys().chain(other.keys()).map(String::as_str).collect();
    keys.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_restart_is_named_key_by_key() {
        let source = |text: &str| Source::new(text.parse().unwrap());
        let before = "listen = \"127.0.0.1:1\"\n[gateway]\nurl = \"http://a\"\ninterval = \"5s\"\n";
        let check = |after: &str, expected: &[&str]| {
            assert_eq!(source(after).differences(&source(before)), expected, "{after}");
            assert_eq!(source(before).differences(&source(after)), expected, "{after}");
        };
        check(before, &[]);
        check(&format!("{before}[[identity.stars]]\nname = \"Vega\"\n[notice]\ntext = \"x\"\n"), &[]);
        check(&format!("{before}[[services]]\nname = \"x\"\n[[probes]]\nname = \"x\"\n"), &[]);
        check(&format!("{before}[history]\nkeep = 200\n"), &["history"]);
        check("[gateway]\nurl = \"http://b\"\n", &["gateway.interval", "gateway.url", "listen"]);
    }
}
