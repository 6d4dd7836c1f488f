//! The disks of a host, under names that say nothing of the machine.

use jiff::Timestamp;
use snapshot::{
    clock::whole_second,
    infrastructure::{DISKS_MAX, Disk, DiskName, FillLevel},
};

use crate::{config::infrastructure::DiskLabels, report::infrastructure::DiskReport};

/// One entry a device. `before` is what was published last: it says since when a disk is full.
pub(super) fn disks(
    reports: &[DiskReport],
    labels: &DiskLabels,
    before: &[Disk],
    at: Timestamp,
) -> Vec<Disk> {
    let mut mounts: Vec<&DiskReport> = reports.iter().collect();
    // The shortest mount point of a device is its own; the others are second mounts.
    mounts.sort_by_key(|disk| (disk.mount.len(), disk.mount.clone()));
    let mut devices: Vec<&DiskReport> = Vec::new();
    for disk in mounts {
        if !devices.iter().any(|other| other.device == disk.device) {
            devices.push(disk);
        }
    }
    devices.sort_by_key(|disk| std::cmp::Reverse(disk.total_bytes));
    let mut n_unnamed = 0;
    let mut disks: Vec<Disk> = devices
        .into_iter()
        .map(|disk| Disk {
            name: disk_name(&disk.mount, labels).unwrap_or_else(|| {
                n_unnamed += 1;
                DiskName::Numbered(n_unnamed)
            }),
            total_bytes: disk.total_bytes,
            used_percent: disk.available_bytes.map(|available| used(disk.total_bytes, available)),
            full_since: None,
        })
        .collect();
    for disk in &mut disks {
        let is_full = disk.level().is_some_and(|level| level != FillLevel::Ok);
        let known = before.iter().find(|other| other.name == disk.name).and_then(|other| other.full_since);
        disk.full_since = is_full.then(|| known.unwrap_or_else(|| whole_second(at)));
    }
    disks.sort_by(|a, b| a.name.cmp(&b.name));
    disks.dedup_by(|a, b| a.name == b.name);
    disks.truncate(DISKS_MAX);
    disks
}

fn disk_name(mount: &str, labels: &DiskLabels) -> Option<DiskName> {
    if let Some(label) = labels.get(mount) {
        return Some(DiskName::Label(label.clone()));
    }
    let path = mount.strip_prefix('/')?;
    if path.is_empty() {
        return Some(DiskName::Root);
    }
    DiskName::STANDARD.into_iter().find(|name| *name == path).map(DiskName::Standard)
}

/// What an ordinary user can no longer write. `df` leaves what is reserved for root out of both numbers and shows less.
fn used(total: u64, available: u64) -> u8 {
    #[expect(clippy::cast_precision_loss, reason = "a percentage of bytes")]
    let share = 1.0 - available as f64 / total as f64;
    snapshot::history::percent(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(device: &str, mount: &str, total_bytes: u64, available_bytes: u64) -> DiskReport {
        let (device, mount) = (device.to_owned(), mount.to_owned());
        DiskReport { device, mount, total_bytes, available_bytes: Some(available_bytes) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn names(disks: &[Disk]) -> Vec<String> {
        disks.iter().map(|disk| disk.name.to_string()).collect()
    }

    #[test]
    fn mount_points_become_classes_labels_or_numbers_and_second_mounts_are_dropped() {
        let label = identity::name::PublicName::new("Vault").unwrap();
        let labels = DiskLabels::from([("/srv/secret-project".to_owned(), label)]);
        let reports = [
            report("/dev/sda2", "/", 100, 50),
            report("/dev/sda2", "/var/lib/docker", 100, 50),
            report("/dev/sda1", "/boot", 1, 1),
            report("/dev/sdb1", "/mnt/small", 10, 1),
            report("/dev/sdc1", "/mnt/large", 1_000, 1),
            report("tank/x", "/srv/secret-project", 5, 1),
        ];
        let disks = disks(&reports, &labels, &[], at(1));
        assert_eq!(names(&disks), ["root", "boot", "Vault", "disk-1", "disk-2"]);
        assert_eq!(disks[3].total_bytes, 1_000);
        assert_eq!(disks[0].used_percent, Some(50));
    }

    #[test]
    fn a_full_disk_says_since_when_and_forgets_it_when_there_is_room() {
        let none = DiskLabels::new();
        let full = disks(&[report("a", "/", 100, 5)], &none, &[], at(100));
        assert_eq!(full[0].full_since, Some(at(100)));
        let later = disks(&[report("a", "/", 100, 4)], &none, &full, at(200));
        assert_eq!(later[0].full_since, Some(at(100)));
        let roomy = disks(&[report("a", "/", 100, 60)], &none, &later, at(300));
        assert_eq!(roomy[0].full_since, None);
    }
}
