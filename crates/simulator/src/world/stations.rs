//! The machines that build nothing: where the services run, where the files lie, who watches.

/// What a station is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Runs the control plane and what else the household uses.
    Services,
    /// Keeps the packages and everybody's files.
    Storage,
    /// Watches the others.
    Monitor,
    /// One of many that only make the farm larger.
    Spare,
}

impl Purpose {
    /// A word for a configuration's `role`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Storage => "storage",
            Self::Monitor => "monitor",
            Self::Spare => "spare",
        }
    }
}

/// A machine that builds nothing, with its internal names; nothing but `star` may be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// The full host name.
    pub host: String,
    /// The address in its own network.
    pub address: String,
    /// What it is for.
    pub purpose: Purpose,
    /// How many cores it has.
    pub cores: u32,
    /// How much memory it has, in GiB.
    pub ram_gb: f64,
    /// Which galaxy it stands in.
    pub galaxy: &'static str,
    /// A name that may be published; `None` asks for a pseudonym.
    pub star: Option<&'static str>,
    /// Tells it from every other station, for good.
    pub(super) number: usize,
}

impl Station {
    /// The host name without its domain.
    #[must_use]
    pub fn short_host(&self) -> &str {
        self.host.split_once('.').map_or(&self.host, |(label, _)| label)
    }

    /// Whether `name` means this station.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.host == name || self.short_host() == name
    }
}

/// How many stations every world has at first.
pub(super) const FIRST: usize = 3;

/// The stations of every world.
pub(super) fn first() -> Vec<Station> {
    let station = |number, host: &str, address: &str, purpose, cores, ram_gb, galaxy, star| Station {
        host: host.to_owned(),
        address: address.to_owned(),
        purpose,
        cores,
        ram_gb,
        galaxy,
        star: Some(star),
        number,
    };
    vec![
        station(0, "altair-link.internal.lan", "10.42.0.12", Purpose::Services, 8, 31.0, "Milky Way", "Vega"),
        station(1, "vault-nas.internal.lan", "10.42.0.20", Purpose::Storage, 4, 62.0, "Milky Way", "Deneb"),
        station(
            2,
            "argus-watch.internal.lan",
            "192.168.20.5",
            Purpose::Monitor,
            4,
            8.0,
            "Andromeda",
            "Fomalhaut",
        ),
    ]
}

/// The spare station with the number `number`, which must be below a few million.
pub(super) fn spare(number: usize) -> Station {
    let index = number.saturating_sub(FIRST);
    Station {
        host: format!("rack-unit-{index:04}.internal.lan"),
        address: format!("100.{}.{}.{}", 65 + index / 62_500 % 60, index / 250 % 250, 1 + index % 250),
        purpose: Purpose::Spare,
        cores: 4,
        ram_gb: 16.0,
        galaxy: "Andromeda",
        star: None,
        number,
    }
}
