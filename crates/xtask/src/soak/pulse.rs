//! What the server holds, second by second: memory, open files, threads.

use std::time::Duration;

use crate::bench::{
    error::BenchError,
    machine::{open_files, resident_bytes, threads},
    statistics::Spread,
};

/// Everything that was felt, with the time since the load began.
#[derive(Debug, Default)]
pub(super) struct Pulse(Vec<(Duration, Beat)>);

/// What a process holds at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Beat {
    /// Bytes of memory that are resident.
    pub(super) resident: f64,
    /// Open files.
    pub(super) files: f64,
    /// Threads.
    pub(super) threads: f64,
}

impl Pulse {
    /// Feels process `pid`.
    pub(super) fn feel(&mut self, elapsed: Duration, pid: u32) -> Result<(), BenchError> {
        let beat = Beat {
            resident: resident_bytes(pid)? as f64,
            files: open_files(pid)? as f64,
            threads: threads(pid)? as f64,
        };
        self.0.push((elapsed, beat));
        Ok(())
    }

    /// The medians between two instants; `None` if nothing was felt there.
    pub(super) fn between(&self, (from, to): (Duration, Duration)) -> Option<Beat> {
        let beats = self.0.iter().filter(|(at, _)| (from..=to).contains(at)).map(|(_, beat)| beat);
        let beats: Vec<_> = beats.collect();
        let median = |value: fn(&Beat) -> f64| {
            Spread::of(&beats.iter().map(|beat| value(beat)).collect::<Vec<_>>()).map(|spread| spread.median)
        };
        Some(Beat {
            resident: median(|beat| beat.resident)?,
            files: median(|beat| beat.files)?,
            threads: median(|beat| beat.threads)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Beat, Pulse};

    #[test]
    fn medians_are_of_their_window() {
        let beat = |at: u64| {
            let value = at as f64;
            (Duration::from_secs(at), Beat { resident: value * 1e6, files: value, threads: 2.0 })
        };
        let pulse = Pulse((0..=100).map(beat).collect());
        let window = (Duration::from_secs(60), Duration::from_secs(80));
        assert_eq!(pulse.between(window), Some(Beat { resident: 70e6, files: 70.0, threads: 2.0 }));
        assert_eq!(pulse.between((Duration::from_secs(200), Duration::from_secs(300))), None);
    }

    #[test]
    fn this_process_holds_something() {
        let mut pulse = Pulse::default();
        pulse.feel(Duration::ZERO, std::process::id()).unwrap();
        let beat = pulse.between((Duration::ZERO, Duration::ZERO)).unwrap();
        assert!(beat.resident > 1e5 && beat.files >= 3.0 && beat.threads >= 1.0, "{beat:?}");
    }
}
