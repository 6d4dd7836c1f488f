//! Gentoo's package categories: the allow-list for the first half of a package's name.
//!
//! Owns the list and nothing else; `[identity] categories` adds the operator's own elsewhere.

/// Gentoo's package categories (its repository's `profiles/categories`), sorted and unique.
///
/// Categories that Gentoo has emptied in recent years stay: an archive outlives a category.
#[rustfmt::skip]
pub(crate) const CATEGORIES: &[&str] = &[
    "acct-group", "acct-user", "app-accessibility", "app-admin", "app-alternatives", "app-antivirus",
    "app-arch", "app-backup", "app-benchmarks", "app-cdr", "app-containers", "app-crypt", "app-dicts",
    "app-doc", "app-editors", "app-emacs", "app-emulation", "app-eselect", "app-forensics", "app-i18n",
    "app-laptop", "app-metrics", "app-misc", "app-mobilephone", "app-office", "app-officeext", "app-pda",
    "app-portage", "app-shells", "app-text", "app-vim", "app-xemacs", "dev-ada", "dev-build", "dev-cpp",
    "dev-db", "dev-debug", "dev-dotnet", "dev-embedded", "dev-erlang", "dev-games", "dev-gap", "dev-go",
    "dev-haskell", "dev-java", "dev-lang", "dev-libs", "dev-lisp", "dev-lua", "dev-ml", "dev-perl",
    "dev-php", "dev-python", "dev-qt", "dev-ros", "dev-ruby", "dev-scheme", "dev-tcltk", "dev-tex",
    "dev-texlive", "dev-util", "dev-vcs", "games-action", "games-arcade", "games-board", "games-emulation",
    "games-engines", "games-fps", "games-kids", "games-misc", "games-mud", "games-puzzle",
    "games-roguelike", "games-rpg", "games-server", "games-simulation", "games-sports", "games-strategy",
    "games-util", "gnome-base", "gnome-extra", "gnustep-apps", "gnustep-base", "gnustep-libs", "gui-apps",
    "gui-libs", "gui-wm", "java-virtuals", "kde-apps", "kde-frameworks", "kde-misc", "kde-plasma",
    "llvm-core", "llvm-runtimes", "lxde-base", "lxqt-base", "mail-client", "mail-filter", "mail-mta",
    "mate-base", "mate-extra", "media-fonts", "media-gfx", "media-libs", "media-plugins", "media-radio",
    "media-sound", "media-tv", "media-video", "net-analyzer", "net-dialup", "net-dns", "net-firewall",
    "net-fs", "net-ftp", "net-im", "net-irc", "net-libs", "net-mail", "net-misc", "net-nds", "net-news",
    "net-nntp", "net-p2p", "net-print", "net-proxy", "net-voip", "net-vpn", "net-wireless", "perl-core",
    "ros-meta", "sci-astronomy", "sci-biology", "sci-calculators", "sci-chemistry", "sci-electronics",
    "sci-geosciences", "sci-libs", "sci-mathematics", "sci-misc", "sci-ml", "sci-physics",
    "sci-visualization", "sec-keys", "sec-policy", "sys-apps", "sys-auth", "sys-block", "sys-boot",
    "sys-cluster", "sys-devel", "sys-fabric", "sys-firmware", "sys-fs", "sys-kernel", "sys-libs",
    "sys-power", "sys-process", "virtual", "www-apache", "www-apps", "www-client", "www-misc", "www-nginx",
    "www-plugins", "www-servers", "x11-apps", "x11-base", "x11-drivers", "x11-libs", "x11-misc",
    "x11-plugins", "x11-terms", "x11-themes", "x11-wm", "xfce-base", "xfce-extra",
];

/// Whether `category` is one of Gentoo's own, compared exactly: Gentoo's categories are lower case.
pub(crate) fn is_gentoo_category(category: &str) -> bool {
    CATEGORIES.binary_search(&category).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, is_gentoo_category};

    #[test]
    fn the_categories_are_sorted_and_unique() {
        for pair in CATEGORIES.windows(2) {
            assert!(pair[0] < pair[1], "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn every_category_is_lower_case_and_plain() {
        for category in CATEGORIES {
            assert!(
                category.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "characters of {category:?}"
            );
        }
    }

    #[test]
    fn categories_of_recorded_builds_are_known() {
        #[rustfmt::skip]
        let recorded = [
            "app-admin", "app-arch", "app-backup", "app-crypt", "app-editors", "app-emulation", "app-misc",
            "app-office", "app-portage", "app-text", "dev-db", "dev-haskell", "dev-lang", "dev-libs",
            "dev-qt", "dev-util", "dev-vcs", "kde-apps", "kde-frameworks", "kde-misc", "kde-plasma",
            "llvm-core", "mail-client", "media-gfx", "media-libs", "net-analyzer", "net-fs", "net-libs",
            "net-misc", "net-print", "sci-libs", "sys-apps", "sys-auth", "sys-devel", "sys-firmware",
            "sys-fs", "sys-kernel", "sys-libs", "sys-power", "sys-process", "virtual", "www-client",
            "www-plugins", "x11-drivers", "x11-libs", "x11-misc",
        ];
        for category in recorded {
            assert!(is_gentoo_category(category), "{category:?}");
        }
    }

    #[test]
    fn a_foreign_category_is_not_one_of_gentoos() {
        for category in
            ["", "local-overlay", "acme-internal", "Dev-Libs", "dev-libs/", "dev", "DEV-LIBS", "dev-libs "]
        {
            assert!(!is_gentoo_category(category), "{category:?}");
        }
    }
}
