//! `watch`: the real command before the real server, in a terminal and before a pipe.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout},
    sync::mpsc,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{
    DEADLINE,
    binary::{self, Running},
    eventually,
    terminal::Terminal,
    tls::{Authority, Front, Validity},
};

/// A farm in which something happens every moment.
const DEMO: [&str; 3] = ["demo", "--speed", "120"];

/// `watch` before a pipe; it is killed when this is dropped.
struct Piped {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Piped {
    fn start(url: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = binary::command(&["watch", url]).envs(variables.iter().copied()).spawn().unwrap();
        let stdout = BufReader::<ChildStdout>::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::sync_channel(1_000);
        // It ends with the child.
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Reads on to a line of this event.
    #[track_caller]
    fn wait_for(&self, event: &str) -> String {
        let mut read = Vec::new();
        loop {
            let line = self.lines.recv_timeout(DEADLINE);
            let line = line.unwrap_or_else(|error| panic!("waiting for {event}: {error}: {read:#?}"));
            let is_dated = line.get(..20).is_some_and(|at| at.parse::<jiff::Timestamp>().is_ok());
            assert!(is_dated && line.is_char_boundary(22), "{line}");
            if line[22..].starts_with(event) {
                return line;
            }
            read.push(line);
        }
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

#[test]
fn before_a_pipe_every_event_is_a_line_and_a_restart_is_survived() {
    let server = Running::start(&DEMO, &[]);
    let addresses = (server.public, server.internal);
    let mut watching = Piped::start(&url(server.public), &[]);
    assert!(watching.wait_for("connected").contains(" pending · "));
    assert!(watching.wait_for("started").contains(" on "));
    assert!(watching.wait_for("finished").contains('/'));
    drop(server);
    watching.wait_for("lost");
    let _server = Running::start_at(addresses, &DEMO);
    watching.wait_for("connected");
    watching.wait_for("finished");
    kill_process(Pid::from_child(&watching.child), Signal::INT).unwrap();
    let status = eventually("the end of watch", || watching.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn when_nobody_reads_any_more_it_ends() {
    let server = Running::start(&DEMO, &[]);
    let mut child = binary::command(&["watch", &url(server.public)]).spawn().unwrap();
    drop(child.stdout.take());
    let status = eventually("the end of watch", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
}

#[test]
fn in_a_terminal_it_is_drawn_in_place_and_the_terminal_is_given_back() {
    let server = Running::start(&DEMO, &[]);
    let mut terminal = Terminal::start(binary::command(&["watch", &url(server.public)]), 24, 80);
    let is_drawn = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.contains("● Live.") && text.contains("BUILDING") && text.contains("PENDING")
    };
    let screen = terminal.wait_for("the queue", is_drawn);
    assert!(screen.starts_with(&format!("Command Center  {}", server.public)), "{screen}");
    assert!(screen.contains("As of ") && screen.contains("orchestrator online"), "{screen}");
    let is_coloured = |screen: &vt100::Screen| {
        (0..24).any(|row| {
            (0..80).any(|column| {
                screen.cell(row, column).is_some_and(|cell| cell.fgcolor() != vt100::Color::Default)
            })
        })
    };
    let is_taken = |screen: &vt100::Screen| screen.alternate_screen() && screen.hide_cursor();
    terminal.wait_for("colours on the other screen", |screen| is_coloured(screen) && is_taken(screen));
    assert!(!terminal.has_echo());

    terminal.resize(12, 60);
    let fits = |screen: &vt100::Screen| is_drawn(screen) && screen.contents().lines().count() <= 12;
    terminal.wait_for("a smaller screen", fits);

    terminal.signal(Signal::TSTP);
    terminal.wait_for("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    terminal.wait_until_it_stands();
    terminal.signal(Signal::CONT);
    terminal.wait_for("the queue again", |screen| is_drawn(screen) && is_taken(screen));

    drop(server);
    let is_old = |screen: &vt100::Screen| {
        let text = screen.contents();
        text.contains("■ Reconnecting. Showing ") && !text.contains("● Live.")
    };
    terminal.wait_for("the loss", |screen| is_old(screen) && screen.contents().contains("BUILDING"));

    terminal.signal(Signal::INT);
    terminal.wait_for("the screen of before", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    assert_eq!(terminal.ended().code(), Some(0));
    assert!(terminal.has_echo());
}

#[test]
fn without_colours_there_are_none() {
    let server = Running::start(&DEMO, &[]);
    let mut command = binary::command(&["watch", &url(server.public)]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::start(command, 24, 80);
    let is_plain = |screen: &vt100::Screen| {
        let mut cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
        cells.all(|cell| cell.fgcolor() == vt100::Color::Default)
    };
    terminal.wait_for("the queue", |screen| {
        assert!(is_plain(screen));
        screen.contents().contains("BUILDING")
    });
}

#[test]
fn once_prints_the_queue_and_ends() {
    let server = Running::start(&DEMO, &[]);
    let text = eventually("a queue", || {
        let output = binary::run(&["watch", "--once", &url(server.public)]);
        assert_eq!(output.status.code(), Some(0));
        Some(String::from_utf8(output.stdout).unwrap()).filter(|text| text.contains("\nPENDING "))
    });
    assert!(text.starts_with("Command Center  ") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn what_cannot_be_watched_is_one_sentence_and_an_exit_code() {
    let nobody = url(binary::free_address());
    for (args, code, words) in [
        (&["watch", "ftp://a.example"][..], 64, "must begin with http"),
        (&["watch", "--once", &nobody], 1, "cannot be reached"),
    ] {
        let output = binary::run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
    }
}

#[tokio::test]
async fn a_server_behind_tls_is_watched_if_this_machine_trusts_it() {
    let server = Running::start(&DEMO, &[]);
    let (trusted, other) = (Authority::new(), Authority::new());
    let roots = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(roots.path(), trusted.pem()).unwrap();
    let variables = [("SSL_CERT_FILE", roots.path().to_str().unwrap())];
    let door =
        |authority: &Authority| Front::start(&authority.certify("127.0.0.1", Validity::Now), server.public);
    let (door, wrong) = (door(&trusted), door(&other));
    let urls = [door.url(), wrong.url()];
    let [watching, failing] = urls.map(|url| Piped::start(&url, &variables));
    // The doors are kept by this thread's runtime, so others wait for the lines.
    let connected = tokio::task::spawn_blocking(move || watching.wait_for("connected"));
    assert!(connected.await.unwrap().contains("127.0.0.1"));
    let lost = tokio::task::spawn_blocking(move || failing.wait_for("lost"));
    assert!(lost.await.unwrap().contains("the server cannot be trusted (TLS failed)"));
}
