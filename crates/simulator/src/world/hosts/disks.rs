//! What is mounted: disks, second mounts of the same device, pools, shares of others, and pseudo file systems.

use super::super::curve::Curve;
use super::super::dice::Dice;
use super::super::stations::Purpose;
use super::Host;

/// The unit of allocation, in bytes.
const BLOCK: f64 = 4_096.0;
/// What the file system of a new disk keeps for the administrator.
const RESERVED: f64 = 0.05;
const GB: f64 = 1.0e9;
/// The types of file systems that keep nothing on a disk of their own.
const PSEUDO: [&str; 4] = ["tmpfs", "overlay", "squashfs", "nsfs"];

/// A mount with its internal names.
#[derive(Debug, Clone)]
pub(super) struct Volume {
    device: &'static str,
    mountpoint: &'static str,
    fstype: &'static str,
    size: f64,
    used: Curve,
    reserved: f64,
}

impl Volume {
    /// A second mount of the same device.
    fn again_at(&self, mountpoint: &'static str) -> Self {
        Self { mountpoint, ..self.clone() }
    }
}

/// How full a mount is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disk {
    /// The device, the pool or the share.
    pub device: &'static str,
    /// Where it is mounted.
    pub mountpoint: &'static str,
    /// The type of its file system.
    pub fstype: &'static str,
    /// The size, in bytes.
    pub size: f64,
    /// What is free, in bytes.
    pub free: f64,
    /// What is free for everybody, in bytes.
    pub available: f64,
}

impl Disk {
    /// Whether there is no disk of its own behind it.
    #[must_use]
    pub fn is_pseudo(&self) -> bool {
        PSEUDO.contains(&self.fstype) || self.fstype.starts_with("fuse")
    }

    /// The share that `df` calls used: of what everybody may use.
    #[must_use]
    pub fn used_share(&self) -> f64 {
        let used = self.size - self.free;
        if used + self.available > 0.0 { used / (used + self.available) } else { 0.0 }
    }
}

impl Host {
    /// Everything that is mounted.
    #[must_use]
    pub fn disks(&self, unix: f64) -> Vec<Disk> {
        self.volumes
            .iter()
            .map(|volume| {
                let used = blocks(volume.size * volume.used.at(unix).min(1.0 - volume.reserved));
                let free = volume.size - used;
                Disk {
                    device: volume.device,
                    mountpoint: volume.mountpoint,
                    fstype: volume.fstype,
                    size: volume.size,
                    free,
                    available: (free - blocks(volume.size * volume.reserved)).max(0.0),
                }
            })
            .collect()
    }
}

/// What a build machine has mounted.
pub(super) fn of_machine(short_host: &str, dice: &mut Dice) -> Vec<Volume> {
    let var = if short_host.starts_with("tau") { 0.83 } else { dice.between(0.35, 0.7) };
    let home = disk("/dev/mapper/vg0-home", "/home", "btrfs", 120.0 * GB, 0.22, dice);
    vec![
        disk("/dev/nvme0n1p3", "/", "ext4", 105.0 * GB, dice.between(0.3, 0.55), dice),
        disk("/dev/nvme0n1p1", "/boot", "vfat", 1.07 * GB, 0.24, dice),
        disk("/dev/mapper/vg0-var", "/var", "ext4", 250.0 * GB, var, dice),
        home.again_at("/home/thorvald/sources"),
        home,
        disk("vault-nas.internal.lan:/tank/binpkgs", "/mnt/binpkgs", "nfs4", 3_900.0 * GB, 0.61, dice),
        disk("tmpfs", "/run", "tmpfs", 3.2 * GB, 0.01, dice),
        disk("tmpfs", "/var/tmp/portage", "tmpfs", 16.0 * GB, 0.2, dice),
        disk("overlay", "/srv/chroot/stage3-secret", "overlay", 105.0 * GB, 0.4, dice),
        disk("/dev/loop0", "/snap/core20", "squashfs", 0.07 * GB, 1.0, dice),
    ]
}

/// What a station has mounted.
pub(super) fn of_station(purpose: Purpose, dice: &mut Dice) -> Vec<Volume> {
    let mut volumes = vec![
        disk("/dev/vda2", "/", "ext4", 62.0 * GB, dice.between(0.4, 0.6), dice),
        disk("tmpfs", "/run", "tmpfs", 1.6 * GB, 0.02, dice),
    ];
    match purpose {
        Purpose::Services => {
            let home = disk("/dev/mapper/luks-home", "/home", "ext4", 60.0 * GB, 0.3, dice);
            volumes.extend([
                disk("/dev/vda1", "/boot", "ext4", 1.0 * GB, 0.31, dice),
                disk("/dev/mapper/luks-var", "/var", "xfs", 240.0 * GB, 0.86, dice),
                home.again_at("/srv/family-photos"),
                home,
                disk("overlay", "/var/lib/containers/vaultwarden", "overlay", 240.0 * GB, 0.86, dice),
                disk("nsfs", "/run/docker/netns/3f9a", "nsfs", 0.0, 0.0, dice),
            ]);
        }
        Purpose::Storage => volumes.extend([
            disk("/dev/vdb1", "/home", "ext4", 40.0 * GB, 0.12, dice),
            disk("tank", "/tank", "zfs", 2_100.0 * GB, 0.001, dice),
            disk("tank/binpkgs", "/tank/binpkgs", "zfs", 3_900.0 * GB, 0.61, dice),
            disk("tank/family-media", "/tank/family-media", "zfs", 9_800.0 * GB, 0.78, dice),
            disk("/dev/sdc1", "/mnt/thor-backup", "xfs", 8_000.0 * GB, 0.955, dice),
            disk("/dev/sdd1", "/var", "ext4", 120.0 * GB, 0.48, dice),
            disk("mergerfs-pool", "/mnt/attic", "fuse.mergerfs", 12_000.0 * GB, 0.5, dice),
        ]),
        Purpose::Monitor => volumes.extend([
            disk("/dev/vda3", "/var", "ext4", 90.0 * GB, 0.57, dice),
            disk("/dev/vda4", "/home", "ext4", 20.0 * GB, 0.08, dice),
        ]),
        Purpose::Spare => volumes.push(disk("/dev/vdb1", "/var", "ext4", 100.0 * GB, 0.5, dice)),
    }
    volumes
}

/// A mount that is about as full as `used` says.
fn disk(
    device: &'static str,
    mountpoint: &'static str,
    fstype: &'static str,
    size: f64,
    used: f64,
    dice: &mut Dice,
) -> Volume {
    let mut slowly = Curve::new(used, 0.0, 0.0, used * 0.02, dice);
    slowly.period = 3.0 * 86_400.0;
    let reserved = if fstype == "ext4" { RESERVED } else { 0.0 };
    Volume { device, mountpoint, fstype, size: blocks(size), used: slowly, reserved }
}

fn blocks(bytes: f64) -> f64 {
    (bytes / BLOCK).floor() * BLOCK
}
