//! Words that are public by themselves: the site's own vocabulary and common package names.
//!
//! The leak guard asks here whether an internal name is also an ordinary word. A host called `queue` or
//! `mesa` must be matched as a whole value only; otherwise its name would withhold every section for ever. A
//! word that is missing here costs a withheld row, a word too many costs one name its search inside texts.

/// Words of the public vocabulary, lower case, sorted and unique.
///
/// Members of every closed set, words of document keys, names of disks, months, days, and every word of the
/// sentences that the pages and notices are made of.
#[rustfmt::skip]
pub(crate) const WORDS: &[&str] = &[
    "a", "able", "aborted", "about", "absent", "accessible", "active", "add", "after", "again", "age",
    "ago", "ahead", "alerts", "all", "allowed", "ambiguous", "an", "and", "another", "answer", "answered",
    "answers", "any", "anything", "api", "apr", "april", "archive", "are", "around", "as", "as_of", "asc",
    "assigned", "assigned_at", "at", "attention", "aug", "august", "availability", "back", "backlog",
    "backlog_growing", "bad", "bad_body", "bad_parameter", "bad_status", "badge", "base", "basis", "be",
    "been", "before", "began", "below", "binary", "blind", "blocked", "body", "boot", "booted", "booted_at",
    "build", "build_seconds", "builder", "builders", "building", "building_short", "building_since",
    "builds", "built", "built_at", "busy", "but", "by", "bytes", "cached", "came", "can", "cannot", "case",
    "category", "center", "change", "changed", "changed_at", "characters", "check", "checked", "checked_at",
    "claimed", "clear", "code", "codes", "command", "compiled", "compiling", "completed", "completion",
    "config", "configured", "connection", "contact", "contains", "convicted", "copy", "cores", "could",
    "count", "counts", "coverage", "coverage_percent", "cpu", "cpu_percent", "created", "created_at",
    "critical", "csv", "current", "current_task", "dashboard", "data", "day", "days", "debug", "dec",
    "december", "degraded", "delegated", "delta", "deltas", "demo", "demonstration", "desc", "did", "disk",
    "disk_full", "disks", "do", "document", "documents", "done", "doubled", "down", "drain", "drone",
    "drone_busy", "drone_offline", "drones", "dropped", "duration", "duration_seconds", "eight", "elapsed",
    "empty", "end", "end_at", "ended", "epoch", "error", "estimate", "ever", "every", "everything",
    "excluded", "exist", "expected", "expected_finish_at", "expected_next", "expected_start_at", "failed",
    "failed_on_every_able_drone", "failed_on_several_drones", "failed_repeatedly", "failing", "failure",
    "failures", "false", "farm", "faster", "fault", "faults", "feb", "february", "feed", "fewer", "filter",
    "filters", "finish", "finished", "finished_at", "finishing", "firing", "first", "for", "format",
    "forms", "found", "free", "fresh", "fri", "friday", "from", "full", "galaxies", "galaxy", "gateway",
    "gateway_silent", "gentoo", "get", "gib", "global", "gmt", "go", "gone", "good", "grew", "grounded",
    "grounded_until", "growing", "guard", "had", "half", "handed", "has", "hash", "have", "health",
    "heartbeat", "held", "held_by_operator", "here", "high", "high_at", "high_seconds", "history", "hold",
    "holds", "home", "host", "host_down", "hosts", "hour", "hours", "id", "idle", "idle_blocked", "if",
    "immutable", "in", "in_line", "info", "infrastructure", "instance", "interrupted", "invalid", "io",
    "ip", "is", "it", "item", "items", "jan", "january", "javascript", "job", "json", "jul", "july", "jun",
    "june", "just", "kept", "kib", "known", "label", "large", "last", "last_24h", "last_seen", "late",
    "latency", "latency_ms", "leak", "left", "level", "levels", "line", "lines", "list", "load", "load_15m",
    "load_1m", "load_5m", "logs", "loki", "lost", "low", "low_at", "low_seconds", "many", "mar", "march",
    "masked", "match", "matches", "may", "measured", "measured_by", "median", "median_at",
    "median_duration_seconds", "median_seconds", "memory", "memory_gib", "memory_level", "memory_percent",
    "memory_total_bytes", "message", "meta", "method", "method_not_allowed", "metrics", "mib", "min",
    "minute", "minutes", "missing", "missing_binary", "mon", "monday", "month", "months", "more", "most",
    "move", "ms", "must", "name", "names", "needed", "never", "newer", "news", "next", "next_ms", "no",
    "no_completion", "no_drone", "no_drone_able", "no_drone_idle", "no_drone_online", "none", "not",
    "not_found", "note", "notes", "nothing", "notice", "notices", "nov", "november", "null", "number",
    "observed", "observed_percent", "oct", "october", "of", "offline", "offline_after", "offline_since",
    "ok", "old", "oldest", "oldest_finished_at", "oldest_since", "on", "once", "one", "online", "only",
    "op", "operator", "ops", "opt", "optional", "options", "or", "orchestrator", "orchestrator_late",
    "orchestrator_silent", "order", "other", "out", "overdue", "package", "packages", "page", "pages",
    "panel", "parameter", "part", "paused", "paused_finishing", "pending", "per", "per_page", "percent",
    "plausible", "poll", "portage", "position", "present", "prev", "probe", "probes", "progress",
    "prometheus", "protocol", "pseudonym", "published", "queue", "queued", "ram", "rate", "reached",
    "reaches", "real", "really", "reason", "reasons", "received", "recent", "reconnecting", "recorded",
    "recording", "redirect", "redirected", "refused", "refuses", "relative", "reload", "remaining",
    "remove", "repeated", "repeatedly", "report", "requests", "restarted", "restarting", "restored",
    "result", "retry", "retry_after_ms", "returned", "role", "root", "runs", "samples", "sat", "saturday",
    "says", "scope", "script", "second", "seconds", "seen", "sentence", "sep", "september", "seq",
    "server_time", "service", "service_name", "services", "session", "session_done", "set", "several",
    "severity", "shape", "short", "short_handed", "should", "show", "showing", "shows", "silent",
    "simulated", "since", "singular", "sleep", "snapshot", "soon", "sort", "source", "source_stale",
    "sources", "srv", "stale", "stale_after", "stalled", "start", "started", "started_at", "starting",
    "state", "state_since", "status", "status_since", "step", "step_seconds", "still", "stuck", "success",
    "success_rate_percent", "such", "summary", "sun", "sunday", "swarm", "sweeper", "sweepers", "systems",
    "tab", "task", "text", "than", "that", "the", "then", "there", "they", "this", "three", "thu",
    "thursday", "time", "timeout", "times", "timestamp", "title", "tls", "tmp", "to", "today", "tomorrow",
    "too", "too_large", "too_many_requests", "total", "total_bytes", "tried", "true", "truncated", "tue",
    "tuesday", "type", "unavailable", "uncounted", "understood", "unknown", "unreachable", "unspecified",
    "until", "up", "up_percent", "upload", "upload_failed", "uptime", "use", "used", "used_percent", "usr",
    "utc", "value", "values", "var", "verdict", "version", "wait", "waiting", "waits", "warning", "was",
    "wed", "wednesday", "week", "weeks", "went", "were", "what", "when", "where", "will", "window",
    "window_hours", "window_seconds", "wins", "with", "withheld", "within", "word", "words", "work", "year",
    "years", "yes", "yesterday", "yet", "z",
];

/// Names (without category) of common Gentoo packages, lower case, sorted and unique.
#[rustfmt::skip]
pub(crate) const PACKAGE_NAMES: &[&str] = &[
    "accountsservice", "acl", "acpi", "acpid", "adobe-flash", "adwaita-icon-theme", "akonadi",
    "akonadi-calendar", "akonadi-contacts", "akonadi-import-wizard", "akonadi-mime", "akonadi-notes",
    "akonadi-search", "akonadiconsole", "akregator", "alacritty", "alsa-lib", "alsa-plugins", "alsa-utils",
    "amd-ucode", "ansible", "ant", "apache", "apg", "appstream", "apr", "apr-util", "argon2", "aria2",
    "ark", "aspell", "assimp", "at-spi2-core", "atk", "atril", "attica", "attr", "audacity", "audiocd-kio",
    "audit", "autoconf", "autoconf-archive", "autofs", "autogen", "automake", "avahi", "avfs", "awesome",
    "awscli", "babel", "babl", "backuppc", "baloo", "baloo-widgets", "bash", "bash-completion", "bat", "bc",
    "bcache-tools", "binary", "bind", "bind-tools", "binutils", "binutils-libs", "bison", "blender", "blis",
    "blueman", "bluez", "bluez-qt", "boehm-gc", "boinc", "boost", "borgbackup", "botan", "bpftool",
    "brave-bin", "breeze", "breeze-icons", "brotli", "btop", "btrfs-progs", "bubblewrap", "busybox",
    "bwm-ng", "byobu", "bzip2", "c-ares", "ca-certificates", "cabal", "cabextract", "cachefilesd", "caddy",
    "cairo", "cairomm", "calendarjanitor", "calendarsupport", "calibre", "calligra", "cantarell",
    "capnproto", "cargo", "catch", "ccache", "cdparanoia", "cdrtools", "celluloid", "ceph", "certbot",
    "chromium", "chromium-bin", "chrony", "cifs-utils", "cinnamon", "clamav", "clang", "clang-common",
    "clang-runtime", "claws-mail", "clinfo", "clisp", "cln", "cmake", "cmocka", "cmus", "collectd",
    "colord", "compiler-rt", "composer", "conky", "consolekit", "containerd", "coreutils", "courier-imap",
    "cpio", "cppcheck", "cppunit", "cpuid2cpuflags", "cracklib", "cri-o", "crictl", "cronie", "cryptsetup",
    "cscope", "cups", "cups-filters", "curl", "cyrus-sasl", "cython", "dante", "darktable", "db", "dbus",
    "dbus-glib", "dconf", "ddcutil", "ddrescue", "debianutils", "debugedit", "deluge", "designer",
    "desktop-file-utils", "device-mapper", "devtodo", "dhcp", "dhcpcd", "dia", "dialog", "diffoscope",
    "diffutils", "digikam", "discord", "distcc", "dmenu", "dmidecode", "dmraid", "dnsmasq",
    "docbook-xml-dtd", "docbook-xsl-stylesheets", "docker", "docker-cli", "docker-compose",
    "docker-machine-kvm", "dolphin", "dolphin-plugins", "dosbox", "dosfstools", "dotnet-sdk", "dovecot",
    "doxygen", "dracut", "dragon", "drkonqi", "dropbear", "dtc", "duktape", "dunst", "duplicity", "dwm",
    "e2fsprogs", "ebtables", "ed", "edk2", "edk2-bin", "edk2-ovmf", "efibootmgr", "efivar", "eigen", "eix",
    "elasticsearch", "electron", "elfutils", "elinks", "elixir", "elogind", "elt-patches", "emacs", "encfs",
    "enchant", "encodings", "eog", "epiphany", "erlang", "esbuild", "eselect", "etcd", "ethtool", "eudev",
    "eventviews", "evince", "evolution", "evolution-data-server", "exa", "exfat-utils", "exiftool", "exim",
    "exiv2", "expat", "expect", "extra-cmake-modules", "f2fs-tools", "fail2ban", "fakeroot", "fastfetch",
    "fcron", "fd", "feh", "ffmpeg", "ffmpegthumbnailer", "ffmpegthumbs", "fftw", "fig2dev", "file",
    "file-roller", "filelight", "findutils", "firefox", "firefox-bin", "firejail", "fish", "flac",
    "flameshot", "flashrom", "flatpak", "flex", "fluidsynth", "fluxbox", "fmt", "folly", "font-util",
    "fontconfig", "fontforge", "foot", "fop", "fquery", "frameworkintegration", "freedesktop-icon-theme",
    "freefont", "freeglut", "freeipmi", "freetds", "freetype", "fribidi", "fuse", "fuse-common",
    "fuse-exfat", "fwupd", "fzf", "gajim", "game-music-emu", "gawk", "gcc", "gcc-config", "gcr", "gdal",
    "gdb", "gdbm", "gdk-pixbuf", "gdm", "geany", "gedit", "gegl", "gentoo-functions", "gentoo-kernel",
    "gentoo-kernel-bin", "gentoo-sources", "gentoo-syntax", "gentoolkit", "geoclue", "geoip", "gettext",
    "gflags", "ghc", "ghostscript", "ghostscript-gpl", "giflib", "gimp", "git", "git-lfs", "gitea",
    "github-cli", "gitlab", "glade", "glances", "glew", "glfw", "glib", "glib-networking", "glib-utils",
    "glibc", "glibmm", "glm", "glmark2", "glog", "glpk", "gmime", "gmmlib", "gmock", "gmp", "gn", "gnome",
    "gnome-desktop", "gnome-shell", "gnome-terminal", "gnucash", "gnumeric", "gnupg", "gnuplot", "gnutls",
    "go", "gobject-introspection", "golop", "google-chrome", "googletest", "gpgme", "gpm", "gpsd",
    "gptfdisk", "gradle", "grafana", "grafana-bin", "grantlee-editor", "grantleetheme", "graphene",
    "graphite2", "graphviz", "grep", "grim", "groff", "gromacs", "grpc", "grub",
    "gsettings-desktop-schemas", "gsl", "gst-plugins-bad", "gst-plugins-base", "gst-plugins-good",
    "gst-plugins-ugly", "gstreamer", "gtest", "gtk", "gtk+", "gtk-doc", "gtk-vnc", "gtkmm", "gtksourceview",
    "guava", "guile", "gvfs", "gwenview", "gzip", "haproxy", "harfbuzz", "hashable", "hashcat",
    "hashtables", "haskell-updater", "haveged", "hdf5", "hdparm", "heimdal", "help2man", "hexchat",
    "hfsutils", "hicolor-icon-theme", "highlight", "hostapd", "htop", "httpie", "hugo", "hunspell",
    "hwdata", "hwids", "hwloc", "hyperfine", "hyprland", "i2c-tools", "i3", "i3lock", "i3status", "icecat",
    "icecream", "icedtea", "icon-naming-utils", "icu", "iftop", "igt-gpu-tools", "imagemagick", "imath",
    "imlib2", "incidenceeditor", "incus", "influxdb", "inkscape", "inotify-tools", "intel-gpu-tools",
    "intel-media-driver", "intel-microcode", "intltool", "iotop", "iperf", "iproute2", "ipset", "iptables",
    "iputils", "irqbalance", "irssi", "isl", "iso-codes", "itstool", "iucode_tool", "iw", "iwd", "jack",
    "jack2", "jansson", "jasper", "java-config", "jellyfin", "jemalloc", "jenkins", "jenkins-bin", "jetty",
    "jo", "joe", "john", "jq", "json-c", "json-glib", "jsoncpp", "juk", "julia", "junit", "just", "k3b",
    "kactivities", "kactivities-stats", "kactivitymanagerd", "kaddressbook", "kafka", "kakoune", "kalarm",
    "kalarmcal", "kamera", "kapptemplate", "karchive", "kate", "kauth", "kbd", "kbookmarks", "kcachegrind",
    "kcalc", "kcalcore", "kcalutils", "kcmutils", "kcodecs", "kcolorchooser", "kcompletion", "kconfig",
    "kconfigwidgets", "kcontacts", "kcoreaddons", "kcrash", "kdav", "kdbusaddons", "kde-cli-tools",
    "kde-dev-scripts", "kde-dev-utils", "kdebase-meta", "kdeclarative", "kdeconnect", "kdecoration",
    "kdecore-meta", "kded", "kdegraphics-meta", "kdegraphics-mobipocket", "kdelibs4support",
    "kdemultimedia-meta", "kdenetwork-filesharing", "kdenlive", "kdepim-addons", "kdepim-apps-libs",
    "kdepim-meta", "kdepim-runtime", "kdeplasma-addons", "kdesdk-kioslaves", "kdesdk-meta",
    "kdesdk-thumbnailers", "kdesignerplugin", "kdesu", "kdewebkit", "kdialog", "kdnssd", "kdoctools",
    "keditbookmarks", "keepassxc", "kemoticons", "kexec-tools", "keybase", "keyutils", "kfilemetadata",
    "kfind", "kgamma", "kget", "kglobalaccel", "kgpg", "kguiaddons", "kholidays", "khotkeys", "khtml",
    "ki18n", "kicad", "kiconthemes", "kidentitymanagement", "kidletime", "kimageformats", "kimap",
    "kinfocenter", "kinit", "kio", "kio-extras", "kirigami", "kitemmodels", "kitemviews", "kitty",
    "kjobwidgets", "kjs", "kjsembed", "kldap", "kleopatra", "kmail", "kmail-account-wizard",
    "kmailtransport", "kmbox", "kmenuedit", "kmime", "kmix", "kmod", "kmplot", "kmymoney", "knewstuff",
    "knot", "knotes", "knotifications", "knotifyconfig", "kodi", "kolourpaint", "kompare", "konqueror",
    "konsole", "konsolekalendar", "kontact", "kontactinterface", "korganizer", "kpackage", "kparts",
    "kpeople", "kpimtextedit", "kpty", "krb5", "krdc", "krfb", "krita", "kross", "kross-interpreters",
    "kruler", "krunner", "kscreen", "kscreenlocker", "kservice", "ksmtp", "ksshaskpass", "ksysguard",
    "ktexteditor", "ktextwidgets", "ktorrent", "kubectl", "kubernetes", "kunitconversion", "kwallet",
    "kwallet-pam", "kwalletmanager", "kwave", "kwayland", "kwayland-integration", "kwidgetsaddons", "kwin",
    "kwindowsystem", "kwrite", "kwrited", "kxmlgui", "kxmlrpcclient", "lame", "lapack", "latexmk", "lcms",
    "leptonica", "less", "leveldb", "lftp", "libarchive", "libart_lgpl", "libass", "libassuan",
    "libatomic_ops", "libbpf", "libbsd", "libburn", "libcanberra", "libcap", "libcap-ng", "libcdr",
    "libclc", "libcxx", "libcxxabi", "libdrm", "libebook", "libedit", "libepoxy", "libepubgen", "libevdev",
    "libevent", "libffi", "libfido2", "libfreehand", "libgcrypt", "libgit2", "libglvnd", "libgpg-error",
    "libgravatar", "libgudev", "libhandy", "libical", "libidn2", "libimobiledevice", "libinput", "libixion",
    "libjpeg-turbo", "libkcddb", "libkcompactdisc", "libkdcraw", "libkdepim", "libkexiv2", "libkgapi",
    "libkipi", "libkleo", "libkomparediff2", "libksane", "libksba", "libkscreen", "libksieve",
    "libksysguard", "libktnef", "libmicrohttpd", "libmnl", "libmpeg2", "libmspub", "libndp", "libnftnl",
    "libnl", "libnotify", "libogg", "libomp", "liborcus", "libpcap", "libpciaccess", "libpipeline",
    "libplacebo", "libpng", "libpsl", "libqalculate", "libqxp", "libraw", "libreoffice", "libreoffice-bin",
    "libreoffice-l10n", "librewolf", "librsvg", "libsamplerate", "libseccomp", "libsecret", "libsigsegv",
    "libslirp", "libsndfile", "libsodium", "libsoup", "libssh", "libssh2", "libtasn1", "libtirpc",
    "libtool", "libtorrent", "libtorrent-rasterbar", "libunistring", "libunwind", "liburcu", "liburing",
    "libusb", "libuv", "libva", "libvdpau", "libverto", "libvirt", "libvisio", "libvorbis", "libvpx",
    "libwacom", "libwebp", "libx11", "libxau", "libxcb", "libxcrypt", "libxcursor", "libxext", "libxfixes",
    "libxft", "libxi", "libxinerama", "libxkbcommon", "libxml2", "libxrandr", "libxrender", "libxslt",
    "libxt", "libxtst", "libyaml", "libzmf", "lightdm", "lighttpd", "linguist-tools", "linux-firmware",
    "linux-headers", "lld", "lldb", "llvm", "llvm-common", "lm-sensors", "lmdb", "logrotate", "lokalize",
    "lolcat", "lsof", "lsscsi", "lttng-ust", "lua", "luajit", "luarocks", "lutris", "lvm2", "lxc", "lxd",
    "lynx", "lz4", "lzip", "lzo", "m17n-lib", "m4", "macchanger", "mailcommon", "mailimporter", "mailutils",
    "make", "makedev", "mako", "man-db", "man-pages", "marble", "mariadb", "mariadb-connector-c", "masscan",
    "mate", "maturin", "maven", "maxima", "mbedtls", "mbox-importer", "mc", "mcelog", "mcpp", "mdadm",
    "mediainfo", "megatools", "meld", "memcached", "memtest86+", "mercurial", "mesa", "mesa-progs", "meson",
    "meson-python", "messagelib", "metasploit", "micro", "milou", "mimalloc", "minicom", "minio",
    "mit-krb5", "mksh", "mlocate", "mod_wsgi", "mongo-tools", "mongodb", "monit", "mono", "mosh",
    "mosquitto", "motif", "mpc", "mpd", "mpfr", "mpg123", "mplayer", "mpv", "mtl", "mtools", "mtr",
    "mumble", "munin", "mupdf", "murmur", "mutt", "mutter", "mypaint", "mysql", "mysql-connector-c",
    "nagios", "nano", "nasm", "nautilus", "ncdu", "ncmpcpp", "ncurses", "neofetch", "neomutt", "neon",
    "neovim", "net-snmp", "net-tools", "netcat", "netcdf", "netdata", "netifrc", "nettle", "networkmanager",
    "networkmanager-qt", "newsboat", "newt", "nextcloud", "nfs-utils", "nftables", "nghttp2", "nghttp3",
    "nginx", "ninja", "nmap", "nodejs", "nomad", "notmuch", "npth", "nspr", "nss", "ntfs3g", "ntp",
    "numactl", "numpy", "nvidia-cuda-toolkit", "nvidia-drivers", "nvme-cli", "nvtop", "obs-studio", "ocaml",
    "octave", "ois", "okteta", "okular", "ollama", "onednn", "oniguruma", "opam", "openal", "openblas",
    "opencl-headers", "opencolorio", "opencv", "openexr", "openh264", "openjdk", "openjdk-bin", "openjpeg",
    "openldap", "openmpi", "openntpd", "openrc", "openresolv", "opensc", "openscad", "opensm", "opensmtpd",
    "openssh", "openssl", "openvpn", "openvswitch", "opus", "orc", "os-prober", "ospray", "ostree",
    "oxygen", "oxygen-icons", "p11-kit", "p7zip", "packagekit", "pahole", "pam", "pambase", "pandas",
    "pandoc", "pango", "pangomm", "papirus-icon-theme", "parallel", "paramiko", "parsec", "parted", "pass",
    "passt", "patch", "patchelf", "patchutils", "pavucontrol", "pax-utils", "pciutils", "pcre", "pcre2",
    "pcsc-lite", "perf", "perl", "perl-cleaner", "pgadmin4", "pgbouncer", "phonon", "php", "phpmyadmin",
    "pidgin", "pigz", "pillow", "pim-data-exporter", "pim-sieve-editor", "pimcommon", "pinentry", "pip",
    "pipewire", "pixman", "pkgcheck", "pkgconf", "pkgconfig", "pkgcore", "plasma", "plasma-desktop",
    "plasma-integration", "plasma-meta", "plasma-nm", "plasma-pa", "plasma-redshift-control",
    "plasma-vault", "plasma-workspace", "plasma-workspace-wallpapers", "plocate", "ply", "plymouth",
    "pm-utils", "podman", "polkit", "polkit-kde-agent", "polkit-qt", "poppler", "poppler-data", "popt",
    "portage", "portage-utils", "portaudio", "postfix", "postgresql", "powerdevil", "powerstat", "powertop",
    "poxml", "ppl", "ppp", "pqlop", "primitive", "print-manager", "prison", "procps", "proftpd",
    "prometheus", "prosody", "protobuf", "proxychains", "psmisc", "psutil", "pulseaudio",
    "pulseaudio-daemon", "pv", "pybind11", "pycairo", "pygobject", "pypy", "pypy3", "pyqt5", "pyqt6",
    "pytest", "python", "python-exec", "pytorch", "pyyaml", "qbittorrent", "qca", "qdbus", "qdirstat",
    "qemu", "qemu-guest-agent", "qjackctl", "qpdf", "qqc2-desktop-style", "qt-creator", "qt5ct", "qt6ct",
    "qtbase", "qtconcurrent", "qtcore", "qtdbus", "qtdeclarative", "qtgraphicaleffects", "qtgui", "qthelp",
    "qtimageformats", "qtmultimedia", "qtnetwork", "qtopengl", "qtpaths", "qtprintsupport",
    "qtquickcontrols", "qtquickcontrols2", "qtscript", "qtsensors", "qtshadertools", "qtsql", "qtsvg",
    "qttest", "qttools", "qtvirtualkeyboard", "qtwayland", "qtwebchannel", "qtwebengine", "qtwebkit",
    "qtwidgets", "qtx11extras", "qtxml", "qtxmlpatterns", "quagga", "quassel", "quota", "qutebrowser", "r",
    "rabbitmq-server", "racket", "radeontop", "radvd", "ragel", "rails", "rake", "ranger", "rapidjson",
    "raptor", "rasdaemon", "rclone", "rdesktop", "re2", "re2c", "readline", "recode", "redis", "redshift",
    "regex-base", "regex-compat", "regex-posix", "remmina", "restic", "rhash", "rhythmbox", "ripgrep",
    "rkhunter", "rocksdb", "rocm", "rofi", "rpcbind", "rpcsvc-proto", "rpm", "rrdtool", "rsync", "rsyslog",
    "rtkit", "rtorrent", "ruby", "ruby-build", "rubygems", "runc", "rust", "rust-analyzer", "rust-bin",
    "rustup", "rxvt-unicode", "s-nail", "samba", "sane-backends", "sbcl", "scala", "scipy", "scons",
    "scour", "screen", "scummvm", "sddm", "sddm-kcm", "sdl2-image", "seabios", "seatd", "sed", "selinux",
    "sendmail", "sgabios", "sgml-common", "shaderc", "shadow", "shared-mime-info", "shellcheck",
    "signal-desktop-bin", "simde", "simplejson", "sip", "skopeo", "slang", "slim", "slirp4netns", "slock",
    "slurm", "slurp", "smartmontools", "snapper", "snappy", "snort", "socat", "solid", "solr", "sonnet",
    "sound-theme-freedesktop", "soundtouch", "sox", "spamassassin", "spectacle", "speech-dispatcher",
    "speedtest-cli", "speex", "sphinx", "spice", "spidermonkey", "spirv-headers", "spirv-llvm-translator",
    "spirv-tools", "splix", "sqlite", "sqlitebrowser", "squashfs-tools", "squid", "sshfs", "sssd",
    "stalonetray", "startup-notification", "steam-launcher", "strace", "stress", "stress-ng", "strongswan",
    "stunnel", "subversion", "sudo", "suitesparse", "supertux", "suricata", "svgpart", "sway", "swaybg",
    "swayidle", "swaylock", "swi-prolog", "swig", "syncthing", "syndication", "syntax-highlighting",
    "sysfsutils", "syslinux", "syslog-ng", "sysprof", "sysstat", "system-config-printer", "systemd",
    "systemd-boot", "systemd-utils", "systemsettings", "systemtap", "sysvinit", "t1lib", "taglib", "talloc",
    "tar", "tbb", "tcl", "tcpdump", "tcpreplay", "tcsh", "tdb", "tdlib", "telegram-desktop", "telepathy",
    "tensorflow", "terminator", "terraform", "tesseract", "tevent", "texinfo", "texlive", "texlive-core",
    "texmaker", "texstudio", "text", "thermald", "thin-provisioning-tools", "threadweaver", "thumbnailers",
    "thunar", "thunderbird", "thunderbird-bin", "tidy-html5", "tig", "tigervnc", "time", "timezone-data",
    "timidity++", "tini", "tinyxml2", "tk", "tmux", "tomcat", "tor", "totem", "tpm2-tools", "tpm2-tss",
    "traceroute", "tracker", "transformers", "transmission", "tree", "tree-sitter", "tzdata",
    "u-boot-tools", "ucl", "udev", "udisks", "ufw", "umbrello", "umockdev", "unbound", "unicode-data",
    "unifi", "unison", "unixodbc", "unrar", "unzip", "upower", "upx", "urxvt", "usbmuxd", "usbredir",
    "usbutils", "user-manager", "utf8proc", "util-linux", "util-macros", "uv", "uwsgi", "v4l-utils", "v8",
    "vala", "valgrind", "varnish", "vault", "vde", "vdpauinfo", "vector", "velero", "vidstab", "vim",
    "vim-core", "virglrenderer", "virt-manager", "virt-viewer", "virtiofsd", "virtualbox",
    "virtualbox-modules", "virtualenv", "visidata", "vlc", "vnstat", "volk", "volume_key", "vpnc", "vscode",
    "vscodium", "vsftpd", "vte", "vtk", "vulkan-headers", "vulkan-layers", "vulkan-loader", "vulkan-tools",
    "w3m", "waybar", "wayland", "wayland-protocols", "wayland-scanner", "wayland-utils", "webkit-gtk",
    "weechat", "wesnoth", "weston", "wezterm", "wget", "wget2", "which", "wine", "wine-mono", "wine-proton",
    "wine-staging", "wine-vanilla", "winetricks", "wireguard-tools", "wireless-regdb", "wireless-tools",
    "wireplumber", "wireshark", "wl-clipboard", "wmctrl", "wofi", "wpa_supplicant", "wxgtk", "x264", "x265",
    "xapian", "xarchiver", "xauth", "xbacklight", "xbindkeys", "xbitmaps", "xcb-proto", "xcb-util", "xclip",
    "xdg-desktop-portal", "xdg-user-dirs", "xdg-utils", "xdotool", "xen", "xen-tools", "xerces-c",
    "xf86-input-libinput", "xf86-video-amdgpu", "xfce4-meta", "xfce4-panel", "xfsprogs", "xfwm4", "xinit",
    "xinput", "xkbcomp", "xkeyboard-config", "xmlsec", "xmlto", "xmms2", "xmonad", "xorg-proto",
    "xorg-server", "xorriso", "xournalpp", "xrandr", "xsane", "xscreensaver", "xset", "xterm", "xtrans",
    "xvid", "xwayland", "xxhash", "xz", "xz-utils", "yacas", "yakuake", "yaml-cpp", "yara", "yarn", "yasm",
    "yelp", "ykpers", "youtube-dl", "yt-dlp", "yubikey-manager", "z3", "zabbix", "zathura", "zeitgeist",
    "zellij", "zeroconf-ioslave", "zeromq", "zfs", "zfs-kmod", "zig", "zip", "zlib", "zlib-ng", "znc",
    "zoneminder", "zopfli", "zoxide", "zram-init", "zsh", "zsh-completions", "zstd", "zvbi", "zxing-cpp",
    "zziplib",
];

/// Whether `word` is a word of the public vocabulary or a common package name, without regard to case.
pub(crate) fn is_common_word(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    [WORDS, PACKAGE_NAMES].iter().any(|list| list.binary_search(&word.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{PACKAGE_NAMES, WORDS, is_common_word};

    #[track_caller]
    fn assert_sorted_and_lower_case(list: &[&str]) {
        for pair in list.windows(2) {
            assert!(pair[0] < pair[1], "{:?} before {:?}", pair[0], pair[1]);
        }
        for word in list {
            assert!(!word.is_empty());
            assert_eq!(*word, word.to_ascii_lowercase());
        }
    }

    #[test]
    fn the_words_are_sorted_unique_and_lower_case() {
        assert_sorted_and_lower_case(WORDS);
    }

    #[test]
    fn the_package_names_are_sorted_unique_and_lower_case() {
        assert_sorted_and_lower_case(PACKAGE_NAMES);
        assert!(PACKAGE_NAMES.len() >= 600, "{} names", PACKAGE_NAMES.len());
    }

    #[test]
    fn ordinary_words_are_common_without_regard_to_case() {
        for word in [
            "drone",
            "Queue",
            "MESA",
            "io",
            "utc",
            "February",
            "firefox",
            "offline",
            "failed_repeatedly",
            "var",
        ] {
            assert!(is_common_word(word), "{word:?}");
        }
    }

    #[test]
    fn every_word_of_the_verdicts_is_common() {
        let sentences = [
            "All systems go building packages waiting all done around",
            "Nothing can build all drones are offline packages wait",
            "Orchestrator silent since showing what was known",
            "No news from the orchestrator since it may be restarting",
            "Part of this page is held back by the leak guard",
            "is grounded until after repeated failures",
            "The queue grew from to since",
        ];
        for word in sentences.iter().flat_map(|sentence| sentence.split(' ')) {
            assert!(is_common_word(word), "{word:?}");
        }
    }

    #[test]
    fn a_name_that_only_a_homelab_has_is_not_common() {
        for word in ["", "altair-secrets", "nas-basement", "vaultwarden", "tau-host", "192.0.2.7", "drone-07"]
        {
            assert!(!is_common_word(word), "{word:?}");
        }
    }
}
