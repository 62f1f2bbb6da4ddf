//! The practice account as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::error::PracticeError;
use crate::extension::{self, EMULATOR_VERSION};
use crate::http::Identity;
use crate::options::PracticeOptions;
use crate::python::Environment;
use crate::server::{Place, Record, Start};
use crate::status::{PracticeEndpoint, PracticeProgress, PracticeState, PracticeStatus, PracticeStep};

/// Longer than an installation may take.
const LOCK_LIMIT: Duration = Duration::from_mins(40);
const LOCK_POLL: Duration = Duration::from_millis(50);

/// The practice account of one data folder. Both faces may hold one at the same time: there is never more than one server.
#[derive(Debug)]
pub struct Practice {
    data_dir: PathBuf,
    options: PracticeOptions,
    environment: Environment,
    place: Place,
    own: Arc<Mutex<Own>>,
}

/// What only this process knows.
#[derive(Debug, Default)]
struct Own {
    /// Set while this process installs or starts.
    doing: Option<PracticeState>,
    /// The server this process started, once it ended without being asked: its process id and how it ended.
    ended: Option<(u32, String)>,
}

impl Practice {
    /// The practice account below `data_dir`, with the settings of the environment. Touches nothing yet.
    pub fn new(data_dir: PathBuf) -> Self {
        Self::with_options(data_dir, PracticeOptions::from_env())
    }

    /// The practice account below `data_dir` with these settings. Touches nothing yet.
    pub fn with_options(data_dir: PathBuf, options: PracticeOptions) -> Self {
        // The server gets this path and has another working folder.
        let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
        let environment = Environment::at(options.venv.clone().unwrap_or_else(|| data_dir.join("venv")));
        let place = Place::at(data_dir.clone());
        Self {
            data_dir,
            options,
            environment,
            place,
            own: Arc::default(),
        }
    }

    /// Installs the emulator if needed, starts the server unless it runs, and waits until it answers.
    ///
    /// A server that was started by the other face, or left behind by an app that was killed, is used as it is.
    ///
    /// # Errors
    /// [`PracticeError`]: no usable Python, no network for its packages, or a server that does not come up.
    pub async fn start(&self, progress: impl Fn(PracticeProgress) + Send + Sync) -> Result<PracticeEndpoint, PracticeError> {
        fs::create_dir_all(&self.data_dir).map_err(PracticeError::file(&self.data_dir))?;
        let _lock = Lock::take(&self.lock_file()).await?;
        let ready = |record: &Record| {
            progress(PracticeProgress {
                step: PracticeStep::Ready,
                detail: format!("The practice account answers at {}.", record.url()),
                percent: Some(100),
            });
            record.endpoint()
        };
        if let Some((record, _)) = self.running().await {
            return Ok(ready(&record));
        }
        if let Some(left_behind) = self.place.record() {
            // It does not answer: if it still runs it hangs, and there must never be two.
            self.place.stop(&left_behind).await?;
        }
        self.install(&progress).await?;
        progress(PracticeProgress {
            step: PracticeStep::Server,
            detail: "Starting the practice account.".to_owned(),
            percent: Some(85),
        });
        let record = self.launch().await?;
        Ok(ready(&record))
    }

    async fn install(&self, progress: &(impl Fn(PracticeProgress) + Sync)) -> Result<(), PracticeError> {
        if self.environment.installed().is_some() {
            return Ok(());
        }
        let _doing = self.doing(PracticeState::Installing);
        let lock_file = self.environment.lock_file();
        if let Some(folder) = lock_file.parent() {
            fs::create_dir_all(folder).map_err(PracticeError::file(folder))?;
        }
        let _lock = Lock::take(&lock_file).await?;
        if self.environment.installed().is_some() {
            return Ok(());
        }
        self.environment.install(self.options.python.as_deref(), progress).await
    }

    async fn launch(&self) -> Result<Record, PracticeError> {
        let _doing = self.doing(PracticeState::Starting);
        self.own().ended = None;
        let python = self.environment.program();
        let start = Start {
            python: &python,
            region: self.options.region.as_deref(),
            speed: self.options.speed,
            fault_file: self.options.fault_file.as_deref(),
        };
        let (record, child) = self.place.start(&start).await?;
        self.watch(record.pid, child);
        Ok(record)
    }

    /// Notes when the server ends, and collects it.
    fn watch(&self, pid: u32, mut child: Child) {
        let own = Arc::clone(&self.own);
        let place = self.place.clone();
        tokio::spawn(async move {
            let how = match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
            // A server that was asked to stop is forgotten after it ended, so only its own words tell.
            if how != "exit status: 0" {
                let words = place.last_words();
                tracing::warn!("the practice account ended with {how}: {words}");
                own.lock().unwrap_or_else(PoisonError::into_inner).ended = Some((pid, format!("{how}: {words}")));
            }
        });
    }

    /// Finds the server that runs, whoever started it.
    ///
    /// # Errors
    /// [`PracticeError::NotRunning`].
    pub async fn attach(&self) -> Result<PracticeEndpoint, PracticeError> {
        let (record, _) = self.running().await.ok_or(PracticeError::NotRunning)?;
        Ok(record.endpoint())
    }

    /// Ends the server; everything in it is gone. Not an error if none runs.
    ///
    /// # Errors
    /// [`PracticeError::NotStopped`] if its process does not end.
    pub async fn stop(&self) -> Result<(), PracticeError> {
        if !self.data_dir.exists() {
            return Ok(());
        }
        let _lock = Lock::take(&self.lock_file()).await?;
        if let Some(record) = self.place.record() {
            self.place.stop(&record).await?;
        }
        self.own().ended = None;
        Ok(())
    }

    /// Throws everything in the practice account away. A running server goes on at the same address; a stopped one has nothing.
    ///
    /// # Errors
    /// [`PracticeError`] if the server does not come back.
    pub async fn reset(&self) -> Result<(), PracticeError> {
        if !self.data_dir.exists() {
            return Ok(());
        }
        let _lock = Lock::take(&self.lock_file()).await?;
        let Some((record, _)) = self.running().await else {
            if let Some(record) = self.place.record() {
                self.place.stop(&record).await?;
            }
            return Ok(());
        };
        if record.extension == extension::version() {
            return self.place.reset(&record).await;
        }
        // The server is of an earlier version of this program; now nothing is lost by leaving it.
        self.place.stop(&record).await?;
        self.install(&|_| {}).await?;
        self.launch().await.map(drop)
    }

    /// How far it is, asked anew.
    pub async fn status(&self) -> PracticeStatus {
        let python = self.environment.installed();
        let mut status = PracticeStatus {
            state: PracticeState::Stopped,
            detail: "The practice account is not running.".to_owned(),
            endpoint: None,
            python,
            version: EMULATOR_VERSION.to_owned(),
            pid: None,
            started_at: None,
        };
        if let Some((record, identity)) = self.running().await {
            status.state = PracticeState::Running;
            status.detail = running_text(&record);
            status.endpoint = Some(record.url());
            status.pid = Some(identity.pid);
            status.started_at = Some(identity.started_at * 1000.0);
            return status;
        }
        (status.state, status.detail) = self.not_running(status.python.is_some()).await;
        status
    }

    async fn not_running(&self, installed: bool) -> (PracticeState, String) {
        if let Some(doing) = self.own().doing {
            let detail = if doing == PracticeState::Installing {
                "The emulator is being installed."
            } else {
                "The practice account is starting."
            };
            return (doing, detail.to_owned());
        }
        if Lock::is_taken(&self.lock_file()) {
            return (
                PracticeState::Starting,
                "Another Zonké is starting or stopping the practice account.".to_owned(),
            );
        }
        let Some(record) = self.place.record() else {
            return if installed {
                (PracticeState::Stopped, "The practice account is not running.".to_owned())
            } else {
                (
                    PracticeState::NotInstalled,
                    "The practice account is not installed yet; starting it does that.".to_owned(),
                )
            };
        };
        if let Some((pid, how)) = &self.own().ended
            && *pid == record.pid
        {
            let detail = format!("The practice account ended by itself ({how}). What was in it is gone; start it again.");
            return (PracticeState::Failed, detail);
        }
        if self.place.is_ours(record.pid).await {
            let detail = format!(
                "The practice account (process {}) does not answer. Stop it and start it again.",
                record.pid
            );
            return (PracticeState::Failed, detail);
        }
        let detail = "The practice account ended without being stopped, for example because the computer was restarted. \
                      What was in it is gone; start it again.";
        (PracticeState::Stopped, detail.to_owned())
    }

    async fn running(&self) -> Option<(Record, Identity)> {
        let record = self.place.record()?;
        let identity = record.identity().await?;
        Some((record, identity))
    }

    fn lock_file(&self) -> PathBuf {
        self.data_dir.join("lock")
    }

    fn own(&self) -> std::sync::MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doing(&self, what: PracticeState) -> Doing {
        self.own().doing = Some(what);
        Doing(Arc::clone(&self.own))
    }
}

fn running_text(record: &Record) -> String {
    let base = format!(
        "The practice account runs at {} and keeps everything in memory until it is stopped.",
        record.url()
    );
    if record.extension == extension::version() {
        base
    } else {
        format!("{base} It was started by another version of Zonké; reset it to get the new one.")
    }
}

/// Clears what this process is doing, however it ends.
struct Doing(Arc<Mutex<Own>>);

impl Drop for Doing {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).doing = None;
    }
}

/// Keeps other programs, and other tasks of this one, from starting or stopping at the same time. The system frees it if we die.
struct Lock(#[expect(dead_code, reason = "held open, and locked, as long as this lives")] File);

impl Lock {
    async fn take(path: &Path) -> Result<Self, PracticeError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(PracticeError::file(path))?;
        let deadline = Instant::now() + LOCK_LIMIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(error)) => return Err(PracticeError::file(path)(error)),
                Err(TryLockError::WouldBlock) if Instant::now() > deadline => {
                    return Err(PracticeError::Busy {
                        minutes: LOCK_LIMIT.as_secs() / 60,
                    });
                }
                Err(TryLockError::WouldBlock) => sleep(LOCK_POLL).await,
            }
        }
    }

    fn is_taken(path: &Path) -> bool {
        let Ok(file) = OpenOptions::new().write(true).open(path) else {
            return false;
        };
        matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    }
}
