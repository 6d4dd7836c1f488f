//! The templates: embedded in the binary, parsed once.

use rust_embed::RustEmbed;
use tera::Tera;

/// The kinds of templates: markup, in which values are escaped alike.
const ESCAPED: [&str; 3] = [".html", ".xml", ".svg"];
/// Vocabularies have names that look like addresses; nobody fetches them.
#[cfg(test)]
const VOCABULARIES: [&str; 2] =
    ["xmlns=\"http://www.w3.org/2005/Atom\"", "xmlns=\"http://www.w3.org/2000/svg\""];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../templates"]
struct Folder;

/// Why the templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// A template is not text.
    #[error("template {0:?} is not UTF-8")]
    Encoding(String),
    /// A template breaks the grammar, or names one that is not there.
    #[error("the templates cannot be parsed")]
    Grammar(#[source] tera::Error),
}

/// Parses every template. In all of them every value is escaped.
///
/// # Errors
/// Names the template that is not text, or carries where the grammar is broken.
pub(crate) fn load() -> Result<Tera, TemplatesError> {
    let mut sources = Vec::new();
    for path in Folder::iter().filter(|path| ESCAPED.iter().any(|ending| path.ends_with(ending))) {
        let Some(file) = Folder::get(&path) else { continue };
        let Ok(text) = String::from_utf8(file.data.into_owned()) else {
            return Err(TemplatesError::Encoding(path.into_owned()));
        };
        sources.push((path.into_owned(), text));
    }
    let mut tera = Tera::new();
    tera.autoescape_on(ESCAPED);
    tera.add_raw_templates(sources).map_err(TemplatesError::Grammar)?;
    Ok(tera)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_template_turns_escaping_off_or_carries_code() {
        for path in Folder::iter() {
            assert!(ESCAPED.iter().any(|ending| path.ends_with(ending)), "{path}: it would not be escaped");
            let text = String::from_utf8(Folder::get(&path).unwrap().data.into_owned()).unwrap();
            let text = VOCABULARIES.iter().fold(text, |text, name| text.replace(name, ""));
            for forbidden in
                ["safe", "style=", "<style", " onclick=", " onload=", "javascript:", "http://", "https://"]
            {
                assert!(!text.contains(forbidden), "{path} has {forbidden}");
            }
            for script in text.split("<script").skip(1) {
                let (attributes, content) = script.split_once('>').unwrap();
                assert!(attributes.contains(" src=\""), "{path} has a script of its own");
                assert!(content.starts_with("</script>"), "{path} has a script of its own");
            }
        }
    }

    #[test]
    fn every_template_parses() {
        assert!(load().unwrap().contains_template("layout.html"));
    }
}
