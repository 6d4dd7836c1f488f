//! A server to deploy to: a real sshd on loopback, and a stand-in for Docker that runs real processes.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{binary::free_address, eventually, program};

/// What stands in for Docker; it lies on the `PATH` of who logs in.
const DOCKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/deploy/docker");

/// The workspace.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The server, and a copy of what is deployed to it.
pub(crate) struct Server {
    directory: TempDir,
    sshd: Child,
    /// The public site, once something runs.
    pub(crate) site: SocketAddr,
}

/// Whether the tests were told that something is not there.
pub(crate) fn is_missing() -> bool {
    program::is_missing(&["openssh-server", "openssh-client", "rsync"])
}

impl Server {
    /// A server on which nothing runs; its `docker/.env` names this backend.
    pub(crate) fn start(backend: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["bin", "images", "containers", "next", "deployment/docker", "project/docker"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::copy(DOCKER, at("bin/docker")).unwrap();
        let variables = format!("GATEWAY_URL={backend}\nORCHESTRATOR_URL={backend}\n");
        fs::write(at("deployment/docker/.env"), variables).unwrap();
        for name in ["deploy.sh", "docker/Dockerfile", "docker/compose.yaml", "docker/.env.example"] {
            fs::copy(Path::new(ROOT).join(name), at("project").join(name)).unwrap();
        }
        let (ssh, site) = (free_address(), free_address());
        let sshd = start_sshd(directory.path(), ssh, site);
        let server = Self { directory, sshd, site };
        eventually("sshd listens", || TcpStream::connect(ssh).ok());
        server
    }

    /// Something of the server's or of the project's, by its path in their common directory.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What a file says; empty if there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap_or_default().trim_end().to_owned()
    }

    /// What is built next: the real program, or a script that stands for one with a fault.
    pub(crate) fn next_release(&self, script: Option<&str>) {
        let (next, binary) = (self.at("next/command-center"), env!("CARGO_BIN_EXE_command-center"));
        // A file of its own: images may share the one before.
        let _ = fs::remove_file(&next);
        match script {
            Some(script) => {
                fs::write(&next, format!("#!/bin/bash\nreal={binary}\n{script}\n")).unwrap();
                fs::set_permissions(&next, fs::Permissions::from_mode(0o755)).unwrap();
            }
            None => {
                std::os::unix::fs::symlink(binary, &next).unwrap();
            }
        }
    }

    /// deploy.sh with these arguments, to be started.
    pub(crate) fn deploy(&self, args: &[&str]) -> Command {
        // Who runs the tests may ignore signals, and a shell would inherit that.
        let mut command = Command::new("env");
        let ssh = format!("ssh -F {}", self.at("ssh_config").display());
        command
            .arg("--default-signal")
            .arg(self.at("project/deploy.sh"))
            .args(args)
            .env("DEPLOY_HOST", "loopback")
            .env("DEPLOY_PATH", self.at("deployment"))
            .env("DEPLOY_SSH", ssh)
            .env("DEPLOY_PATIENCE", "20")
            .env("DEPLOY_KEEP", "2")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs deploy.sh to its end; gives whether it succeeded, and all that it said.
    pub(crate) fn run(&self, args: &[&str]) -> (bool, String) {
        told(self.deploy(args).output().unwrap())
    }

    /// How long it takes to connect to the server, at the moment.
    pub(crate) fn connection(&self) -> Duration {
        let begin = Instant::now();
        let mut ssh = Command::new("ssh");
        let status = ssh.arg("-F").arg(self.at("ssh_config")).args(["loopback", "true"]).status();
        assert!(status.unwrap().success());
        begin.elapsed()
    }

    /// The process of the service.
    pub(crate) fn pid(&self) -> String {
        self.read("containers/command-center")
    }

    /// Every file of the server, and what it says unless it is large.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut command = Command::new("find");
        let places = ["deployment", "images", "containers", "data"].map(|name| self.at(name));
        let output = command.args(places).args(["-printf", "%p %y %s %T@ %l\n"]).output().unwrap();
        let mut lines: Vec<String> =
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

/// Whether it succeeded, and what it said.
pub(crate) fn told(output: Output) -> (bool, String) {
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.success(), text)
}

/// sshd with keys of its own, for the user who runs this test.
fn start_sshd(directory: &Path, ssh: SocketAddr, site: SocketAddr) -> Child {
    let at = |name: &str| directory.join(name).display().to_string();
    for name in ["host_key", "user_key"] {
        let mut keygen = Command::new("ssh-keygen");
        let status = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f", &at(name)]).status();
        assert!(status.unwrap().success());
    }
    fs::copy(at("user_key.pub"), at("authorized_keys")).unwrap();
    let host_key = fs::read_to_string(at("host_key.pub")).unwrap();
    fs::write(at("known_hosts"), format!("[{}]:{} {host_key}", ssh.ip(), ssh.port())).unwrap();
    let client = format!(
        "Host loopback\nHostName {}\nPort {}\nIdentityFile {}\nIdentitiesOnly yes\nUserKnownHostsFile {}\n\
         StrictHostKeyChecking yes\n",
        ssh.ip(),
        ssh.port(),
        at("user_key"),
        at("known_hosts")
    );
    fs::write(at("ssh_config"), client).unwrap();
    let path = format!("{}:{}", at("bin"), std::env::var("PATH").unwrap());
    let (internal, candidate, candidate_internal) = (free_address(), free_address(), free_address());
    let server = format!(
        "ListenAddress {ssh}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
         PasswordAuthentication no\nSetEnv PATH={path} STAND_IN={} SERVICE={site} SERVICE_INTERNAL={internal} \
         CANDIDATE={candidate} CANDIDATE_INTERNAL={candidate_internal}\n",
        at("host_key"),
        at("authorized_keys"),
        directory.display()
    );
    fs::write(at("sshd_config"), server).unwrap();
    // Where Debian's sshd wants to be able to shut itself in. It is there where the service ever ran; who is not root
    // does not need it.
    let _ = fs::create_dir_all("/run/sshd");
    let mut sshd = Command::new("/usr/sbin/sshd");
    sshd.args(["-D", "-e", "-f", &at("sshd_config")]);
    sshd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
        for name in ["command-center", "candidate"] {
            let pid = self.read(&format!("containers/{name}")).parse().ok().and_then(Pid::from_raw);
            if let Some(pid) = pid {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}
