//! Rules for templates and assets: what the site's content security policy forbids, found before a browser does.

use std::sync::LazyLock;

use regex::Regex;

use super::at;
use crate::workspace::SourceFile;

/// Names of XML vocabularies look like addresses; nobody fetches them.
const NAMESPACES: &str = "http://www.w3.org/";

/// Template expressions, statements and comments, which may hold a `>`.
static TEMPLATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}").ok());
/// One opening tag with its attributes.
static TAG: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?s)<([A-Za-z][A-Za-z0-9:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>"#).ok());
/// One attribute, quoted or not.
static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?s)([A-Za-z_:@][A-Za-z0-9_:.-]*)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?"#).ok()
});
/// An address with a host.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)https?://").ok());

/// Every rule of this module that `file` breaks; nothing for files outside `templates/` and `assets/`.
pub fn problems(file: &SourceFile) -> Vec<String> {
    if !(file.path.starts_with("templates/") || file.path.starts_with("assets/")) {
        return Vec::new();
    }
    let mut found = foreign_addresses(file);
    let inner = concat!("inner", "HTML");
    for (idx, line) in file.text.lines().enumerate() {
        if line.contains(inner) {
            found.push(at(&file.path, idx + 1, format!("`{inner}`: set text, or clone a template")));
        }
    }
    if [".html", ".svg", ".xml"].iter().any(|extension| file.path.ends_with(extension)) {
        found.extend(tags(file));
    }
    found
}

fn foreign_addresses(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    for (idx, line) in file.text.lines().enumerate() {
        for address in ADDRESS.iter().flat_map(|pattern| pattern.find_iter(line)) {
            let rest = line.get(address.start()..).unwrap_or_default();
            if !rest.starts_with(NAMESPACES) {
                found.push(at(&file.path, idx + 1, "a foreign address; the site serves everything itself"));
            }
        }
    }
    found
}

fn tags(file: &SourceFile) -> Vec<String> {
    let text = without_template_code(&file.text);
    let mut found = Vec::new();
    for tag in TAG.iter().flat_map(|pattern| pattern.captures_iter(&text)) {
        let (Some(whole), Some(name), Some(rest)) = (tag.get(0), tag.get(1), tag.get(2)) else { continue };
        let number = text.get(..whole.start()).unwrap_or_default().matches('\n').count() + 1;
        let attributes = attributes(rest.as_str());
        for (attribute, _) in &attributes {
            if attribute == "style" {
                found.push(at(&file.path, number, "a `style` attribute; give it a class"));
            }
            if attribute.len() > 2 && attribute.starts_with("on") {
                found.push(at(&file.path, number, format!("an `{attribute}` attribute; listen in a module")));
            }
        }
        if name.as_str().eq_ignore_ascii_case("script") && !is_allowed_script(&attributes) {
            found.push(at(&file.path, number, "an inline script; put it into assets/js"));
        }
    }
    found
}

/// Blanks take the place of template code, so that lines keep their numbers and attributes their ends.
fn without_template_code(text: &str) -> String {
    let Some(pattern) = TEMPLATE.as_ref() else { return text.to_owned() };
    let blank = |code: &regex::Captures<'_>| {
        let lines = code.get(0).map_or(0, |code| code.as_str().matches('\n').count());
        "_".to_owned() + &"\n".repeat(lines)
    };
    pattern.replace_all(text, blank).into_owned()
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let captures = ATTRIBUTE.iter().flat_map(|pattern| pattern.captures_iter(text));
    captures
        .map(|attribute| {
            let part = |idx| attribute.get(idx).map_or("", |part| part.as_str());
            (part(1).to_ascii_lowercase(), part(2).trim_matches(['"', '\'']).to_owned())
        })
        .collect()
}

fn is_allowed_script(attributes: &[(String, String)]) -> bool {
    attributes.iter().any(|(name, value)| {
        name == "src" || (name == "type" && value.eq_ignore_ascii_case("application/json"))
    })
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::workspace::SourceFile;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found = problems(&SourceFile::new(path, text));
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (problem, part) in found.iter().zip(expected) {
            assert!(problem.contains(part), "{problem:?} should say {part:?}");
        }
    }

    #[test]
    fn good_markup_has_no_problem() {
        for text in [
            r#"<script type="module" src="{{ assets.app }}"></script>"#,
            r#"<script type="application/json" id="data">{}</script>"#,
            r#"<template id="queue-row"><tr class="row"></tr></template>"#,
            r#"<p class="on" data-on="x" title="style=1">on = off, style=none</p>"#,
            r#"<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>"#,
            r#"<option {% if a > b %}selected{% endif %} value="{{ onload }}">a</option>"#,
            r#"<a href="/queue?order=asc">Queue</a> {# onclick= #}"#,
        ] {
            check("templates/a.html", text, &[]);
        }
    }

    #[test]
    fn what_the_policy_forbids_is_found() {
        for (text, expected) in [
            ("<script>go()</script>", "inline script"),
            ("<script type=\"module\">go()</script>", "inline script"),
            ("<SCRIPT\n>go()</SCRIPT>", "inline script"),
            ("<p style=\"color: red\">", "style"),
            ("<p class='a' STYLE = 'b'>", "style"),
            ("<body onload=go()>", "onload"),
            ("<a class=\"{% if a > b %}c{% endif %}\" onclick=\"go()\">", "onclick"),
            ("<link href=\"https://fonts.example/a.css\">", "foreign"),
            ("<img src=\"HTTP://example.org/a.png\">", "foreign"),
        ] {
            check("templates/a.html", text, &[expected]);
        }
    }

    #[test]
    fn scripts_and_styles_are_searched_too() {
        check("assets/js/app.js", concat!("row.inner", "HTML = x;"), &["clone"]);
        check("assets/css/a.css", "@import url(https://example.org/a.css);", &["foreign"]);
        check("assets/js/app.js", "createElementNS('http://www.w3.org/2000/svg', 'path')", &[]);
    }

    #[test]
    fn problems_name_their_line() {
        check("templates/a.html", "{#\n\n#}\n<p style='a'>", &["templates/a.html:4: "]);
    }

    #[test]
    fn other_files_are_left_alone() {
        check("crates/web/src/a.html", "<p style='a'>", &[]);
    }
}
