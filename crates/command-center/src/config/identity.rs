//! The `[identity]` table: galaxies, stars and policies.

use scheduler::config::{
    Names,
    draft::{GalaxyDraft, NamesDraft, StarDraft},
};

use super::keys::Keys;

pub(super) fn read(keys: &mut Keys<'_>) -> Option<Names> {
    let draft = NamesDraft {
        unknown: keys.text("unknown"),
        categories: keys.texts("categories"),
        hidden_packages: keys.texts("hidden_packages"),
        galaxies: keys.sections("galaxies", |keys| GalaxyDraft {
            name: keys.text("name"),
            networks: keys.texts("networks"),
        }),
        stars: keys.sections("stars", |keys| StarDraft {
            name: keys.text("name"),
            aliases: keys.texts("aliases"),
            galaxy: keys.text("galaxy"),
            role: keys.text("role"),
            optional: keys.flag("optional").unwrap_or(false),
        }),
    };
    match draft.check() {
        Ok(names) => Some(names),
        Err(problems) => {
            for problem in problems {
                keys.complain(&problem.key, problem.allowed);
            }
            None
        }
    }
}
