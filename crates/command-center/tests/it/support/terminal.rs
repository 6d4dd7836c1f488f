//! The real binary in a terminal of its own, and what that terminal shows.

use std::{
    fs::File,
    io::Read as _,
    num::NonZero,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Instant,
};

use rustix::{
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use super::{DEADLINE, binary::wait_until_it_stands, eventually};

/// A child in a terminal; it is killed when this is dropped.
pub(crate) struct Terminal {
    child: Child,
    /// The terminal's other end.
    master: File,
    output: mpsc::Receiver<Vec<u8>>,
    parser: vt100::Parser,
}

fn size(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn some(n: u16) -> NonZero<u16> {
    NonZero::new(n).unwrap()
}

impl Terminal {
    pub(crate) fn start(mut command: Command, rows: u16, columns: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, size(rows, columns)).unwrap();
        let slave = || Stdio::from(ioctl_tiocgptpeer(&master, flags).unwrap());
        let child = command.env("TERM", "xterm").stdin(slave()).stdout(slave()).stderr(Stdio::null());
        let child = child.spawn().unwrap();
        let master = File::from(master);
        let mut reader = master.try_clone().unwrap();
        let (sender, output) = mpsc::sync_channel(64);
        // It ends with the child, which is the last to have the terminal open.
        std::thread::spawn(move || {
            let mut buffer = vec![0; 4096];
            while let Ok(n_bytes @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n_bytes].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, master, output, parser: vt100::Parser::new(some(rows), some(columns), 0) }
    }

    /// Waits until the screen looks like something.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, what: &str, is_it: impl Fn(&vt100::Screen) -> bool) -> String {
        let end = Instant::now() + DEADLINE;
        while !is_it(self.parser.screen()) {
            let more = self.output.recv_timeout(end.saturating_duration_since(Instant::now()));
            let shown = self.parser.screen().contents();
            self.parser.process(&more.unwrap_or_else(|error| panic!("{what}: {error}\n{shown}")));
        }
        self.parser.screen().contents()
    }

    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        tcsetwinsize(&self.master, size(rows, columns)).unwrap();
        self.parser.screen_mut().set_size(some(rows), some(columns));
        self.signal(Signal::WINCH);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until the child has stopped itself: what continues it before is lost.
    pub(crate) fn wait_until_it_stands(&self) {
        wait_until_it_stands(&self.child);
    }

    /// Whether keys that are typed appear.
    pub(crate) fn has_echo(&self) -> bool {
        tcgetattr(&self.master).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end of the child.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        eventually("the end of a command in a terminal", || self.child.try_wait().unwrap())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
