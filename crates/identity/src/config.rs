//! What the operator says about names: galaxies, stars and policies.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use ipnet::IpNet;

use crate::{alias::Alias, name::PublicName, package::PackagePattern, vocabulary};

/// The names shorter than this are searched for only as whole values.
pub(crate) const SHORTEST_TOKEN: usize = 4;

/// A group of machines: the networks in which they live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Galaxy {
    /// Its public name.
    pub name: PublicName,
    /// Its networks; the first galaxy that contains an address has it.
    pub networks: Vec<IpNet>,
}

/// A machine that the operator named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Star {
    /// Its public name.
    pub name: PublicName,
    /// Host names, addresses and ids (or beginnings of ids) by which backends know it.
    pub aliases: Vec<Alias>,
    /// Its galaxy; by default that of its address.
    pub galaxy: Option<PublicName>,
    /// What it is for, in a word.
    pub role: Option<PublicName>,
    /// It may sleep without being missed.
    pub optional: bool,
}

/// What happens to a machine that no star claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// It gets a star name from the built-in catalogue.
    #[default]
    Pseudonym,
    /// It is neither listed nor counted; rows that mention it stay, without the name.
    Drop,
}

/// The operator's part of identity, cross-checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    unknown: Unknown,
    categories: Vec<String>,
    hidden_packages: Vec<PackagePattern>,
    galaxies: Vec<Galaxy>,
    stars: Vec<Star>,
}

/// A contradiction between parts of the identity configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// Two stars or two galaxies share a public name.
    #[error("the name \"{0}\" is given twice; names are unique without regard to case")]
    NameTwice(PublicName),
    /// An alias stands at two stars.
    #[error("\"{alias}\" is an alias of both \"{first}\" and \"{second}\"; an alias belongs to one star")]
    AliasTwice {
        /// The alias.
        alias: String,
        /// The star that has it first.
        first: PublicName,
        /// The star that has it again.
        second: PublicName,
    },
    /// A star names a galaxy that does not exist.
    #[error("star \"{star}\" is in galaxy \"{galaxy}\", which is not defined under [[identity.galaxies]]")]
    NoSuchGalaxy {
        /// The star.
        star: PublicName,
        /// The galaxy it names.
        galaxy: PublicName,
    },
}

impl Config {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Lists every contradiction between them.
    pub fn new(
        unknown: Unknown,
        categories: Vec<String>,
        hidden_packages: Vec<PackagePattern>,
        galaxies: Vec<Galaxy>,
        stars: Vec<Star>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        problems.extend(twice(galaxies.iter().map(|g| &g.name)).map(ConfigProblem::NameTwice));
        problems.extend(twice(stars.iter().map(|s| &s.name)).map(ConfigProblem::NameTwice));
        let mut stars = stars;
        let shared = shared(&stars);
        for star in &mut stars {
            star.aliases.retain(|alias| !shared.contains(alias));
        }
        let mut owners: HashMap<&Alias, &Star> = HashMap::new();
        for star in &stars {
            for alias in &star.aliases {
                let Some(first) = owners.insert(alias, star) else { continue };
                if first.name != star.name {
                    problems.push(ConfigProblem::AliasTwice {
                        alias: alias.reveal(),
                        first: first.name.clone(),
                        second: star.name.clone(),
                    });
                }
            }
            let Some(galaxy) = &star.galaxy else { continue };
            if !galaxies.iter().any(|g| g.name.same(galaxy.as_str())) {
                problems
                    .push(ConfigProblem::NoSuchGalaxy { star: star.name.clone(), galaxy: galaxy.clone() });
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let categories = categories.into_iter().map(|c| c.to_ascii_lowercase()).collect();
        Ok(Self { unknown, categories, hidden_packages, galaxies, stars })
    }

    /// What happens to unclaimed machines.
    #[must_use]
    pub fn unknown(&self) -> Unknown {
        self.unknown
    }

    /// The galaxies, in the operator's order.
    #[must_use]
    pub fn galaxies(&self) -> &[Galaxy] {
        &self.galaxies
    }

    /// The stars, in the operator's order.
    #[must_use]
    pub fn stars(&self) -> &[Star] {
        &self.stars
    }

    /// Aliases too short or too common to be searched for inside longer texts; `check-config` names them.
    #[must_use]
    pub fn weak_aliases(&self) -> Vec<(String, PublicName)> {
        let weak = |alias: &&Alias| !is_searchable(&alias.reveal());
        let of_star = |star: &Star| -> Vec<_> {
            star.aliases.iter().filter(weak).map(|a| (a.reveal(), star.name.clone())).collect()
        };
        self.stars.iter().flat_map(of_star).collect()
    }

    /// Which alias of which star stands in `text`; for texts that the operator wants to publish.
    #[must_use]
    pub fn alias_in(&self, text: &str) -> Option<String> {
        let guard = crate::guard::LeakGuard::new(
            self.stars.iter().flat_map(|s| s.aliases.iter().map(Alias::reveal)),
            self.public_names().map(PublicName::folded),
        );
        let words = text.split(|c: char| c.is_whitespace() || ",;:!?\"()".contains(c));
        std::iter::once(text)
            .chain(words.map(|word| word.trim_end_matches('.')))
            .find(|part| !part.is_empty() && guard.find(part).is_some())
            .map(str::to_owned)
    }

    /// Every name that the operator made public.
    pub fn public_names(&self) -> impl Iterator<Item = &PublicName> {
        self.galaxies.iter().map(|g| &g.name).chain(self.stars.iter().map(|s| &s.name))
    }

    pub(crate) fn is_known_category(&self, category: &str) -> bool {
        crate::categories::is_gentoo_category(category) || self.categories.iter().any(|c| c == category)
    }

    pub(crate) fn hides(&self, qualified_name: &str) -> bool {
        self.hidden_packages.iter().any(|pattern| pattern.matches(qualified_name))
    }

    pub(crate) fn galaxy_of_address(&self, address: IpAddr) -> Option<&PublicName> {
        let holds = |galaxy: &&Galaxy| galaxy.networks.iter().any(|n| n.contains(&address));
        self.galaxies.iter().find(holds).map(|g| &g.name)
    }
}

/// Whether a name is long and rare enough to be searched for inside longer texts.
pub(crate) fn is_searchable(name: &str) -> bool {
    name.chars().count() >= SHORTEST_TOKEN && !vocabulary::is_common_word(name)
}

/// Addresses and names that several stars give, each with a port: there only the port tells them apart.
fn shared(stars: &[Star]) -> HashSet<Alias> {
    let with_port = |star: &Star| -> HashSet<Alias> {
        let endpoints = star.aliases.iter().filter(|alias| matches!(alias, Alias::Endpoint(_)));
        endpoints.filter_map(|endpoint| Alias::parse(&endpoint.reveal())).collect()
    };
    let mut seen = HashSet::new();
    stars.iter().flat_map(with_port).filter(|alias| !seen.insert(alias.clone())).collect()
}

fn twice<'a>(names: impl Iterator<Item = &'a PublicName>) -> impl Iterator<Item = PublicName> {
    let mut seen = HashSet::new();
    names.filter(move |name| !seen.insert(name.folded())).cloned().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PublicName {
        PublicName::new(text).unwrap()
    }

    fn star(star_name: &str, aliases: &[&str]) -> Star {
        let aliases = aliases.iter().map(|a| Alias::parse(a).unwrap()).collect();
        Star { name: name(star_name), aliases, galaxy: None, role: None, optional: false }
    }

    #[test]
    fn every_contradiction_is_listed() {
        let mut lost = star("Tarn", &["drone-izar"]);
        lost.galaxy = Some(name("Nowhere"));
        let stars = vec![star("Izar", &["drone-izar"]), star("IZAR", &["b"]), lost];
        let problems = Config::new(Unknown::Drop, vec![], vec![], vec![], stars).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn stars_that_share_an_address_are_told_apart_by_their_ports() {
        let star = |name, port| {
            let mut star = star(name, &["10.42.0.7"]);
            star.aliases.extend(Alias::endpoint_with_port(&format!("10.42.0.7:{port}")));
            star
        };
        let config =
            Config::new(Unknown::Drop, vec![], vec![], vec![], vec![star("Izar", 1), star("Tarn", 2)]);
        let left: Vec<usize> = config.unwrap().stars().iter().map(|star| star.aliases.len()).collect();
        assert_eq!(left, [1, 1], "the address alone is neither's");
        let same = Config::new(Unknown::Drop, vec![], vec![], vec![], vec![star("Izar", 1), star("Tarn", 1)]);
        assert!(same.is_err());
    }

    #[test]
    fn short_and_common_aliases_are_named() {
        let stars = vec![star("Izar", &["io", "queue", "mesa", "drone-izar-host"])];
        let config = Config::new(Unknown::Drop, vec![], vec![], vec![], stars).unwrap();
        let weak: Vec<String> = config.weak_aliases().into_iter().map(|(alias, _)| alias).collect();
        assert_eq!(weak, ["io", "queue", "mesa"]);
    }

    #[test]
    fn an_alias_inside_a_notice_is_found() {
        let stars = vec![star("Izar", &["drone-izar-host", "io"])];
        let config = Config::new(Unknown::Drop, vec![], vec![], vec![], stars).unwrap();
        assert_eq!(config.alias_in("Izar moves on Sunday."), None);
        assert!(config.alias_in("We replace drone-izar-host.").is_some());
        assert!(config.alias_in("We replace io.").is_some());
        assert!(config.alias_in("Ask 10.42.0.199").is_some());
    }
}
