//! The server process: started apart from us, remembered in a file, recognized by a number only it and we know.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::error::PracticeError;
use crate::extension;
use crate::http::{self, Identity};
use crate::status::PracticeEndpoint;

/// An account number that AWS itself uses in examples.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const SPEED: f64 = 0.05;

/// Loading the emulator takes a second; a busy or slow computer may need many.
const START_LIMIT: Duration = Duration::from_secs(90);
const STOP_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);

/// What of the user's environment the server gets. `ZONKE_*` comes on top. Nothing of AWS is in here.
const PASSED_ON: [&str; 8] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SYSTEMROOT",
    "SystemRoot",
    "SYSTEMDRIVE",
    "WINDIR",
];

/// What is remembered of a server. The file is readable by this user only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) pid: u32,
    port: u16,
    nonce: String,
    access_key: String,
    region: String,
    /// Version of the extension it runs.
    pub(crate) extension: String,
}

impl Record {
    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn endpoint(&self) -> PracticeEndpoint {
        PracticeEndpoint {
            url: self.url(),
            account_id: ACCOUNT.to_owned(),
            access_key_id: self.access_key.clone(),
            secret_access_key: "practice".to_owned(),
            region: self.region.clone(),
        }
    }

    /// What the server says about itself, if it answers and is the one we started.
    pub(crate) async fn identity(&self) -> Option<Identity> {
        http::identity(self.port, &self.nonce).await
    }
}

/// The files of the server in the data folder.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    data_dir: PathBuf,
}

/// How a server is to be started.
pub(crate) struct Start<'a> {
    pub(crate) python: &'a Path,
    pub(crate) region: Option<&'a str>,
    pub(crate) speed: Option<f64>,
    pub(crate) fault_file: Option<&'a Path>,
}

impl Place {
    pub(crate) fn at(data_dir: PathBuf) -> Self {
        Self { data_dir }
    }

    fn record_file(&self) -> PathBuf {
        self.data_dir.join("server.json")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.data_dir.join("server.log")
    }

    /// The server that was started last and not stopped, whether it still runs or not.
    pub(crate) fn record(&self) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.record_file()).ok()?).ok()
    }

    /// Forgets the server.
    pub(crate) fn forget(&self) -> Result<(), PracticeError> {
        match fs::remove_file(self.record_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(PracticeError::file(self.record_file())(error)),
            _ => Ok(()),
        }
    }

    fn remember(&self, record: &Record) -> Result<(), PracticeError> {
        let path = self.record_file();
        let fresh = path.with_extension("new");
        let write = || {
            let mut file = private(&fresh)?;
            file.write_all(&serde_json::to_vec_pretty(record)?)?;
            fs::rename(&fresh, &path)
        };
        write().map_err(PracticeError::file(&path))
    }

    /// The last lines of the server's log, on one line.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read(self.log_file()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            "it said nothing".to_owned()
        } else {
            lines[lines.len().saturating_sub(4)..].join(" · ")
        }
    }

    /// Starts a server and waits until it answers.
    pub(crate) async fn start(&self, start: &Start<'_>) -> Result<(Record, Child), PracticeError> {
        let folder = extension::write(&self.data_dir)?;
        let mut last = None;
        // Between choosing a port and using it, another program may take it.
        for _ in 0..3 {
            let (record, mut child) = self.spawn(&folder, start)?;
            match self.answers(&record, &mut child).await {
                Ok(()) => return Ok((record, child)),
                Err(error) => {
                    self.forget()?;
                    last = Some(error);
                }
            }
            if !self.last_words().contains("ddress already in use") {
                break;
            }
        }
        Err(last.unwrap_or(PracticeError::NotRunning))
    }

    fn spawn(&self, folder: &Path, start: &Start<'_>) -> Result<(Record, Child), PracticeError> {
        let port = free_port()?;
        let region = start.region.unwrap_or(REGION).to_owned();
        let mut record = Record {
            pid: 0,
            port,
            nonce: random(16)?,
            access_key: format!("ZONKE{}", random(8)?[..15].to_uppercase()),
            region,
            extension: extension::version(),
        };
        for name in ["home", "tmp"] {
            let path = self.data_dir.join(name);
            fs::create_dir_all(&path).map_err(PracticeError::file(&path))?;
        }
        let log_file = self.log_file();
        let log = private(&log_file).map_err(PracticeError::file(&log_file))?;
        let errors = log.try_clone().map_err(PracticeError::file(&log_file))?;
        let mut command = Command::new(start.python);
        // Isolated: no other Python's paths or user packages.
        command.arg("-I").arg(folder.join("serve.py"));
        command
            .current_dir(&self.data_dir)
            .env_clear()
            .envs(self.environment(&record, start));
        command.stdin(Stdio::null()).stdout(log).stderr(errors).kill_on_drop(false);
        let child = command.spawn().map_err(PracticeError::file(start.python))?;
        record.pid = child.id().unwrap_or_default();
        // Before it answers, so that a server that comes up after the app was killed is still found.
        self.remember(&record)?;
        Ok((record, child))
    }

    fn environment(&self, record: &Record, start: &Start<'_>) -> BTreeMap<OsString, OsString> {
        let kept = env::vars_os().filter(|(name, _)| {
            name.to_str()
                .is_some_and(|name| PASSED_ON.contains(&name) || name.starts_with("ZONKE_"))
        });
        let inside = |name: &str| self.data_dir.join(name).into_os_string();
        let faults = start
            .fault_file
            .map_or_else(|| self.data_dir.join("faults.json"), Path::to_owned);
        let own: [(&str, OsString); 18] = [
            ("HOME", inside("home")),
            ("USERPROFILE", inside("home")),
            ("TMPDIR", inside("tmp")),
            ("TEMP", inside("tmp")),
            ("TMP", inside("tmp")),
            ("STATE_DIR", inside("state")),
            ("S3_DATA_DIR", inside("s3")),
            // The emulator would start containers for servers and databases if it found Docker.
            (
                "DOCKER_HOST",
                OsString::from(format!("unix://{}", self.data_dir.join("no-docker").display())),
            ),
            ("SFTP_ENABLED", "0".into()),
            ("IOT_MTLS_ENABLED", "0".into()),
            ("LOG_LEVEL", "WARNING".into()),
            ("ZONKE_PRACTICE_PORT", record.port.to_string().into()),
            ("ZONKE_PRACTICE_NONCE", record.nonce.clone().into()),
            ("ZONKE_PRACTICE_ACCESS_KEY", record.access_key.clone().into()),
            ("ZONKE_PRACTICE_ACCOUNT", ACCOUNT.into()),
            ("ZONKE_PRACTICE_REGION", record.region.clone().into()),
            ("ZONKE_PRACTICE_SPEED", start.speed.unwrap_or(SPEED).to_string().into()),
            ("ZONKE_PRACTICE_FAULTS", faults.into_os_string()),
        ];
        kept.chain(own.map(|(name, value)| (name.into(), value))).collect()
    }

    async fn answers(&self, record: &Record, child: &mut Child) -> Result<(), PracticeError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if record.identity().await.is_some() {
                return Ok(());
            }
            let ended = child.try_wait().ok().flatten();
            if ended.is_none() && Instant::now() < deadline {
                sleep(POLL).await;
                continue;
            }
            let detail = match ended {
                Some(status) => format!("it ended with {status}: {}", self.last_words()),
                None => format!(
                    "it did not answer within {} seconds: {}",
                    START_LIMIT.as_secs(),
                    self.last_words()
                ),
            };
            if let Err(error) = child.kill().await {
                tracing::debug!("a server that did not come up was gone already: {error}");
            }
            return Err(PracticeError::NotStarted {
                detail,
                log: self.log_file(),
            });
        }
    }

    /// Ends the server of `record`, by asking first.
    pub(crate) async fn stop(&self, record: &Record) -> Result<(), PracticeError> {
        http::order(record.port, &record.nonce, "stop").await;
        if !self.gone(record).await && self.is_ours(record.pid).await {
            signal(record.pid, "KILL").await;
            if !self.gone(record).await {
                return Err(PracticeError::NotStopped { pid: record.pid });
            }
        }
        self.forget()
    }

    async fn gone(&self, record: &Record) -> bool {
        let deadline = Instant::now() + STOP_LIMIT;
        while self.is_ours(record.pid).await {
            if Instant::now() > deadline {
                return false;
            }
            sleep(POLL).await;
        }
        true
    }

    /// Throws everything in the server away and waits until it answers again.
    pub(crate) async fn reset(&self, record: &Record) -> Result<(), PracticeError> {
        let before = record.identity().await.ok_or(PracticeError::NotRunning)?;
        http::order(record.port, &record.nonce, "reset").await;
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            if record.identity().await.is_some_and(|now| now.started_at > before.started_at) {
                return Ok(());
            }
            sleep(POLL).await;
        }
        Err(PracticeError::NotStarted {
            detail: self.last_words(),
            log: self.log_file(),
        })
    }

    /// Whether a process with this id runs our server. Ids are used again, so the id alone says nothing.
    pub(crate) async fn is_ours(&self, pid: u32) -> bool {
        command_line(pid)
            .await
            .is_some_and(|line| line.contains(&*self.data_dir.to_string_lossy()) && line.contains("serve.py"))
    }
}

/// A file that only this user can read, empty.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn free_port() -> Result<u16, PracticeError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(PracticeError::NoPort)?;
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(PracticeError::NoPort)
}

fn random(bytes: usize) -> Result<String, PracticeError> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer)
        .map_err(|error| PracticeError::file("the random numbers of the system")(io::Error::other(error.to_string())))?;
    Ok(extension::hex(&buffer))
}

/// How a process was started. A process that has ended but was not collected by its parent has no command line.
async fn command_line(pid: u32) -> Option<String> {
    if pid == 0 {
        return None;
    }
    if Path::new("/proc/self/cmdline").exists() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output()
        .await
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

async fn signal(pid: u32, name: &str) {
    let done = Command::new("sh")
        .args(["-c", &format!("kill -{name} {pid}")])
        .stdin(Stdio::null())
        .output()
        .await;
    if let Err(error) = done {
        tracing::warn!("process {pid} could not be ended: {error}");
    }
}
