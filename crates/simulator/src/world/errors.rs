//! What goes wrong, in the words of a real swarm: full of host names, addresses, paths and mail addresses.

use super::machines::Machine;
use super::state::BuildStatus;

/// What the texts of this module and the sessions' names contain beside the machines' own names.
pub(crate) const INTERNAL_FRAGMENTS: [&str; 17] = [
    "internal.lan",
    "altair-link",
    "thor-desktop",
    "vault-nas",
    "ops@internal.lan",
    "root@altair-link.internal.lan",
    "swarm@altair-link.internal.lan",
    "/var/tmp/portage",
    "/var/cache/binpkgs",
    "/var/log/build-swarm",
    "/etc/portage",
    "/home/thorvald",
    "fe80::1",
    "10.42.0.7",
    "http://10.42.0.7:8100/logs",
    "Thorvald",
    "s3cret-mirror",
];

/// The free-text names of sessions.
const SESSION_NAMES: [&str; 6] = [
    "World update on altair-link.internal.lan",
    "World update for thor-desktop (ask Thorvald first)",
    "Preserved rebuild, vault-nas",
    "World update from s3cret-mirror",
    "KDE and Qt rebuild on thor-desktop.internal.lan",
    "World update, /home/thorvald/sets/nightly",
];

/// The name of the session with the number `number`.
pub(super) fn session_name(number: usize) -> String {
    let name = SESSION_NAMES.get(number % SESSION_NAMES.len()).copied().unwrap_or_default();
    format!("{name} #{number}")
}

/// The error text of a build that ended with `status`; `None` for a success.
pub(super) fn text(status: BuildStatus, package: &str, machine: &Machine) -> Option<String> {
    let Machine { host, address, .. } = machine;
    let atom = package.trim_start_matches('=');
    Some(match status {
        BuildStatus::Success => return None,
        BuildStatus::Failed => format!(
            "emerge failed on {host} ({address}): /var/tmp/portage/{atom}/temp/build.log, mail \
             ops@internal.lan via root@altair-link.internal.lan [fe80::1]"
        ),
        BuildStatus::Timeout => format!(
            "build of {package} timed out on {host} ({address}), log kept in /var/log/build-swarm/{host}.log, \
             see http://10.42.0.7:8100/logs"
        ),
        BuildStatus::Masked => format!(
            "!!! All ebuilds that could satisfy \"{package}\" have been masked on {host} \
             (/etc/portage/package.mask)"
        ),
        BuildStatus::UploadFailed => format!(
            "rsync from {address} to swarm@altair-link.internal.lan:/var/cache/binpkgs/ failed: Connection \
             reset by peer [fe80::1]"
        ),
        BuildStatus::MissingBinary => format!(
            "{host} reported success, but /var/cache/binpkgs/{atom}.gpkg.tar is missing on \
             altair-link.internal.lan"
        ),
        BuildStatus::Returned => {
            format!("{package} returned by {host} ({address}): stopped by root@altair-link.internal.lan")
        }
    })
}

/// The result of a probe of a failing drone: JSON within a string, as the control plane stores it.
pub(super) fn probe(machine: &Machine, unix: f64) -> String {
    let Machine { host, address, .. } = machine;
    format!(
        r#"{{"drone": "{host}", "ip": "{address}", "timestamp": {unix:.6}, "checks": {{}}, "status": "unreachable", "error": "ssh: connect to host {address} port 22: Network is unreachable\n"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::machines::MACHINES;
    use super::*;

    #[test]
    fn a_probe_is_json_within_a_string() {
        let value: serde_json::Value = serde_json::from_str(&probe(&MACHINES[0], 1_795_431_506.5)).unwrap();
        assert_eq!(value["ip"], MACHINES[0].address);
    }

    #[test]
    fn every_session_name_contains_something_internal() {
        for number in 0..SESSION_NAMES.len() {
            let name = session_name(number);
            assert!(INTERNAL_FRAGMENTS.iter().any(|fragment| name.contains(fragment)), "{name}");
        }
    }
}
