//! Where the app keeps its own files, and the one way both faces open a session.
//!
//! Everything lies in one folder, `ZONKE_DATA_DIR` or the platform's usual place: the audit log, pending deployments, what was
//! set for projects, what was found in large ones, prices that AWS told, the last account and the practice account. Nothing in it is a secret, and nothing in it is needed to operate an application:
//! what runs is read from AWS.

mod accounts;
mod ejected;
mod prices;
mod projects;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use zonke_cloud::deploy::Journal;
use zonke_cloud::view::AccountTarget;
use zonke_cloud::{Access, AuditLog, CloudError, Endpoint, ErrorCode, Session};
use zonke_practice::{Practice, PracticeEndpoint};
use zonke_signin::SignInDesk;
use zonke_vault::Secret;

pub use accounts::{AccountProof, KeychainView, ProfileView};
pub use ejected::{EjectError, Ejected, EjectedEntry, eject_into, write_ejected};
pub use prices::Prices;
pub use projects::{Project, Projects, ProjectsError};

/// The app's own folder.
#[derive(Debug)]
pub struct Home {
    data_dir: PathBuf,
    practice: Practice,
    accounts: accounts::Accounts,
}

/// The app's own folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The platform names no place for application data.
    #[error("this computer names no folder for application data: set ZONKE_DATA_DIR to a folder that may be written")]
    NoPlace,
    /// The folder cannot be made or written.
    #[error("the folder {path} cannot be written ({source}): make room or rights in it, or set ZONKE_DATA_DIR to another one")]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Home {
    /// Opens the folder, making it if needed.
    ///
    /// # Errors
    /// [`HomeError`] when there is no place for it or it cannot be written.
    pub fn open() -> Result<Self, HomeError> {
        Self::at(place()?)
    }

    /// Opens this folder, making it if needed.
    ///
    /// # Errors
    /// [`HomeError::NotWritable`].
    pub fn at(data_dir: PathBuf) -> Result<Self, HomeError> {
        fs::create_dir_all(&data_dir).map_err(|source| HomeError::NotWritable {
            path: data_dir.clone(),
            source,
        })?;
        let practice = Practice::new(data_dir.join("practice"));
        let accounts = accounts::Accounts::new(&data_dir);
        Ok(Self {
            data_dir,
            practice,
            accounts,
        })
    }

    /// The same, with somebody to ask: calls whose profile needs its user wait at `desk` instead of failing.
    #[must_use]
    pub fn asking(mut self, desk: SignInDesk) -> Self {
        self.accounts.ask_at(desk);
        self
    }

    /// The folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The practice account in it.
    pub fn practice(&self) -> &Practice {
        &self.practice
    }

    /// What the user set for their projects.
    pub fn projects(&self) -> Projects {
        Projects::at(self.data_dir.join("projects"))
    }

    /// Prices that AWS told.
    pub fn prices(&self) -> Prices {
        Prices::at(Some(self.data_dir.join("prices")))
    }

    /// Deployments that still need this computer.
    pub fn journal(&self) -> Journal {
        Journal::at(self.data_dir.join("pending"))
    }

    /// Every call the app makes in AWS.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::at(self.data_dir.join("audit.jsonl"))
    }

    /// Opens a session and remembers the account as the last one.
    ///
    /// # Errors
    /// [`CloudError`] when the practice account does not run or the account does not accept us.
    pub async fn connect(&self, target: &AccountTarget) -> Result<Session, CloudError> {
        let target = &self.saved_if_named(target);
        let access = match self.access(target)? {
            Some(access) => access,
            None => practice_access(
                self.practice
                    .attach()
                    .await
                    .map_err(|error| CloudError::new(ErrorCode::NotFound, error.to_string(), error.hint()))?,
            ),
        };
        let session = Session::connect(target, access, self.audit_log()).await?;
        self.remember(target);
        Ok(session)
    }

    /// The account that was connected last.
    pub fn last_account(&self) -> Option<AccountTarget> {
        serde_json::from_slice(&fs::read(self.last_account_file()).ok()?).ok()
    }

    /// A note that is lost costs one click at the next start, so failing to write it stops nothing.
    fn remember(&self, target: &AccountTarget) {
        let written = serde_json::to_vec(target)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(self.last_account_file(), text));
        if let Err(error) = written {
            tracing::warn!("the last account could not be noted: {error}");
        }
    }

    fn last_account_file(&self) -> PathBuf {
        self.data_dir.join("last-account.json")
    }
}

/// Where the folder is, whether it exists or not.
fn place() -> Result<PathBuf, HomeError> {
    Ok(match std::env::var_os("ZONKE_DATA_DIR") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => directories::ProjectDirs::from("dev", "zonke", "zonke")
            .ok_or(HomeError::NoPlace)?
            .data_dir()
            .to_owned(),
    })
}

/// The remembered projects, for commands that need nothing else of the folder: it is not made.
///
/// # Errors
/// [`HomeError::NoPlace`].
pub fn projects() -> Result<Projects, HomeError> {
    Ok(Projects::at(place()?.join("projects")))
}

/// Prices that AWS told, for commands that need nothing else of the folder: it is not made. Without a place for it nothing was told.
pub fn prices() -> Prices {
    Prices::at(place().ok().map(|place| place.join("prices")))
}

fn practice_access(practice: PracticeEndpoint) -> Access {
    Access::to_practice(&Endpoint {
        url: practice.url,
        region: practice.region,
        access_key_id: practice.access_key_id,
        secret_access_key: Secret::from(practice.secret_access_key),
    })
}

/// Sends the log of both faces to standard error. `ZONKE_LOG` chooses what (`debug`, `zonke_cloud=trace`, …); details of
/// the AWS SDK are never shown, because secrets are among them.
pub fn start_logging() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_env("ZONKE_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let no_secret = filter_fn(|line| zonke_vault::may_be_logged(line.target(), *line.level() > tracing::Level::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // Colors are for people: a file or a pipe gets the words alone.
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_filter(filter)
        .with_filter(no_secret);
    let started = tracing_subscriber::registry().with(lines).try_init();
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
