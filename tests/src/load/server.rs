//! The servers under test as child processes, each tied to one core: the raw floor and nginx with its RTMP module.
//!
//! Every server gets a folder of its own that goes with it, ports that were free a moment ago, and is killed when
//! its owner is dropped. The system's own nginx is never touched.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::process::{Usage, usage_of_tree};

const START_TIMEOUT: Duration = Duration::from_mins(1);
const NGINX_MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    folder: TempDir,
}

impl Server {
    /// Starts `program` on `core` in a fresh folder; `prepare` may write into the folder and adds arguments and
    /// environment.
    pub fn start(
        core: usize,
        program: &Path,
        prepare: impl FnOnce(&Path, &mut Command) -> Result<()>,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("neustream-load-").tempdir()?;
        // The server dies with the thread that started it, however that ends; both tools are util-linux's.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "taskset", "-c", &core.to_string()])
            .arg(program)
            .stdin(Stdio::null());
        prepare(folder.path(), &mut command)?;
        command.current_dir(folder.path());
        command.stdout(Stdio::piped()).stderr(File::create(log_in(folder.path()))?);
        let mut child = command.spawn().with_context(|| format!("start {}", program.display()))?;
        let output = child.stdout.take().context("standard output")?;
        let (sender, lines) = mpsc::channel();
        // Ends with the child, whose output it drains so that the child never waits for us.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Ok(Self { child, lines, folder })
    }

    /// Waits for a line of the standard output that starts with `prefix`, and gives the rest of it.
    pub fn line_after(&mut self, prefix: &str) -> Result<String> {
        let end = Instant::now() + START_TIMEOUT;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(rest) = line.trim_start().strip_prefix(prefix) {
                        return Ok(rest.trim().to_owned());
                    }
                }
                Err(_) => bail!("the server never printed {prefix:?}; its log:\n{}", self.log_tail()),
            }
        }
    }

    /// Waits until `address` accepts connections.
    pub fn wait_for_port(&mut self, address: SocketAddr) -> Result<()> {
        let end = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end || self.child.try_wait()?.is_some() {
                bail!("{address} does not accept connections; the server's log:\n{}", self.log_tail());
            }
            // There is no event to wait for: the port opens in a foreign process.
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// CPU time and memory of the server with all its children.
    pub fn usage(&self) -> Result<Usage> {
        usage_of_tree(self.child.id())
            .with_context(|| format!("the server ended; its log:\n{}", self.log_tail()))
    }

    /// The last lines that the server logged.
    pub fn log_tail(&self) -> String {
        let log = fs::read(log_in(self.folder.path())).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts this program's own floor: `arguments` follow the word `raw`.
pub fn start_raw(core: usize, arguments: &[String]) -> Result<(Server, SocketAddr)> {
    let program = std::env::current_exe().context("this program's path")?;
    let mut server = Server::start(core, &program, |_, command| {
        command.arg("raw").args(arguments);
        Ok(())
    })?;
    let address = server.line_after("listening ")?.parse().context("the floor's address")?;
    Ok((server, address))
}

/// One application of an nginx, which pushes what is published in it.
#[derive(Debug, Clone)]
pub struct NginxApplication {
    /// The application of the publish URL.
    pub name: String,
    /// RTMP URLs that it pushes to.
    pub push_to: Vec<String>,
}

/// Starts nginx with its RTMP module: one process, defaults but for what a private instance needs.
pub fn start_nginx(core: usize, applications: &[NginxApplication]) -> Result<(Server, SocketAddr)> {
    let address = free_address()?;
    let nginx = find_nginx()?;
    let mut server = Server::start(core, &nginx, |folder, command| {
        fs::write(folder.join("nginx.conf"), nginx_configuration(address, applications))?;
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
        command.arg("-e").arg(folder.join("startup.log"));
        Ok(())
    })?;
    server.wait_for_port(address)?;
    Ok((server, address))
}

fn nginx_configuration(address: SocketAddr, applications: &[NginxApplication]) -> String {
    let blocks: String = applications.iter().map(application_block).collect();
    format!(
        "load_module {NGINX_MODULE};\n\
         daemon off;\nmaster_process off;\nworker_processes 1;\npid nginx.pid;\nerror_log stderr error;\n\
         worker_rlimit_nofile 16384;\nevents {{ worker_connections 8192; }}\n\
         rtmp {{\n  access_log off;\n  server {{\n    listen {address};\n{blocks}  }}\n}}\n"
    )
}

fn application_block(application: &NginxApplication) -> String {
    let pushes: Vec<String> = application.push_to.iter().map(|url| format!("      push {url};\n")).collect();
    format!("    application {} {{\n      live on;\n{}    }}\n", application.name, pushes.concat())
}

fn find_nginx() -> Result<PathBuf> {
    let candidates = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
    let found = candidates.map(PathBuf::from).into_iter().find(|path| path.exists());
    match found {
        Some(path) if Path::new(NGINX_MODULE).exists() => Ok(path),
        _ => bail!("nginx with its RTMP module is needed: apt-get install nginx libnginx-mod-rtmp"),
    }
}

/// A loopback address whose port was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?.local_addr()?)
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("server.log")
}
