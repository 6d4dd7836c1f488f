//! The terminal: another screen while it lasts, drawn in place, and as it was before afterwards.
//!
//! A handful of sequences that every terminal knows is all it takes. A frame is written in one piece and only when it
//! differs from the last, each line over the one before it, so that nothing flickers.

use std::io::{self, IsTerminal as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::{
    style::Line,
    text::{fit, width},
};

/// The other screen, empty, without a cursor and without wrapping of long lines.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE: &str = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
/// Terminals that know it show a frame at once when it is complete.
const BEGIN_FRAME: &str = "\x1b[?2026h\x1b[H";
const END_LINE: &str = "\x1b[K";
const END_FRAME: &str = "\x1b[?2026l";
/// Whatever is below the last line.
const CLEAR_BELOW: &str = "\r\n\x1b[J";

/// What a terminal that does not know its size is taken for.
const USUAL: (usize, usize) = (80, 24);

/// The terminal, taken over; it is given back when this is dropped.
pub(super) struct Screen {
    has_colour: bool,
    /// The frame that is on the screen.
    shown: String,
    /// The input's modes as they were; `None`: not changed.
    modes: Option<Termios>,
}

impl Screen {
    pub(super) fn enter(has_colour: bool) -> io::Result<Self> {
        let mut screen = Self { has_colour, shown: String::new(), modes: None };
        screen.come_back()?;
        Ok(screen)
    }

    /// Takes the terminal over again.
    pub(super) fn come_back(&mut self) -> io::Result<()> {
        self.forget();
        self.modes = quiet();
        write(ENTER)
    }

    /// Gives the terminal back.
    pub(super) fn leave(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = write(LEAVE);
        if let Some(modes) = self.modes.take() {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
        }
    }

    /// The next frame is written whatever is on the screen.
    pub(super) fn forget(&mut self) {
        self.shown.clear();
    }

    /// Draws a frame of the terminal's columns and lines.
    pub(super) fn show(&mut self, draw: impl FnOnce((usize, usize)) -> Vec<Line>) -> io::Result<()> {
        let size = size();
        let frame = frame(&draw(size), size, self.has_colour);
        if frame != self.shown {
            write(&frame)?;
            self.shown = frame;
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Keys that are typed do not appear on the screen. Gives the modes as they were.
fn quiet() -> Option<Termios> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    let before = tcgetattr(&stdin).ok()?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Now, &quiet).ok()?;
    Some(before)
}

fn size() -> (usize, usize) {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => USUAL,
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// A whole frame as it is written.
fn frame(lines: &[Line], (columns, height): (usize, usize), has_colour: bool) -> String {
    let mut frame = BEGIN_FRAME.to_owned();
    for (idx, line) in lines.iter().enumerate() {
        if idx > 0 {
            frame.push_str("\r\n");
        }
        let mut room = columns;
        for piece in line {
            let text = fit(&piece.text, room);
            room -= width(&text).min(room);
            match piece.style.code(has_colour) {
                Some(code) => frame.push_str(&format!("\x1b[{code}m{text}\x1b[0m")),
                None => frame.push_str(&text),
            }
        }
        // At the last column the cursor stands on the last character, which this would take away.
        if room > 0 {
            frame.push_str(END_LINE);
        }
    }
    if lines.len() < height {
        frame.push_str(CLEAR_BELOW);
    }
    frame.push_str(END_FRAME);
    frame
}
