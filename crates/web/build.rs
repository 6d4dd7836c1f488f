//! Puts style sheets and modules together, as few and as small as they can be sent, and compresses them as well as can
//! be, which would take a tenth of a second whenever the process starts.
//!
//! No import waits for another, and what only readers of the source need is not sent: a first view has to fit into one
//! round trip. Whoever changes a module sees the order of all of them checked here.

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

const FOLDER: &str = "../../assets";

/// The style sheets in the order in which they stand in `app.css`; those of the components follow by name.
const STYLES: [&str; 4] = ["css/tokens.css", "css/reset.css", "css/base.css", "css/layout.css"];
const COMPONENT_STYLES: &str = "css/components";
/// What adapts all of them to paper and to readers who need other colours.
const ADAPTED_STYLES: &str = "css/adapt.css";
/// What the dashboard has no need for makes `pages.css`.
const PAGE_STYLES: &str = "css/pages";

/// The modules of each script in the order in which they stand in it: none before one that it imports. Two scripts have
/// most modules in common, but a page loads one of them, and the smaller one wherever that will do.
const APP: [&str; 10] = [
    "js/modules/timing.js",
    "js/modules/clock.js",
    "js/modules/contact.js",
    "js/modules/dom.js",
    "js/modules/settings.js",
    "js/modules/refresh.js",
    "js/modules/socket.js",
    "js/modules/bell.js",
    "js/modules/start.js",
    "js/app.js",
];
const QUEUE: [&str; 13] = [
    "js/modules/timing.js",
    "js/modules/clock.js",
    "js/modules/contact.js",
    "js/modules/dom.js",
    "js/modules/settings.js",
    "js/modules/queue.js",
    "js/modules/rows.js",
    "js/modules/lists.js",
    "js/modules/refresh.js",
    "js/modules/socket.js",
    "js/modules/live.js",
    "js/modules/start.js",
    "js/queue.js",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let styles = STYLES
        .map(str::to_owned)
        .into_iter()
        .chain(paths(COMPONENT_STYLES)?)
        .chain([ADAPTED_STYLES.to_owned()]);
    pack(&out, "app.css", &small_style_sheet(&joined(styles)?)?)?;
    pack(&out, "pages.css", &small_style_sheet(&joined(paths(PAGE_STYLES)?)?)?)?;
    for (name, modules) in [("app.js", &APP[..]), ("queue.js", &QUEUE[..])] {
        pack(&out, name, &small_script(&script(modules)?, SourceType::mjs())?)?;
    }
    if let Some(path) =
        paths("js/modules")?.iter().find(|path| ![&APP[..], &QUEUE[..]].concat().contains(&path.as_str()))
    {
        return Err(format!("{path} is in no script").into());
    }
    // Too small to be worth compressing.
    fs::write(out.join("theme.js"), small_script(&text("js/theme.js")?, SourceType::script())?)?;
    Ok(())
}

/// Writes what is sent: as it is, by brotli and by gzip.
fn pack(out: &Path, name: &str, content: &str) -> Result<(), Box<dyn Error>> {
    fs::write(out.join(name), content)?;
    let mut packed = Vec::new();
    let best = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut content.as_bytes(), &mut packed, &best)?;
    fs::write(out.join(format!("{name}.br")), packed)?;
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(content.as_bytes())?;
    fs::write(out.join(format!("{name}.gz")), packer.finish()?)?;
    Ok(())
}

fn joined(paths: impl IntoIterator<Item = String>) -> Result<String, Box<dyn Error>> {
    paths.into_iter().map(|path| text(&path)).collect()
}

/// Modules as one: without imports and exports, which is all the same where top-level names are unique.
fn script(modules: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut script = String::new();
    let mut missing: BTreeSet<_> = paths("js/modules")?.into_iter().collect();
    for path in modules {
        for line in text(path)?.lines() {
            if let Some(import) = line.strip_prefix("import ") {
                let file = import.rsplit('/').next().unwrap_or_default().trim_end_matches("\";");
                if missing.contains(&format!("js/modules/{file}")) {
                    return Err(format!("{path} stands before what it imports: {line}").into());
                }
            } else {
                script.push_str(line.strip_prefix("export ").unwrap_or(line));
                script.push('\n');
            }
        }
        missing.remove(*path);
    }
    Ok(script)
}

fn small_style_sheet(sheet: &str) -> Result<String, Box<dyn Error>> {
    let mut sheet = StyleSheet::parse(sheet, ParserOptions::default()).map_err(|error| error.to_string())?;
    sheet.minify(MinifyOptions::default())?;
    Ok(sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })?.code)
}

fn small_script(script: &str, kind: SourceType) -> Result<String, Box<dyn Error>> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, script, kind).parse();
    // Two modules with one name at their top level are found here.
    let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
    if let Some(problem) = parsed.diagnostics.first().or(checked.diagnostics.first()) {
        return Err(format!("a script is not understood: {problem:?}").into());
    }
    let mut program = parsed.program;
    let names = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let generator = Codegen::new().with_options(CodegenOptions::minify()).with_scoping(names.scoping);
    Ok(generator.build(&program).code)
}

/// The files of a folder by name, relative to all assets.
fn paths(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(Path::new(FOLDER).join(folder))? {
        paths.push(format!("{folder}/{}", entry?.file_name().display()));
    }
    paths.sort();
    Ok(paths)
}

fn text(path: &str) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(Path::new(FOLDER).join(path)).map_err(|error| format!("{path}: {error}").into())
}
