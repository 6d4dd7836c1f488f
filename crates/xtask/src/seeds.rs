//! Where the seeds of what is fuzzed are: a list of readers and places.

use std::collections::BTreeMap;

/// Files of one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Below the folder of all crates.
    pub folder: String,
    beginning: String,
    end: String,
}

impl Place {
    /// Whether a file of the folder is one of these.
    pub fn has(&self, name: &str) -> bool {
        name.starts_with(&self.beginning) && name.ends_with(&self.end)
    }
}

/// The places of each reader. A line is a reader, a space and a path in whose last part a star stands for anything.
pub fn parse(list: &str) -> BTreeMap<String, Vec<Place>> {
    let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let Some((reader, path)) = line.split_once(' ') else { continue };
        let Some((folder, file)) = path.rsplit_once('/') else { continue };
        let (beginning, end) = file.split_once('*').unwrap_or((file, ""));
        let place = Place { folder: folder.to_owned(), beginning: beginning.to_owned(), end: end.to_owned() };
        places.entry(reader.to_owned()).or_default().push(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_reader_has_the_files_of_its_places() {
        let places = parse("# where\na x/y/b*.json\na x/z/*\nb x/y/c\n");
        assert_eq!(places.keys().collect::<Vec<_>>(), ["a", "b"]);
        let of_a = &places["a"];
        assert_eq!(of_a.iter().map(|place| &*place.folder).collect::<Vec<_>>(), ["x/y", "x/z"]);
        assert!(of_a[0].has("bc.json") && !of_a[0].has("c.json") && !of_a[0].has("b.txt"));
        assert!(of_a[1].has("anything"));
    }
}
