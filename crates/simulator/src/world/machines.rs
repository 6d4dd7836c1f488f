//! Who builds: the machines, and the networks that they stand in.

/// What a machine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes packages from the queue.
    Drone,
    /// Takes only what several drones failed to build.
    Sweeper,
}

impl Role {
    /// The word that the control plane uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drone => "drone",
            Self::Sweeper => "sweeper",
        }
    }
}

/// A network of the homelab.
#[derive(Debug, PartialEq, Eq)]
pub struct Galaxy {
    /// A name that may be published.
    pub name: &'static str,
    /// The network's addresses in CIDR form.
    pub networks: &'static [&'static str],
}

/// A machine with its internal names; nothing but `star` may be published.
#[derive(Debug, PartialEq)]
pub struct Machine {
    /// The full host name, which is also its name at the control plane.
    pub host: &'static str,
    /// The address in its own network.
    pub address: &'static str,
    /// The control plane's id, a UUID.
    pub id: &'static str,
    /// Drone or sweeper.
    pub role: Role,
    /// How many cores it offers.
    pub cores: u32,
    /// How much memory it has, in GiB.
    pub ram_gb: f64,
    /// How fast it builds; 1 is the machine that the catalogue's times were taken on.
    pub power: f64,
    /// Which galaxy it stands in.
    pub galaxy: &'static str,
    /// A name that may be published, for a configuration that claims the machine; `None` asks for a pseudonym.
    pub star: Option<&'static str>,
    /// Whether it was removed from the swarm before the world's start.
    pub retired: bool,
}

impl Machine {
    /// The host name without its domain.
    #[must_use]
    pub fn short_host(&self) -> &'static str {
        self.host.split_once('.').map_or(self.host, |(label, _)| label)
    }

    /// The first 12 characters of the id, by which rows name a machine that was removed.
    #[must_use]
    pub fn id_prefix(&self) -> &'static str {
        self.id.get(..12).unwrap_or(self.id)
    }

    /// How many packages it holds at a time: one to build and one or two in advance.
    pub(super) fn holds(&self) -> usize {
        match self.role {
            Role::Sweeper => 1,
            Role::Drone if self.cores >= 16 => 3,
            Role::Drone => 2,
        }
    }
}

/// The overlay address that every machine reports as its own.
pub const SHARED_OVERLAY_ADDRESS: &str = "fd7a:115c:a1e0::7";

/// The two networks.
pub static GALAXIES: [Galaxy; 2] = [
    Galaxy { name: "Milky Way", networks: &["10.42.0.0/24"] },
    Galaxy { name: "Andromeda", networks: &["192.168.20.0/24", "100.64.0.0/10"] },
];

/// Five drones, a sweeper, and a drone that was removed a day and a half before the start.
pub static MACHINES: [Machine; 7] = [
    Machine {
        host: "drone-izar-host.internal.lan",
        address: "10.42.0.203",
        id: "5b0d8e4c-93a1-4f27-8c6e-1d2f7a90b3e5",
        role: Role::Drone,
        cores: 16,
        ram_gb: 31.0,
        power: 1.0,
        galaxy: "Milky Way",
        star: Some("Izar"),
        retired: false,
    },
    Machine {
        host: "dr-meridian-host.internal.lan",
        address: "10.42.0.110",
        id: "c27f1a96-0e5b-4d83-b1f4-68ac30d95e17",
        role: Role::Drone,
        cores: 24,
        ram_gb: 62.0,
        power: 1.45,
        galaxy: "Milky Way",
        star: Some("Meridiana"),
        retired: false,
    },
    Machine {
        host: "tau-host.internal.lan",
        address: "10.42.0.194",
        id: "91e6c3d0-4a7b-4b12-9f58-e03b72c61da4",
        role: Role::Drone,
        cores: 8,
        ram_gb: 15.0,
        power: 0.6,
        galaxy: "Milky Way",
        star: Some("Tau Ceti"),
        retired: false,
    },
    Machine {
        host: "drone-tarn.internal.lan",
        address: "192.168.20.196",
        id: "0a4d75bf-e812-4c69-a3d7-b59f16e82c40",
        role: Role::Drone,
        cores: 14,
        ram_gb: 31.0,
        power: 0.9,
        galaxy: "Andromeda",
        star: Some("Mirach"),
        retired: false,
    },
    Machine {
        host: "hp-ultraslim-03.internal.lan",
        address: "100.64.0.31",
        id: "e8391b5d-6c04-47fa-8d2b-94a7f0c53e61",
        role: Role::Drone,
        cores: 8,
        ram_gb: 16.0,
        power: 0.5,
        galaxy: "Andromeda",
        star: None,
        retired: false,
    },
    Machine {
        host: "sweeper-capella-vm.internal.lan",
        address: "192.168.20.184",
        id: "47ac02e9-d5f8-4e36-b790-2c81f6d3a95b",
        role: Role::Sweeper,
        cores: 8,
        ram_gb: 31.0,
        power: 0.7,
        galaxy: "Andromeda",
        star: Some("Capella"),
        retired: false,
    },
    Machine {
        host: "old-laptop-t430.internal.lan",
        address: "192.168.20.43",
        id: "d61f98a3-2b7c-4095-8ea6-f3057c4b1e92",
        role: Role::Drone,
        cores: 4,
        ram_gb: 8.0,
        power: 0.3,
        galaxy: "Andromeda",
        star: None,
        retired: true,
    },
];
