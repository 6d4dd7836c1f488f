//! What is built: real Gentoo packages with a typical build time.
//!
//! The times are rough medians on a 16-core machine; what matters is their spread, from seconds to hours.

/// A package of the catalogue.
#[derive(Debug, PartialEq)]
pub struct Package {
    /// `category/name`
    pub name: &'static str,
    /// The version that the world's first session may want.
    pub version: &'static str,
    /// The median build time on a machine of power 1, in seconds.
    pub median: f64,
}

impl Package {
    /// `=category/name-version`, the version raised `bumps` times.
    #[must_use]
    pub fn atom(&self, bumps: u32) -> String {
        format!("={}-{}", self.name, raise(self.version, bumps))
    }
}

/// Adds `bumps` to the last number before a suffix (`_p1`, `-r1`), which a new version does not keep.
fn raise(version: &str, bumps: u32) -> String {
    if bumps == 0 {
        return version.to_owned();
    }
    let plain = version.split(['_', '-']).next().unwrap_or(version);
    let (head, last) = plain.rsplit_once('.').map_or(("", plain), |(head, last)| (head, last));
    let raised = last.parse::<u32>().unwrap_or(0).saturating_add(bumps);
    if head.is_empty() { raised.to_string() } else { format!("{head}.{raised}") }
}

const fn package(name: &'static str, version: &'static str, median: f64) -> Package {
    Package { name, version, median }
}

/// Every package that the world wants now and then.
pub static CATALOGUE: [Package; 186] = [
    package("sys-devel/gcc", "15.2.1_p20251122", 3900.0),
    package("sys-devel/binutils", "2.45.1", 180.0),
    package("llvm-core/llvm", "21.1.8", 2700.0),
    package("llvm-core/clang", "21.1.8", 2900.0),
    package("llvm-core/lld", "21.1.8", 170.0),
    package("llvm-runtimes/compiler-rt", "21.1.8", 75.0),
    package("dev-lang/rust", "1.92.0", 4200.0),
    package("dev-lang/go", "1.25.5", 240.0),
    package("dev-lang/python", "3.13.11", 420.0),
    package("dev-lang/python", "3.14.2", 440.0),
    package("dev-lang/perl", "5.42.0-r1", 210.0),
    package("dev-lang/ruby", "3.4.8", 260.0),
    package("dev-lang/php", "8.4.16", 300.0),
    package("dev-lang/lua", "5.4.8", 14.0),
    package("dev-lang/ghc", "9.8.4-r1", 5200.0),
    package("dev-lang/ocaml", "5.4.0", 230.0),
    package("dev-lang/spidermonkey", "140.6.0", 780.0),
    package("dev-lang/nasm", "3.01", 22.0),
    package("dev-lang/yasm", "1.3.0-r1", 18.0),
    package("dev-lang/tcl", "9.0.3", 65.0),
    package("dev-lang/vala", "0.56.18", 60.0),
    package("dev-lang/zig", "0.15.2", 1500.0),
    package("net-libs/nodejs", "24.12.0", 1700.0),
    package("net-libs/webkit-gtk", "2.50.4", 6300.0),
    package("www-client/firefox", "146.0.1", 4300.0),
    package("www-client/chromium", "143.0.7499.146", 14800.0),
    package("mail-client/thunderbird", "140.6.0", 4100.0),
    package("app-office/libreoffice", "25.8.4.2", 5600.0),
    package("dev-qt/qtbase", "6.10.1", 620.0),
    package("dev-qt/qtdeclarative", "6.10.1", 560.0),
    package("dev-qt/qtwebengine", "6.10.1-r1", 7900.0),
    package("dev-qt/qttools", "6.10.1", 210.0),
    package("dev-qt/qtmultimedia", "6.10.1", 150.0),
    package("dev-qt/qtsvg", "6.10.1", 30.0),
    package("dev-qt/qtwayland", "6.10.1", 55.0),
    package("dev-qt/qt5compat", "6.10.1", 60.0),
    package("dev-qt/qtshadertools", "6.10.1", 75.0),
    package("dev-qt/qtpositioning", "6.10.1", 58.0),
    package("kde-plasma/plasma-desktop", "6.5.4", 190.0),
    package("kde-plasma/plasma-workspace", "6.5.4", 330.0),
    package("kde-plasma/kwin", "6.5.4", 480.0),
    package("kde-plasma/powerdevil", "6.5.4", 75.0),
    package("kde-plasma/discover", "6.5.4", 80.0),
    package("kde-plasma/breeze", "6.5.4", 70.0),
    package("kde-plasma/systemsettings", "6.5.4", 45.0),
    package("kde-plasma/libplasma", "6.5.4", 85.0),
    package("kde-plasma/kscreen", "6.5.4", 50.0),
    package("kde-plasma/plasma-nm", "6.5.4", 95.0),
    package("kde-frameworks/kio", "6.21.0", 240.0),
    package("kde-frameworks/kirigami", "6.21.0", 110.0),
    package("kde-frameworks/ktexteditor", "6.21.0", 200.0),
    package("kde-frameworks/kcoreaddons", "6.21.0", 55.0),
    package("kde-frameworks/kwidgetsaddons", "6.21.0", 80.0),
    package("kde-frameworks/solid", "6.21.0", 48.0),
    package("kde-frameworks/syntax-highlighting", "6.21.0", 70.0),
    package("kde-frameworks/baloo", "6.21.0", 78.0),
    package("kde-apps/dolphin", "25.12.0", 130.0),
    package("kde-apps/konsole", "25.12.0", 125.0),
    package("kde-apps/kate", "25.12.0", 150.0),
    package("kde-apps/okular", "25.12.0", 175.0),
    package("kde-apps/ark", "25.12.0", 65.0),
    package("kde-apps/spectacle", "25.12.0", 72.0),
    package("kde-apps/kdenlive", "25.12.0", 460.0),
    package("gnome-base/gnome-shell", "48.7", 140.0),
    package("x11-wm/mutter", "48.7", 220.0),
    package("gui-libs/gtk", "4.20.3", 420.0),
    package("gui-libs/libadwaita", "1.8.3", 110.0),
    package("gui-wm/sway", "1.11-r1", 45.0),
    package("x11-libs/gtk+", "3.24.51", 310.0),
    package("x11-libs/cairo", "1.18.4-r1", 65.0),
    package("x11-libs/pango", "1.57.0", 38.0),
    package("x11-libs/libX11", "1.8.12", 42.0),
    package("x11-libs/libdrm", "2.4.131", 20.0),
    package("x11-libs/pixman", "0.46.4", 36.0),
    package("x11-libs/wxGTK", "3.2.8.1-r1", 390.0),
    package("x11-base/xorg-server", "21.1.21", 115.0),
    package("x11-base/xwayland", "24.1.9", 85.0),
    package("x11-terms/alacritty", "0.16.1", 150.0),
    package("media-libs/mesa", "25.3.2", 520.0),
    package("media-libs/harfbuzz", "12.2.0", 95.0),
    package("media-libs/freetype", "2.14.1-r1", 35.0),
    package("media-libs/fontconfig", "2.17.1", 28.0),
    package("media-libs/opencv", "4.12.0", 1350.0),
    package("media-libs/libsdl2", "2.32.10", 32.0),
    package("media-libs/libsdl3", "3.2.28", 140.0),
    package("media-libs/vulkan-loader", "1.4.335", 24.0),
    package("media-libs/libavif", "1.3.0", 30.0),
    package("media-libs/libjxl", "0.11.1", 260.0),
    package("media-libs/x265", "4.1-r2", 175.0),
    package("media-libs/x264", "0.0.20250911", 40.0),
    package("media-libs/libaom", "3.13.1", 190.0),
    package("media-libs/svt-av1", "3.1.2", 110.0),
    package("media-libs/dav1d", "1.5.2", 38.0),
    package("media-libs/gstreamer", "1.26.10", 85.0),
    package("media-libs/gst-plugins-base", "1.26.10", 90.0),
    package("media-libs/libheif", "1.20.2", 75.0),
    package("media-video/ffmpeg", "8.0.1", 340.0),
    package("media-video/pipewire", "1.4.9", 130.0),
    package("media-video/wireplumber", "0.5.12", 35.0),
    package("media-video/mpv", "0.40.0-r2", 95.0),
    package("media-video/obs-studio", "32.0.4", 360.0),
    package("media-video/vlc", "3.0.22", 350.0),
    package("media-gfx/gimp", "3.0.6-r1", 640.0),
    package("media-gfx/inkscape", "1.4.3", 900.0),
    package("media-gfx/imagemagick", "7.1.2.11", 120.0),
    package("media-gfx/blender", "4.5.5", 2600.0),
    package("media-gfx/krita", "5.2.13", 980.0),
    package("media-sound/audacity", "3.7.7", 560.0),
    package("dev-libs/boost", "1.89.0", 370.0),
    package("dev-libs/icu", "78.1", 150.0),
    package("dev-libs/openssl", "3.5.4", 200.0),
    package("dev-libs/glib", "2.86.3", 115.0),
    package("dev-libs/libxml2", "2.15.1", 52.0),
    package("dev-libs/libxslt", "1.1.45", 24.0),
    package("dev-libs/protobuf", "33.2", 310.0),
    package("dev-libs/nss", "3.119", 95.0),
    package("dev-libs/nspr", "4.38.2", 22.0),
    package("dev-libs/re2", "0.2025.11.05", 48.0),
    package("dev-libs/libgit2", "1.9.2", 42.0),
    package("dev-libs/weston", "14.0.2", 70.0),
    package("dev-libs/wayland", "1.24.0", 16.0),
    package("dev-libs/gobject-introspection", "1.86.0", 55.0),
    package("dev-libs/elfutils", "0.194", 58.0),
    package("dev-libs/jansson", "2.14.1", 15.0),
    package("dev-libs/libpcre2", "10.47", 38.0),
    package("dev-db/postgresql", "18.1", 420.0),
    package("dev-db/mariadb", "11.8.5", 1450.0),
    package("dev-db/sqlite", "3.51.1", 85.0),
    package("dev-db/redis", "8.4.0", 130.0),
    package("dev-build/cmake", "4.2.1", 330.0),
    package("dev-build/meson", "1.10.0", 18.0),
    package("dev-build/ninja", "1.13.2", 24.0),
    package("dev-build/bazel", "8.4.2", 1150.0),
    package("dev-util/ccache", "4.12.2", 75.0),
    package("dev-util/perf", "6.18", 60.0),
    package("dev-vcs/git", "2.52.0", 120.0),
    package("dev-python/numpy", "2.3.5", 280.0),
    package("dev-python/scipy", "1.16.3", 1250.0),
    package("dev-python/pandas", "2.3.3", 780.0),
    package("dev-python/cryptography", "46.0.3", 110.0),
    package("dev-python/lxml", "6.0.2", 80.0),
    package("dev-python/pyqt6", "6.10.1", 420.0),
    package("dev-python/matplotlib", "3.10.8", 130.0),
    package("sys-apps/systemd", "258.3", 230.0),
    package("sys-apps/coreutils", "9.9", 95.0),
    package("sys-apps/util-linux", "2.41.3", 90.0),
    package("sys-apps/portage", "3.0.70", 32.0),
    package("sys-apps/sandbox", "2.46", 20.0),
    package("sys-apps/dbus", "1.16.2", 26.0),
    package("sys-apps/fwupd", "2.0.18", 88.0),
    package("sys-apps/shadow", "4.18.0", 34.0),
    package("sys-fs/zfs", "2.4.0", 160.0),
    package("sys-fs/btrfs-progs", "6.17.1", 45.0),
    package("sys-fs/e2fsprogs", "1.47.3", 40.0),
    package("sys-kernel/gentoo-kernel", "6.18.2", 1900.0),
    package("sys-libs/glibc", "2.42-r3", 620.0),
    package("sys-libs/ncurses", "6.5_p20251115", 75.0),
    package("sys-libs/zlib", "1.3.1-r1", 10.0),
    package("sys-process/htop", "3.4.1", 12.0),
    package("app-editors/vim", "9.1.1972", 85.0),
    package("app-editors/emacs", "30.2", 310.0),
    package("app-editors/neovim", "0.11.5", 70.0),
    package("app-editors/nano", "8.7", 16.0),
    package("app-emulation/qemu", "10.1.3", 690.0),
    package("app-emulation/wine-staging", "10.20", 1600.0),
    package("app-emulation/libvirt", "11.10.0", 210.0),
    package("app-containers/podman", "5.7.1", 140.0),
    package("app-containers/docker", "29.1.3", 170.0),
    package("app-shells/bash", "5.3_p9", 48.0),
    package("app-shells/zsh", "5.9-r9", 42.0),
    package("app-text/poppler", "25.12.0", 150.0),
    package("app-text/texlive-core", "2024-r3", 330.0),
    package("app-crypt/gnupg", "2.5.14", 62.0),
    package("app-arch/zstd", "1.5.7-r1", 30.0),
    package("app-arch/libarchive", "3.8.4", 34.0),
    package("net-misc/curl", "8.17.0-r1", 68.0),
    package("net-misc/openssh", "10.2_p1", 72.0),
    package("net-misc/networkmanager", "1.54.3", 165.0),
    package("net-fs/samba", "4.23.4", 520.0),
    package("net-dns/bind", "9.20.16", 105.0),
    package("net-analyzer/wireshark", "4.6.2", 610.0),
    package("net-print/cups", "2.4.16", 55.0),
    package("www-servers/nginx", "1.29.4", 58.0),
    package("games-emulation/dolphin", "2512", 520.0),
    package("sci-libs/hdf5", "1.14.6", 180.0),
    package("sci-mathematics/z3", "4.15.4", 720.0),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_bump_raises_the_last_number_and_drops_the_suffix() {
        assert_eq!(raise("25.8.4.2", 0), "25.8.4.2");
        assert_eq!(raise("25.8.4.2", 1), "25.8.4.3");
        assert_eq!(raise("6.5_p20251115", 2), "6.7");
        assert_eq!(raise("1.3.1-r1", 1), "1.3.2");
        assert_eq!(raise("2512", 1), "2513");
    }

    #[test]
    fn the_catalogue_names_each_package_once_and_spans_seconds_to_hours() {
        let atoms: HashSet<String> = CATALOGUE.iter().map(|package| package.atom(0)).collect();
        assert_eq!(atoms.len(), CATALOGUE.len());
        assert!(CATALOGUE.len() >= 150);
        assert!(CATALOGUE.iter().any(|package| package.median < 20.0));
        assert!(CATALOGUE.iter().any(|package| package.median > 3.0 * 3600.0));
    }
}
