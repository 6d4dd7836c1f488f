//! Style sheets, scripts and pictures: embedded in the binary, named by their content.
//!
//! A page loads one script and one or two style sheets, which `build.rs` puts together from the files in which they are
//! written. The second sheet is what the dashboard has no need for, so that its first view fits into one round trip.
//!
//! Every asset's address holds [`Assets::build`], a digest of all of them, so that each may be cached for ever.

use std::{borrow::Cow, collections::BTreeMap};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// A file that `build.rs` made.
macro_rules! made {
    ($name:expr) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name)).as_slice()
    };
}

/// An asset that `build.rs` made and compressed.
macro_rules! packed {
    ($name:literal, $media_type:expr) => {
        Asset {
            bytes: Cow::Borrowed(made!($name)),
            packed: Some(Packed { brotli: made!(concat!($name, ".br")), gzip: made!(concat!($name, ".gz")) }),
            media_type: $media_type,
        }
    };
}

/// What `build.rs` made.
const MADE: [(&str, Asset); 5] = [
    ("app.css", packed!("app.css", CSS)),
    ("pages.css", packed!("pages.css", CSS)),
    ("app.js", packed!("app.js", JS)),
    ("queue.js", packed!("queue.js", JS)),
    ("theme.js", Asset { bytes: Cow::Borrowed(made!("theme.js")), packed: None, media_type: JS }),
];

/// The mark, to which the state's shape is added: the tab's picture.
const FAVICON: &str = "favicon.svg";
/// The shape of each tone, at the mark's upper right corner.
const SHAPES: [(&str, &str); 5] = [
    ("ok", r##"<circle cx="25" cy="8" r="6.5" fill="#23a36d"/>"##),
    ("note", r##"<path fill="#3b82f6" d="m25 0 7 8-7 8-7-8Z"/>"##),
    ("warning", r##"<path fill="#e0a100" d="m24.5 0 7.5 15H17Z"/>"##),
    ("critical", r##"<path fill="#e5484d" d="M18 1h13v13H18Z"/>"##),
    ("unknown", r##"<circle cx="25" cy="8" r="5" fill="none" stroke="#8b93a7" stroke-width="3"/>"##),
];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../assets"]
struct Folder;

/// All assets, ready to be served.
#[derive(Debug, Clone)]
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
    build: String,
}

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asset {
    /// Its content.
    pub(crate) bytes: Cow<'static, [u8]>,
    /// Its media type, for `Content-Type`.
    pub(crate) media_type: &'static str,
    /// Compressed at build time; `None` for what is small or seldom asked for.
    pub(crate) packed: Option<Packed>,
}

/// An asset in every encoding that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) brotli: &'static [u8],
    pub(crate) gzip: &'static [u8],
}

/// Why the assets cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetsError {
    /// A file that others rest on is not there, or not text.
    #[error("asset {0:?} is missing")]
    Missing(&'static str),
    /// A file of a kind that no media type is known for.
    #[error("asset {0:?} has an unknown extension")]
    Kind(String),
}

impl Assets {
    /// Reads all assets.
    ///
    /// # Errors
    /// Names the asset that is missing or that cannot be served.
    pub(crate) fn load() -> Result<Self, AssetsError> {
        let mut files: BTreeMap<_, _> = MADE.map(|(path, asset)| (path.to_owned(), asset)).into();
        for path in Folder::iter().filter(|path| !path.starts_with("css/")) {
            let Some(file) = Folder::get(&path) else { continue };
            let media_type = media_type(&path).ok_or_else(|| AssetsError::Kind(path.to_string()))?;
            files.insert(path.into_owned(), Asset { bytes: file.data, media_type, packed: None });
        }
        let mark = files.remove(FAVICON).ok_or(AssetsError::Missing(FAVICON))?;
        let mark = String::from_utf8(mark.bytes.into_owned()).map_err(|_| AssetsError::Missing(FAVICON))?;
        for (tone, shape) in SHAPES {
            let bytes = mark.replace("<!-- state -->", shape).into_bytes().into();
            files.insert(format!("favicon-{tone}.svg"), Asset { bytes, media_type: SVG, packed: None });
        }
        let mut digest = Sha256::new();
        for (path, asset) in &files {
            digest.update(path.as_bytes());
            digest.update(asset.bytes.len().to_be_bytes());
            digest.update(&asset.bytes);
        }
        let build = digest.finalize().iter().take(3).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { files, build })
    }

    /// Six hexadecimal digits that change with any byte of any asset.
    #[must_use]
    pub(crate) fn build(&self) -> &str {
        &self.build
    }

    /// The asset at a path such as `app.css` or `js/app.js`.
    #[must_use]
    pub(crate) fn get(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }

    /// The paths of all assets.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JS: &str = "text/javascript; charset=utf-8";

fn media_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension {
        "css" => CSS,
        "js" => JS,
        "svg" => SVG,
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn source(assets: &Assets, path: &str) -> String {
        String::from_utf8(assets.get(path).unwrap().bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_layers_of_the_style_sheet_are_in_their_order() {
        let assets = Assets::load().unwrap();
        let sheet = source(&assets, "app.css");
        let places: Vec<_> = ["tokens", "reset", "base", "layout", "components", "adapt"]
            .iter()
            .map(|layer| sheet.find(&format!("@layer {layer}{{")).unwrap())
            .collect();
        assert!(places.is_sorted());
    }

    #[test]
    fn the_build_is_six_hexadecimal_digits_and_the_same_every_time() {
        let assets = Assets::load().unwrap();
        assert_eq!(assets.build().len(), 6);
        assert!(assets.build().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(assets.build(), Assets::load().unwrap().build());
    }

    #[test]
    fn styles_and_scripts_keep_to_their_budget_and_to_this_site() {
        let assets = Assets::load().unwrap();
        let sheets = source(&assets, "app.css") + &source(&assets, "pages.css");
        assert!(sheets.len() <= 24 * 1024, "{} bytes of CSS", sheets.len());
        assert!(!sheets.contains("url("), "nothing is fetched by a style sheet");
        let theme = source(&assets, "theme.js");
        let scripts = ["app.js", "queue.js"];
        let length = theme.len() + scripts.iter().map(|path| source(&assets, path).len()).sum::<usize>();
        assert!(length <= 30 * 1024, "{length} bytes of scripts");
        for path in scripts {
            let sent = assets.get(path).unwrap().packed.unwrap().brotli.len();
            assert!(sent + theme.len() <= 6 * 1024, "{sent} bytes of {path} are sent");
        }
        for path in assets.paths().filter(|path| path.starts_with("js/")) {
            let script = source(&assets, path);
            assert!(script.starts_with("// @ts-check\n"), "{path}");
            for forbidden in ["outerHTML", "insertAdjacentHTML", "eval(", "http://", "https://"] {
                assert!(!script.contains(forbidden), "{path} has {forbidden}");
            }
        }
    }

    #[test]
    fn what_was_compressed_at_build_time_is_the_same_asset() {
        let assets = Assets::load().unwrap();
        for path in ["app.css", "pages.css", "app.js", "queue.js"] {
            let asset = assets.get(path).unwrap();
            let Packed { brotli, gzip } = asset.packed.unwrap();
            let mut bodies = [Vec::new(), Vec::new()];
            brotli::Decompressor::new(brotli, 4_096).read_to_end(&mut bodies[0]).unwrap();
            flate2::read::GzDecoder::new(gzip).read_to_end(&mut bodies[1]).unwrap();
            assert!(bodies.iter().all(|body| *body == *asset.bytes), "{path}");
            assert!(brotli.len() < gzip.len(), "{path}");
        }
    }

    #[test]
    fn only_whole_assets_have_an_address() {
        let assets = Assets::load().unwrap();
        assert!(assets.get("js/app.js").is_some());
        assert!(assets.get("favicon-ok.svg").is_some());
        for path in ["css/tokens.css", "favicon.svg", "", "js", "../Cargo.toml", "js/../app.css"] {
            assert!(assets.get(path).is_none(), "{path}");
        }
    }
}
