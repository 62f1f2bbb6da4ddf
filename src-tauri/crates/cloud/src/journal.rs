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
    /// What happens to the edge stack, and when.
    #[serde(default)]
    pub(crate) edge: Option<EdgeStep>,
    /// Connection to the source host.
    pub(crate) connection_arn: String,
    /// Version of `infra.zip` once it is uploaded.
    pub(crate) uploaded: Option<String>,
    /// What is deployed.
    pub(crate) plan: Plan,
}

/// What a deployment does to the edge stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "when")]
pub(crate) enum EdgeStep {
    /// Its change set is executed before anything else: CloudFront needs what it makes.
    First {
        /// The change set.
        change_set: String,
    },
    /// After the release, when CloudFront uses no more what goes away.
    Last {
        /// The change set; none if the whole stack is deleted.
        change_set: Option<String>,
    },
}

impl Pending {
    /// Name of the application in AWS, with its environment.
    pub(crate) fn app(&self) -> String {
        self.plan.inputs.choices.name()
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
        read().map_err(|error: io::Error| {
            let kind = error.kind();
            if matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) {
                return CloudError::not_found(
                    format!("The review `{id}` is not known any more."),
                    "Review the deployment again.",
                );
            }
            if matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) {
                let message = format!("The review `{id}` was made by another version of the app.");
                return CloudError::conflict(message, "Review the deployment again.");
            }
            self.broken("read", &error)
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
            if let Err(error) = fs::remove_file(&file)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %file.display(), %error, "a finished deployment stays in the journal");
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn pending(id: &str) -> Pending {
        let inputs = zonke_plan::Inputs {
            findings: serde_json::from_value(serde_json::json!({
                "verdict": "notSupported", "reason": "", "name": "shop", "frontends": [], "backends": [], "git": null, "questions": [], "evidence": [],
                "packageManager": {"name": "npm", "version": null, "lockfile": null, "installRoots": []}, "warnings": [],
                "node": {"wanted": null, "source": null}, "monorepoTool": "none", "chosen": {"frontend": null, "backend": null},
            }))
            .unwrap(),
            choices: serde_json::from_value(serde_json::json!({
                "app": "shop", "region": "eu-west-1", "branch": "main", "repository": "a/b", "provider": "gitHub", "database": "none",
                "launch": "fargate", "cpu": "arm64", "origin": "publicAlb",
                "servers": {"cpuUnits": 512, "memoryMib": 1024, "min": 1, "max": 1},
            }))
            .unwrap(),
            secret_keys: Vec::new(),
            secrets_revision: "0".to_owned(),
            before: None,
        };
        Pending {
            id: id.to_owned(),
            account_id: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            reviewed_at: 1.0,
            change_set: None,
            confirmed: false,
            edge: None,
            connection_arn: "arn".to_owned(),
            uploaded: None,
            plan: Plan {
                inputs,
                stacks: Vec::new(),
                files: Vec::new(),
                price: serde_json::from_value(serde_json::json!({
                    "region": "eu-west-1", "lines": [], "total": 0.0, "assumptions": "", "date": "2026-11-01", "confirmed": true
                }))
                .unwrap(),
                checks: Vec::new(),
                policies: Vec::new(),
                diagram: zonke_plan::Diagram::default(),
                resolved_at_deployment: Vec::new(),
            },
        }
    }

    #[test]
    fn a_pending_deployment_survives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path().join("pending"));
        assert!(journal.all().is_empty());
        journal.save(&pending("shop-1")).unwrap();
        let mut changed = pending("shop-1");
        changed.uploaded = Some("v1".to_owned());
        journal.save(&changed).unwrap();
        assert_eq!(Journal::at(folder.path().join("pending")).all(), [changed]);
        let names: Vec<_> = fs::read_dir(folder.path().join("pending"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["shop-1.json"], "no temporary file stays");
        journal.remove("shop-1");
        assert_eq!(journal.load("shop-1").unwrap_err().code, ErrorCode::NotFound);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_content() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        write_atomically(&file, b"old").unwrap();
        // A folder in the way of the temporary file makes the write fail halfway.
        fs::create_dir(file.with_extension(format!("{}.tmp", std::process::id()))).unwrap();
        assert!(write_atomically(&file, b"new").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"old");
    }

    #[test]
    fn files_that_are_no_pending_deployments_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path());
        fs::write(folder.path().join("old.json"), "{\"id\":\"old\"}").unwrap();
        fs::write(folder.path().join("half.json"), "{\"id\":").unwrap();
        assert!(journal.all().is_empty());
        assert_eq!(journal.load("old").unwrap_err().code, ErrorCode::Conflict);
        assert_eq!(journal.load("half").unwrap_err().code, ErrorCode::Conflict);
        for id in ["../old", "", "a/b", "a.json"] {
            assert_eq!(journal.load(id).unwrap_err().code, ErrorCode::NotFound, "{id}");
        }
    }

    #[test]
    fn only_one_process_carries_a_deployment_on() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path());
        let first = journal.reserve("shop-1").unwrap();
        assert!(first.is_some());
        assert!(journal.reserve("shop-1").unwrap().is_none());
        drop(first);
        assert!(journal.reserve("shop-1").unwrap().is_some());
    }

    #[test]
    fn reviews_that_nobody_confirmed_are_forgotten_after_a_week() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path());
        let confirmed = Pending {
            confirmed: true,
            ..pending("shop-2")
        };
        journal.save(&pending("shop-1")).unwrap();
        journal.save(&confirmed).unwrap();
        journal.tidy(STALE);
        assert_eq!(journal.all().len(), 2);
        journal.tidy(STALE + 2.0);
        assert_eq!(journal.all(), [confirmed]);
    }
}
