//! One server process, measured from its start to its end.
//!
//! Everything that does not depend on subscribers is measured first, with none, and subtracted: what a process
//! needs by itself, and the time it takes to poll, to render and to make the frames.

use std::{fmt, thread, time::Duration};

use super::{
    Programs,
    error::BenchError,
    fleet::{handle::Fleet, orders::Arrival},
    machine::{CpuMeter, forget_peak, peak_resident_bytes, resident_bytes, unsent_bytes},
    measure::Measure,
    recording::Recorded,
    server::Server,
    statistics::Spread,
};

/// Deltas before anything is measured, and subscribers that come and go: whatever is made once is made then.
pub(crate) const N_WARM_UP: usize = 3;
/// By how many bytes frames of the same kind differ at most.
const FRAME_DIGITS: u64 = 16;

/// What is done with a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    /// Rows of the queue.
    pub(crate) n_rows: usize,
    /// Subscribers that read.
    pub(crate) n_subscribers: usize,
    /// Deltas in each part that is measured; without any, connecting and memory are measured only.
    pub(crate) n_deltas: usize,
    /// From one delta to the next.
    pub(crate) interval: Duration,
    /// Subscribers that read nothing and the deltas that they miss.
    pub(crate) stall: Option<Stall>,
    /// How long a server rests before its memory is read.
    pub(crate) rest: Duration,
}

/// Subscribers that read nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stall {
    /// How many.
    pub(crate) n_subscribers: usize,
    /// Deltas that are sent meanwhile.
    pub(crate) n_deltas: usize,
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_rows, n_subscribers, n_deltas, .. } = self;
        write!(f, "{n_subscribers} subscribers, {n_rows} rows, {n_deltas} deltas")?;
        match self.stall {
            Some(stall) => write!(f, ", {} that read nothing", stall.n_subscribers),
            None => Ok(()),
        }
    }
}

impl Session {
    /// The deltas that a server sends in all.
    pub(crate) fn n_deltas(&self) -> usize {
        N_WARM_UP + 2 * self.n_deltas + self.stall.map_or(0, |stall| stall.n_deltas)
    }

    /// What [`Session::run`] finds.
    pub(crate) fn measures(&self) -> impl Iterator<Item = Measure> + use<> {
        let found: &[Measure] = match (self.stall, self.n_deltas) {
            (Some(_), _) => &[Measure::StalledResident, Measure::StalledUnsent, Measure::StalledDelay],
            (None, 0) => &[Measure::Connect, Measure::Resident],
            (None, _) => &[
                Measure::Connect,
                Measure::Resident,
                Measure::ResidentAfter,
                Measure::CpuPerFrame,
                Measure::FanOutMedian,
                Measure::FanOutMax,
                Measure::ToldToLast,
            ],
        };
        found.iter().copied()
    }

    /// Measures `server`, whose frames have to be as long as those that were recorded.
    pub(crate) fn run(
        &self,
        programs: &Programs,
        mut server: Server,
        recorded: &Recorded,
    ) -> Result<Vec<(Measure, f64)>, BenchError> {
        let mut found = Vec::new();
        let mut cpu = CpuMeter::new(server.id());
        warm_up(programs, &mut server)?;
        let alone_ns = self.publish_alone(&mut server, &mut cpu)?;
        let empty = self.resident(&server)?;

        let mut fleet = Fleet::start(programs, server.address())?;
        let joined = fleet.subscribe(self.n_subscribers)?;
        check_length("first frame", joined.first_frame_bytes, recorded.snapshot_bytes)?;
        let per_subscriber = |bytes: f64| (bytes - empty) / self.n_subscribers as f64;
        if self.stall.is_none() {
            found.push((Measure::Connect, milliseconds(joined.elapsed)));
            found.push((Measure::Resident, per_subscriber(self.resident(&server)?)));
        }
        if self.n_deltas == 0 {
            return Ok(found);
        }

        forget_peak(server.id())?;
        let begin_ns = cpu.read_ns()?;
        let told_ns = server.publish(self.n_deltas as u64)?;
        let arrivals = fleet.received(self.n_subscribers, self.n_deltas)?;
        let used_ns = cpu.read_ns()? - begin_ns;
        for delta in &arrivals {
            check_delta(delta.n_bytes, recorded.delta_bytes)?;
        }
        let fan_out = spread(&arrivals.iter().map(fan_out_ms).collect::<Vec<_>>())?;
        if let Some(stall) = self.stall {
            found.extend(self.stalled(stall, &mut server, &mut fleet, fan_out.median)?);
            return Ok(found);
        }
        let n_frames = (self.n_deltas * self.n_subscribers) as f64;
        found.push((Measure::CpuPerFrame, (used_ns as f64 - alone_ns as f64) / n_frames / 1e3));
        found.push((Measure::FanOutMedian, fan_out.median));
        found.push((Measure::FanOutMax, fan_out.max));
        let whole: Vec<_> =
            told_ns.iter().zip(&arrivals).map(|(told, delta)| whole_ms(*told, delta)).collect();
        found.push((Measure::ToldToLast, spread(&whole)?.median));
        found.push((Measure::ResidentAfter, per_subscriber(self.resident(&server)?)));
        Ok(found)
    }

    /// Processor time of the deltas without anyone to receive them.
    fn publish_alone(&self, server: &mut Server, cpu: &mut CpuMeter) -> Result<u64, BenchError> {
        let begin_ns = cpu.read_ns()?;
        if self.n_deltas > 0 {
            server.publish(self.n_deltas as u64)?;
        }
        Ok(cpu.read_ns()? - begin_ns)
    }

    /// Bytes that are resident when the server had time to rest.
    fn resident(&self, server: &Server) -> Result<f64, BenchError> {
        thread::sleep(self.rest);
        Ok(resident_bytes(server.id())? as f64)
    }

    /// What those cost who read nothing, and what the others notice; worst instants are compared, since making frames
    /// takes memory too.
    fn stalled(
        &self,
        stall: Stall,
        server: &mut Server,
        fleet: &mut Fleet,
        fan_out_before_ms: f64,
    ) -> Result<Vec<(Measure, f64)>, BenchError> {
        let before = peak_resident_bytes(server.id())?;
        forget_peak(server.id())?;
        fleet.stall(stall.n_subscribers)?;
        thread::sleep(self.rest);
        let unsent = unsent_bytes(server.address())?;
        server.publish(stall.n_deltas as u64)?;
        let arrivals = fleet.received(self.n_subscribers, stall.n_deltas)?;
        let peak = peak_resident_bytes(server.id())?;
        let fan_out = spread(&arrivals.iter().map(fan_out_ms).collect::<Vec<_>>())?;
        Ok(vec![
            (Measure::StalledResident, (peak as f64 - before as f64) / stall.n_subscribers as f64),
            (Measure::StalledUnsent, unsent as f64 / stall.n_subscribers as f64),
            (Measure::StalledDelay, fan_out.median / fan_out_before_ms),
        ])
    }
}

/// Both servers must send the same: numbers in a frame may have a digit more, nothing else may differ.
fn check_length(what: &str, n_bytes: u64, n_recorded: usize) -> Result<(), BenchError> {
    if n_bytes.abs_diff(n_recorded as u64) <= FRAME_DIGITS {
        return Ok(());
    }
    Err(BenchError::Unexpected(format!("a {what} of {n_bytes} B, and {n_recorded} B were recorded")))
}

/// Who is served after the next delta was made gets both in one frame, which is less work and not what is compared.
fn check_delta(n_bytes: u64, n_recorded: usize) -> Result<(), BenchError> {
    check_length("delta", n_bytes, n_recorded).map_err(|error| BenchError::Disturbed(error.to_string()))
}

/// A few deltas, and a few subscribers that come and go.
fn warm_up(programs: &Programs, server: &mut Server) -> Result<(), BenchError> {
    let mut fleet = Fleet::start(programs, server.address())?;
    fleet.subscribe(N_WARM_UP)?;
    server.publish(N_WARM_UP as u64)?;
    fleet.received(N_WARM_UP, N_WARM_UP).map(drop)
}

/// From the first subscriber that has it to the last.
fn fan_out_ms(delta: &Arrival) -> f64 {
    (delta.last_ns - delta.first_ns) as f64 / 1e6
}

/// From the moment at which the server was told of it until the last subscriber has it.
fn whole_ms(told_ns: u64, delta: &Arrival) -> f64 {
    delta.last_ns.saturating_sub(told_ns) as f64 / 1e6
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn spread(values: &[f64]) -> Result<Spread, BenchError> {
    Spread::of(values).ok_or_else(|| BenchError::Unexpected("nothing was measured".to_owned()))
}
