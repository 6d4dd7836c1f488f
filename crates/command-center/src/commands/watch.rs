//! `watch`: the queue of a running server in a terminal, or one line an event.
//!
//! - `target` which server
//! - `connection` keeps a mirror of its queue, by `socket` and otherwise by `document`
//! - `state` what is known at an instant
//! - `view` lays it out as lines of `style`, with the help of `item`, `bar` and `text`
//! - `screen` draws them in place; `lines` prints events instead

mod bar;
mod connection;
mod document;
mod item;
mod lines;
mod screen;
mod socket;
mod state;
mod style;
mod target;
#[cfg(test)]
mod tests;
mod text;
mod view;

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use snapshot::clock::Clock;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

use self::{
    connection::{Connection, Patience},
    lines::Lines,
    screen::Screen,
    state::State,
    target::Target,
};
use super::{Failure, print};
use crate::{cli::WatchArgs, signals::Signals};

/// How often bars move.
const TICK: Duration = Duration::from_secs(1);

/// How many news may wait until they are shown.
const NEWS_MAX: usize = 16;

/// How wide and high the queue is printed where there is no terminal.
const PAPER: (usize, usize) = (100, usize::MAX);

pub(super) fn run(args: &WatchArgs) -> Result<(), Failure> {
    let target =
        Target::parse(&args.url).map_err(|error| Failure::Usage(format!("{}: {error}", args.url)))?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::runtime)?;
    let connection = Connection::new(target, Clock::system(), Patience::default());
    let connection = connection.map_err(Failure::runtime)?;
    let done =
        runtime.block_on(async { if args.once { once(connection).await } else { follow(connection).await } });
    // A name that is still being resolved keeps nobody waiting.
    runtime.shutdown_background();
    done
}

/// The queue as it is now.
async fn once(mut connection: Connection) -> Result<(), Failure> {
    let mut state = State::new(connection.name(), connection.clock().clone());
    let news = connection.poll().await;
    state.take(news.map_err(|why| Failure::Runtime(format!("no queue from {}: {why}", connection.name())))?);
    let lines = view::draw(&state, PAPER);
    print(lines.iter().map(|line| style::plain(line)).collect::<Vec<_>>().join("\n").trim_end());
    Ok(())
}

/// Where the queue is shown.
enum Face {
    Screen(Screen),
    Lines(Lines),
}

async fn follow(connection: Connection) -> Result<(), Failure> {
    let mut signals = Signals::new().map_err(Failure::runtime)?;
    let mut resized = listen(SignalKind::window_change())?;
    let mut suspended = listen(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
    let mut hung_up = listen(SignalKind::hangup())?;
    let mut state = State::new(connection.name(), connection.clock().clone());
    let is_terminal = io::stdout().is_terminal() && std::env::var("TERM").is_ok_and(|term| term != "dumb");
    let has_colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut face = if is_terminal {
        Face::Screen(Screen::enter(has_colour).map_err(Failure::runtime)?)
    } else {
        Face::Lines(Lines::new())
    };
    let (sender, mut news) = mpsc::channel(NEWS_MAX);
    let mut following = tokio::spawn(connection.run(sender));
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = signals.next() => break,
            _ = hung_up.recv() => break,
            _ = &mut following => return Err(Failure::runtime("the connection ended by itself")),
            Some(first) = news.recv() => {
                let mut next = Some(first);
                // What came in one go is drawn once.
                while let Some(one) = next {
                    if let Face::Lines(lines) = &mut face {
                        lines.take(&state, &one);
                    }
                    state.take(one);
                    next = news.try_recv().ok();
                }
            }
            _ = tick.tick() => {}
            _ = resized.recv() => {
                if let Face::Screen(screen) = &mut face {
                    screen.forget();
                }
            }
            _ = suspended.recv() => {
                if let Face::Screen(screen) = &mut face {
                    screen.leave();
                }
                // It goes on behind this line when the shell says so.
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)
                    .map_err(Failure::runtime)?;
                if let Face::Screen(screen) = &mut face {
                    screen.come_back().map_err(Failure::runtime)?;
                }
            }
        }
        let shown = match &mut face {
            Face::Screen(screen) => screen.show(|size| view::draw(&state, size)),
            Face::Lines(lines) => io::stdout().lock().write_all(lines.print().as_bytes()),
        };
        match shown {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            other => other.map_err(Failure::runtime)?,
        }
    }
    following.abort();
    Ok(())
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(Failure::runtime)
}
