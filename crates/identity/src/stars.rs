//! The catalogue that pseudonyms are drawn from: proper names of stars.
//!
//! Owns the names and nothing else; which machine gets which name is decided elsewhere.

/// Proper names of stars, sorted, unique without regard to case, each a valid public name.
///
/// Source: the names approved by the Working Group on Star Names of the International Astronomical Union
/// (IAU Catalog of Star Names, 2018, and the IAU `NameExoWorlds` names of 2019), those that are plain ASCII.
/// Names of stars are facts; positions, magnitudes and descriptions are not copied.
///
/// Names may be appended in their place and must never be removed: an assignment outlives the catalogue.
#[rustfmt::skip]
pub(crate) const STARS: &[&str] = &[
    "Absolutno", "Acamar", "Achernar", "Achird", "Acrab", "Acrux", "Acubens", "Adhafera", "Adhara", "Adhil",
    "Ain", "Ainalrami", "Aladfar", "Alasia", "Albaldah", "Albali", "Albireo", "Alchiba", "Alcor", "Alcyone",
    "Aldebaran", "Alderamin", "Aldhanab", "Aldhibah", "Aldulfin", "Alfirk", "Algedi", "Algenib", "Algieba",
    "Algol", "Algorab", "Alhena", "Alioth", "Aljanah", "Alkaid", "Alkalurops", "Alkaphrah", "Alkarab",
    "Alkes", "Almaaz", "Almach", "Alnair", "Alnasl", "Alnilam", "Alnitak", "Alniyat", "Alphard", "Alphecca",
    "Alpheratz", "Alpherg", "Alrakis", "Alrescha", "Alruba", "Alsafi", "Alsciaukat", "Alsephina", "Alshain",
    "Alshat", "Altair", "Altais", "Alterf", "Aludra", "Alula Australis", "Alula Borealis", "Alya", "Alzirr",
    "Amadioha", "Amansinaya", "Anadolu", "Ancha", "Angetenar", "Aniara", "Ankaa", "Anser", "Antares",
    "Arcalis", "Arcturus", "Arkab Posterior", "Arkab Prior", "Arneb", "Ascella", "Asellus Australis",
    "Asellus Borealis", "Ashlesha", "Aspidiske", "Asterope", "Athebyne", "Atik", "Atlas", "Atria", "Avior",
    "Azelfafage", "Azha", "Azmidi", "Baekdu", "Barnard's Star", "Baten Kaitos", "Beemim", "Beid", "Belel",
    "Belenos", "Bellatrix", "Berehinya", "Betelgeuse", "Bharani", "Biham", "Bosona", "Botein", "Brachium",
    "Bubup", "Buna", "Bunda", "Canopus", "Capella", "Caph", "Castor", "Castula", "Cebalrai", "Ceibo",
    "Celaeno", "Cervantes", "Chalawan", "Chamukuy", "Chaophraya", "Chara", "Chason", "Chechia", "Chertan",
    "Citadelle", "Citala", "Cocibolca", "Copernicus", "Cor Caroli", "Cujam", "Cursa", "Dabih", "Dalim",
    "Deneb", "Deneb Algedi", "Denebola", "Diadem", "Dingolay", "Diphda", "Diwo", "Dofida", "Dombay",
    "Dschubba", "Dubhe", "Dziban", "Ebla", "Edasich", "Electra", "Elgafar", "Elkurud", "Elnath", "Eltanin",
    "Emiw", "Enif", "Errai", "Fafnir", "Fang", "Fawaris", "Felis", "Flegetonte", "Fomalhaut", "Formosa",
    "Fulu", "Fumalsamakah", "Funi", "Furud", "Fuyue", "Gacrux", "Gakyid", "Giausar", "Gienah", "Ginan",
    "Gloas", "Gomeisa", "Grumium", "Gumala", "Hadar", "Haedus", "Hamal", "Hassaleh", "Hatysa", "Helvetios",
    "Heze", "Hoggar", "Homam", "Horna", "Hunahpu", "Hunor", "Iklil", "Illyrian", "Inquill", "Intan",
    "Intercrus", "Itonda", "Izar", "Jabbah", "Jishui", "Kaewkosin", "Kaffaljidhma", "Kalausi", "Kamuy",
    "Kang", "Karaka", "Kaus Australis", "Kaus Borealis", "Kaus Media", "Kaveh", "Keid", "Khambalia",
    "Kitalpha", "Kochab", "Koeia", "Koit", "Kornephoros", "Kraz", "Kurhah", "La Superba", "Larawag",
    "Lerna", "Lesath", "Libertas", "Lich", "Lilii Borea", "Lionrock", "Lucilinburhuc", "Lusitania",
    "Maasym", "Macondo", "Mago", "Mahasim", "Maia", "Malmok", "Marfik", "Markab", "Markeb", "Marsic",
    "Matar", "Mazaalai", "Mebsuta", "Megrez", "Meissa", "Mekbuda", "Meleph", "Menkalinan", "Menkar",
    "Menkent", "Menkib", "Merak", "Merga", "Meridiana", "Merope", "Mesarthim", "Miaplacidus", "Mimosa",
    "Minchir", "Minelauva", "Mintaka", "Mira", "Mirach", "Miram", "Mirfak", "Mirzam", "Misam", "Mizar",
    "Moldoveanu", "Montuno", "Morava", "Moriah", "Mothallah", "Mouhoun", "Mpingo", "Muliphein", "Muphrid",
    "Muscida", "Musica", "Muspelheim", "Nahn", "Naledi", "Naos", "Nashira", "Nekkar", "Nembus", "Nenque",
    "Nervia", "Nihal", "Nikawiy", "Noquisi", "Nosaxa", "Nunki", "Nusakan", "Nushagak", "Nyamien", "Ogma",
    "Okab", "Parumleo", "Peacock", "Phact", "Phecda", "Pherkad", "Phoenicia", "Piautos", "Pincoya",
    "Pipirima", "Pipoltr", "Pleione", "Poerava", "Polaris", "Polaris Australis", "Polis", "Pollux",
    "Porrima", "Praecipua", "Prima Hyadum", "Procyon", "Propus", "Proxima Centauri", "Ran", "Rapeto",
    "Rasalas", "Rasalgethi", "Rasalhague", "Rastaban", "Regulus", "Revati", "Rigel", "Rigil Kentaurus",
    "Rosaliadecastro", "Rotanev", "Ruchbah", "Rukbat", "Sabik", "Saclateni", "Sadachbia", "Sadalbari",
    "Sadalmelik", "Sadalsuud", "Sadr", "Sagarmatha", "Saiph", "Salm", "Samaya", "Sansuna", "Santamasa",
    "Sargas", "Sarin", "Sceptrum", "Scheat", "Schedar", "Secunda Hyadum", "Segin", "Seginus", "Sham",
    "Sharjah", "Shaula", "Sheliak", "Sheratan", "Sika", "Sirius", "Situla", "Skat", "Spica", "Sterrennacht",
    "Stribor", "Sualocin", "Subra", "Suhail", "Sulafat", "Syrma", "Tabit", "Taiyangshou", "Taiyi",
    "Talitha", "Tania Australis", "Tania Borealis", "Tapecue", "Tarazed", "Tarf", "Taygeta", "Tegmine",
    "Tejat", "Terebellum", "Tevel", "Theemin", "Thuban", "Tiaki", "Tianguan", "Tianyi", "Timir", "Tislit",
    "Titawin", "Tojil", "Tonatiuh", "Torcular", "Tuiren", "Tupa", "Tupi", "Tureis", "Ukdah", "Uklun",
    "Unukalhai", "Unurgunite", "Vega", "Veritate", "Vindemiatrix", "Wasat", "Wattle", "Wazn", "Wezen",
    "Wouri", "Wurren", "Xamidimura", "Xihe", "Xuange", "Yed Posterior", "Yed Prior", "Yildun", "Zaniah",
    "Zaurak", "Zavijava", "Zembra", "Zhang", "Zibal", "Zosma", "Zubenelgenubi", "Zubenelhakrabi",
    "Zubeneschamali",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::STARS;

    #[test]
    fn the_catalogue_holds_at_least_330_names() {
        assert!(STARS.len() >= 330, "{} names", STARS.len());
    }

    #[test]
    fn every_name_is_a_valid_public_name() {
        for name in STARS {
            assert!((1..=40).contains(&name.len()), "length of {name:?}");
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '\'' | '-' | '.')),
                "characters of {name:?}"
            );
            assert_eq!(name.trim(), *name, "blanks around {name:?}");
            assert!(!name.contains("  "), "two blanks in {name:?}");
        }
    }

    #[test]
    fn the_names_are_sorted() {
        for pair in STARS.windows(2) {
            assert!(pair[0] < pair[1], "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn the_names_are_unique_without_regard_to_case() {
        let mut seen = HashSet::new();
        for name in STARS {
            assert!(seen.insert(name.to_ascii_lowercase()), "{name:?} occurs twice");
        }
    }
}
