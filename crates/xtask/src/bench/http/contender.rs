//! The servers that are compared: ours, nginx with files, and an actix-web handler that does nothing else.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{case::Case, exchange::get, files::Served};
use crate::bench::{
    Programs,
    child::{Conversation, Process},
    error::{BenchError, Context as _},
    machine::{Cores, wait_for},
    server::{Server, free_address},
};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// The Command Center.
    Ours,
    /// nginx with files.
    Nginx,
    /// actix-web with bytes.
    Bare,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Contender {
    side: Side,
    address: SocketAddr,
    pid: u32,
    _running: Running,
}

/// What ends the server when it is dropped.
#[expect(dead_code, reason = "it is kept for what it does when it is dropped")]
#[derive(Debug)]
enum Running {
    Server(Server),
    Process(Process),
    Conversation(Conversation),
}

impl Side {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Nginx, Self::Bare];
}

impl Contender {
    /// Ours, already running.
    pub(crate) fn ours(server: Server) -> Self {
        Self {
            side: Side::Ours,
            address: server.address(),
            pid: server.id(),
            _running: Running::Server(server),
        }
    }

    /// nginx with one worker, which serves `files`; its configuration and what it writes are in `directory`.
    pub(crate) fn nginx(cores: &Cores, files: &[Served], directory: &Path) -> Result<Self, BenchError> {
        let address = free_address()?;
        let configuration = directory.join("nginx.conf");
        fs::write(&configuration, nginx_configuration(address, files, directory))
            .during("writing nginx's configuration")?;
        let mut command = Command::new(nginx_program());
        command.arg("-p").arg(directory).arg("-e").arg(directory.join("error.log"));
        command.arg("-c").arg(&configuration).stdin(Stdio::null());
        let process = cores.as_server(|| Process::start(&mut command))?;
        let nginx =
            Self { side: Side::Nginx, address, pid: process.id(), _running: Running::Process(process) };
        nginx.wait(files)
    }

    /// The handler, which serves the list of `files` in `directory`.
    pub(crate) fn bare(
        programs: &Programs,
        cores: &Cores,
        files: &[Served],
        directory: &Path,
    ) -> Result<Self, BenchError> {
        let list = directory.join("files.json");
        let text = serde_json::to_vec(files).map_err(|error| BenchError::Unexpected(error.to_string()))?;
        fs::write(&list, text).during("writing the list of files")?;
        let list = list.display().to_string();
        let mut conversation = cores.as_server(|| Conversation::start(&programs.bare, &[&list]))?;
        let line = conversation.hear()?;
        let address = line.trim().parse();
        let address =
            address.map_err(|_| BenchError::Unexpected(format!("`{}` is no address", line.trim())))?;
        let pid = conversation.id();
        Self { side: Side::Bare, address, pid, _running: Running::Conversation(conversation) }.wait(files)
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Where it has what a case asks for.
    pub(crate) fn path(&self, case: Case) -> String {
        match self.side {
            Side::Ours => case.subject.path().to_owned(),
            Side::Nginx | Side::Bare => case.file(),
        }
    }

    fn wait(self, files: &[Served]) -> Result<Self, BenchError> {
        let path = files.first().map_or("/", |file| &*file.path);
        wait_for("a server's start", PATIENCE, || {
            Ok(get(self.address, path, &[]).is_ok_and(|answer| answer.status == 200).then_some(()))
        })?;
        Ok(self)
    }
}

/// Debian keeps servers where the `PATH` of ordinary users does not lead.
fn nginx_program() -> &'static str {
    if Path::new("/usr/sbin/nginx").is_file() { "/usr/sbin/nginx" } else { "nginx" }
}

/// What nginx can do best: one process, files kept open, no log, headers as they are.
fn nginx_configuration(address: SocketAddr, files: &[Served], directory: &Path) -> String {
    let place = directory.display();
    let mut text = format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log crit;\n\
         worker_rlimit_nofile 20000;\n\
         events {{ worker_connections 16384; multi_accept on; }}\n\
         http {{\n\
         client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;\n\
         uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;\n\
         access_log off; server_tokens off; sendfile on; tcp_nopush on; tcp_nodelay on; gzip_static on;\n\
         keepalive_timeout 60s; keepalive_requests 1000000000;\n\
         open_file_cache max=100 inactive=1h; open_file_cache_valid 1h;\n\
         server {{ listen {address} backlog=4096; types {{ }}\n"
    );
    for file in files {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "location = {} {{ alias {};", file.path, file.body.display());
        let _ = writeln!(text, "default_type \"{}\"; add_header Last-Modified \"\";", file.media_type);
        for (name, value) in &file.headers {
            let _ = writeln!(text, "add_header {name} \"{value}\";");
        }
        text.push_str("}\n");
    }
    text.push_str("}\n}\n");
    text
}
