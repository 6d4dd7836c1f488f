//! The operator's names as texts, before they are checked.

pub mod credentials;
pub mod watch;

use identity::{
    alias::Alias,
    config::{Config, Galaxy, Star, Unknown},
    name::PublicName,
    package::PackagePattern,
};

/// Galaxies, stars and policies as the operator wrote them.
#[derive(Debug, Clone, Default)]
pub struct NamesDraft {
    /// `pseudonym` (the default) or `drop`.
    pub unknown: Option<String>,
    /// Package categories beyond Gentoo's.
    pub categories: Vec<String>,
    /// Patterns such as `acme-*/*`.
    pub hidden_packages: Vec<String>,
    /// The galaxies.
    pub galaxies: Vec<GalaxyDraft>,
    /// The stars.
    pub stars: Vec<StarDraft>,
}

/// A galaxy as the operator wrote it.
#[derive(Debug, Clone, Default)]
pub struct GalaxyDraft {
    /// Its public name; it must be there.
    pub name: Option<String>,
    /// Its networks in CIDR form.
    pub networks: Vec<String>,
}

/// A star as the operator wrote it.
#[derive(Debug, Clone, Default)]
pub struct StarDraft {
    /// Its public name; it must be there.
    pub name: Option<String>,
    /// Host names, addresses, ids.
    pub aliases: Vec<String>,
    /// Its galaxy.
    pub galaxy: Option<String>,
    /// What it is for.
    pub role: Option<String>,
    /// It may sleep without being missed.
    pub optional: bool,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {allowed}")]
pub struct NamesProblem {
    /// Where, such as `stars[2].aliases`.
    pub key: String,
    /// What may stand there, or what is wrong.
    pub allowed: String,
}

impl NamesDraft {
    /// Checks everything.
    ///
    /// # Errors
    /// Lists every problem.
    pub fn check(&self) -> Result<Config, Vec<NamesProblem>> {
        let mut problems = Problems::default();
        let unknown = match self.unknown.as_deref() {
            None | Some("pseudonym") => Unknown::Pseudonym,
            Some("drop") => Unknown::Drop,
            Some(_) => problems.note("unknown", "must be \"pseudonym\" or \"drop\""),
        };
        let hidden = self.hidden_packages.iter().filter_map(|pattern| {
            let read = PackagePattern::parse(pattern);
            if read.is_none() {
                problems.note::<()>("hidden_packages", "must be patterns such as \"acme-*/*\"");
            }
            read
        });
        let hidden = hidden.collect();
        let galaxies = self.galaxies.iter().enumerate();
        let galaxies =
            galaxies.filter_map(|(idx, galaxy)| galaxy.check(&format!("galaxies[{idx}]"), &mut problems));
        let galaxies = galaxies.collect();
        let stars = self.stars.iter().enumerate();
        let stars =
            stars.filter_map(|(idx, star)| star.check(&format!("stars[{idx}]"), &mut problems)).collect();
        let checked = Config::new(unknown, self.categories.clone(), hidden, galaxies, stars);
        match checked {
            Ok(config) if problems.0.is_empty() => Ok(config),
            Ok(_) => Err(problems.0),
            Err(contradictions) => {
                for contradiction in contradictions {
                    problems.note::<()>("stars", contradiction.to_string());
                }
                Err(problems.0)
            }
        }
    }
}

impl GalaxyDraft {
    fn check(&self, key: &str, problems: &mut Problems) -> Option<Galaxy> {
        let name = problems.required(&format!("{key}.name"), self.name.as_deref());
        let networks: Option<Vec<_>> = self.networks.iter().map(|network| network.parse().ok()).collect();
        if networks.is_none() {
            let allowed = "must be networks such as \"10.0.0.0/24\"";
            problems.note::<()>(&format!("{key}.networks"), allowed);
        }
        Some(Galaxy { name: name?, networks: networks? })
    }
}

impl StarDraft {
    fn check(&self, key: &str, problems: &mut Problems) -> Option<Star> {
        let name = problems.required(&format!("{key}.name"), self.name.as_deref());
        let aliases: Option<Vec<_>> = self.aliases.iter().map(|alias| Alias::parse(alias)).collect();
        let aliases = aliases.map(|mut aliases| {
            // A port says more than is needed, unless machines share an address.
            aliases.extend(self.aliases.iter().filter_map(|alias| Alias::endpoint_with_port(alias)));
            aliases
        });
        if aliases.is_none() {
            problems.note::<()>(&format!("{key}.aliases"), "must be host names, addresses or ids");
        }
        let mut optional = |field: &str, text: &Option<String>| {
            text.as_deref().and_then(|text| problems.name(&format!("{key}.{field}"), text))
        };
        let galaxy = optional("galaxy", &self.galaxy);
        let role = optional("role", &self.role);
        Some(Star { name: name?, aliases: aliases?, galaxy, role, optional: self.optional })
    }
}

#[derive(Default)]
struct Problems(Vec<NamesProblem>);

impl Problems {
    /// Notes a problem; gives a value to go on with, so that further problems are found.
    fn note<T: Default>(&mut self, key: &str, allowed: impl Into<String>) -> T {
        self.0.push(NamesProblem { key: key.to_owned(), allowed: allowed.into() });
        T::default()
    }

    fn required(&mut self, key: &str, text: Option<&str>) -> Option<PublicName> {
        match text {
            Some(text) => self.name(key, text),
            None => self.note(key, "is missing"),
        }
    }

    fn name(&mut self, key: &str, text: &str) -> Option<PublicName> {
        match PublicName::new(text) {
            Ok(name) => Some(name),
            Err(error) => self.note(key, error.to_string()),
        }
    }
}
