//! What flows: real interfaces, tunnels, bridges and the loopback.

use super::super::curve::Curve;
use super::super::dice::Dice;
use super::super::stations::Purpose;
use super::Host;

/// A network interface.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    device: &'static str,
    /// Bytes a second.
    receives: Curve,
    transmits: Curve,
    /// What a build adds, in bytes a second.
    receives_at_work: f64,
    transmits_at_work: f64,
}

/// What an interface has carried since the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// The interface.
    pub device: &'static str,
    /// Bytes received.
    pub received: f64,
    /// Bytes sent.
    pub transmitted: f64,
}

impl Host {
    /// The counters of every interface.
    #[must_use]
    pub fn traffic(&self, unix: f64) -> Vec<Traffic> {
        let booted_at = self.booted_at(unix);
        let worked = self.worked_seconds(unix);
        let carried = |curve: &Curve, at_work: f64| curve.integral(booted_at, unix) + worked * at_work;
        self.interfaces
            .iter()
            .map(|interface| Traffic {
                device: interface.device,
                received: carried(&interface.receives, interface.receives_at_work).floor(),
                transmitted: carried(&interface.transmits, interface.transmits_at_work).floor(),
            })
            .collect()
    }
}

/// The interfaces of a build machine.
pub(super) fn of_machine(dice: &mut Dice) -> Vec<Interface> {
    let mut wired = interface("enp3s0", 24.0e3, 0.4, dice);
    wired.receives_at_work = dice.between(180.0e3, 420.0e3);
    wired.transmits_at_work = dice.between(40.0e3, 160.0e3);
    vec![
        wired,
        interface("lo", 9.0e3, 1.0, dice),
        interface("tailscale0", 2.0e3, 0.8, dice),
        interface("docker0", 0.0, 1.0, dice),
    ]
}

/// The interfaces of a station.
pub(super) fn of_station(purpose: Purpose, dice: &mut Dice) -> Vec<Interface> {
    let (wired, receives, ratio) = match purpose {
        Purpose::Services => ("eno1", 310.0e3, 2.4),
        Purpose::Storage => ("bond0", 950.0e3, 1.6),
        Purpose::Monitor => ("eth0", 60.0e3, 0.3),
        Purpose::Spare => ("eth0", 20.0e3, 1.0),
    };
    let mut interfaces = vec![interface(wired, receives, ratio, dice), interface("lo", 40.0e3, 1.0, dice)];
    if purpose == Purpose::Services {
        interfaces.extend([
            interface("wg-thorvald", 12.0e3, 3.0, dice),
            interface("docker0", 80.0e3, 1.2, dice),
            interface("br-5f2e9d07c1aa", 70.0e3, 1.2, dice),
            interface("veth1f8e2ab", 60.0e3, 1.2, dice),
        ]);
    }
    interfaces
}

/// An interface that receives about `receives` bytes a second and sends `ratio` times as much.
fn interface(device: &'static str, receives: f64, ratio: f64, dice: &mut Dice) -> Interface {
    let curve = Curve::new(receives * 0.4, receives, 20.0, receives * 0.3, dice);
    Interface {
        device,
        receives: curve,
        transmits: curve.times(ratio),
        receives_at_work: 0.0,
        transmits_at_work: 0.0,
    }
}
