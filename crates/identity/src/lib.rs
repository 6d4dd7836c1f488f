//! Galactic Identity System: internal identifiers in, public names out.
//!
//! Owns every type that may carry a name to the public: [`name::PublicName`], [`package::PackageAtom`] and
//! [`version::Version`] have private fields and are built here only. It does no I/O and knows no clock, no
//! backend and no document.
//!
//! - [`name`] public names of machines, galaxies and services
//! - [`package`] Gentoo atoms: parsing, and the policy of what may be published
//! - [`version`] version texts of the swarm's own software
//! - [`alias`] how two spellings of one internal identifier are recognised as equal
//! - [`config`] galaxies, stars and policies as the operator states them
//! - [`directory`] which identifiers are one machine, and what the public calls it
//! - [`pseudonym`] star names for machines that nobody claimed
//! - [`guard`] the second line: a search of everything that is about to be published

pub mod alias;
pub mod config;
pub mod directory;
pub mod guard;
pub mod name;
pub mod package;
pub mod pseudonym;
pub mod version;

mod categories;
mod stars;
mod vocabulary;
