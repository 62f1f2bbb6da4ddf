//! Deployments that still need this computer.
//!
//! Between a review and the moment when AWS has everything, a deployment lives in a folder of the app's own data, so that an
//! app that was killed can go on. Nothing in it is a secret, and nothing of it is needed once the pipeline has started.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zonke_plan::Plan;

use crate::error::{CloudError, ErrorCode, Result};

/// Pending deployments in a folder.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// A deployment between review and the pipeline's start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pending {
    /// Name of the review.
    pub(crate) id: String,
    /// Account it belongs to.
    pub(crate) account_id: String,
    /// Region it belongs to.
    pub(crate) region: String,
    /// When it was reviewed, milliseconds since the epoch.
    pub(crate) reviewed_at: f64,
    /// Change set to execute; none when nothing changes in the pipeline stack.
    pub(crate) change_set: Option<String>,
    /// Whether it was confirmed, so that it must be carried to its end.
    pub(crate) confirmed: bool,
    /// Connection to the source host.
    pub(crate) connection_arn: String,
    /// Version of `infra.zip` once it is uploaded.
    pub(crate) uploaded: Option<String>,
    /// What is deployed.
    pub(crate) plan: Plan,
}

impl Pending {
    pub(crate) fn app(&self) -> &str {
        &self.plan.inputs.choices.app
    }
}

/// Reviews that nobody confirmed are forgotten after a week.
const STALE: f64 = 7.0 * 24.0 * 3600.0 * 1000.0;

impl Journal {
    /// A journal in `folder`, which is created when something is written.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub(crate) fn save(&self, pending: &Pending) -> Result<()> {
        let write = || {
            fs::create_dir_all(&self.folder)?;
            write_atomically(&self.file(&pending.id)?, &serde_json::to_vec(pending)?)
        };
        write().map_err(|e| self.broken("write", &e))
    }

    pub(crate) fn load(&self, id: &str) -> Result<Pending> {
        let read = || Ok(serde_json::from_slice(&fs::read(self.file(id)?)?)?);
        read().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => CloudError::not_found(
                format!("The review `{id}` is not known any more."),
                "Review the deployment again.",
            ),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => CloudError::conflict(
                format!("The review `{id}` was made by another version of the app."),
                "Review the deployment again.",
            ),
            _ => self.broken("read", &error),
        })
    }

    /// Everything pending, oldest first. Files of another version of the app are left out.
    pub(crate) fn all(&self) -> Vec<Pending> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let ids = entries
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.strip_suffix(".json").map(str::to_owned));
        let mut all: Vec<_> = ids.filter_map(|id| self.load(&id).ok()).collect();
        all.sort_by(|a, b| a.reviewed_at.total_cmp(&b.reviewed_at));
        all
    }

    pub(crate) fn remove(&self, id: &str) {
        let Ok(file) = self.file(id) else { return };
        for file in [file.with_extension("lock"), file] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %file.display(), %error, "a finished deployment stays in the journal");
                }
                _ => {}
            }
        }
    }

    /// Forgets reviews that nobody confirmed for a week.
    pub(crate) fn tidy(&self, now: f64) {
        for pending in self.all() {
            if !pending.confirmed && now - pending.reviewed_at > STALE {
                self.remove(&pending.id);
            }
        }
    }

    /// Reserves a pending deployment for this process, so that the app and the command do not both carry it on.
    pub(crate) fn reserve(&self, id: &str) -> Result<Option<Reserved>> {
        let lock = || {
            fs::create_dir_all(&self.folder)?;
            let file = File::options()
                .create(true)
                .append(true)
                .open(self.file(id)?.with_extension("lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(Reserved { _file: file })),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        lock().map_err(|e: io::Error| self.broken("reserve", &e))
    }

    fn file(&self, id: &str) -> io::Result<PathBuf> {
        // The id comes back from outside: it must not lead out of the folder.
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(self.folder.join(format!("{id}.json")))
    }

    fn broken(&self, what: &str, error: &io::Error) -> CloudError {
        CloudError::new(
            ErrorCode::Other,
            format!(
                "Could not {what} the pending deployment in {}: {error}.",
                self.folder.display()
            ),
            "Make room or rights in that folder and try again.",
        )
    }
}

/// A pending deployment that only this process carries on; released when dropped or when the process ends.
#[derive(Debug)]
pub(crate) struct Reserved {
    _file: File,
}

/// Replaces a file in one step: a reader sees the old content or the new, also after a crash.
fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let result = File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let result = result.and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        drop(fs::remove_file(&temporary));
    }
    result
}
