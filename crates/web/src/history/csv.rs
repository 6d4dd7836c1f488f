//! Builds as a table for spreadsheets: RFC 4180, with a header.

use std::sync::Arc;

use snapshot::history::Build;

/// The table. Unknown values are empty.
pub(crate) fn table<'a>(builds: impl Iterator<Item = &'a Arc<Build>>) -> String {
    let mut csv = String::from("finished_at,package,drone,status,duration_seconds,id\r\n");
    for build in builds {
        let fields = [
            format!("{:.0}", build.finished_at),
            build.package.as_ref().map(ToString::to_string).unwrap_or_default(),
            build.drone.as_ref().map(ToString::to_string).unwrap_or_default(),
            build.status.as_str().to_owned(),
            build.duration_seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
            build.id.as_str().to_owned(),
        ];
        let row: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        csv.push_str(&row.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// Quotes what has to be; what a spreadsheet would take for a formula is made text.
fn quoted(field: &str) -> String {
    let field =
        if field.starts_with(['=', '+', '-', '@', '\t']) { format!("'{field}") } else { field.to_owned() };
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use snapshot::{history::BuildStatus, testing};

    use super::*;

    #[test]
    fn unknown_values_are_empty_and_formulas_are_text() {
        let mut build = (*testing::build(
            "dev-libs/openssl-3.4.1",
            "-Izar",
            BuildStatus::Success,
            "2026-02-23T13:51:38Z",
        ))
        .clone();
        let known = Arc::new(build.clone());
        (build.package, build.drone, build.duration_seconds) = (None, None, None);
        let id = known.id.as_str();
        assert_eq!(
            table([&known, &Arc::new(build)].into_iter()),
            format!(
                "finished_at,package,drone,status,duration_seconds,id\r\n\
                 2026-02-23T13:51:38Z,dev-libs/openssl-3.4.1,'-Izar,success,120,{id}\r\n\
                 2026-02-23T13:51:38Z,,,success,,{id}\r\n"
            )
        );
    }
}
