//! The file with the saved profiles. It is safe to read for anybody who may read the app's folder: no secret is in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Result, SignInError};
use crate::files;
use crate::profile::SavedProfile;

/// Format that this version reads and writes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    profiles: Vec<SavedProfile>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The file, shared with other processes: the app and the command may both be running.
#[derive(Debug)]
pub(crate) struct Registry {
    path: PathBuf,
}

impl Registry {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join("profiles.json"),
        }
    }

    /// All of them, in the order they were saved. No file means none.
    pub(crate) fn read(&self) -> Result<Vec<SavedProfile>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(SignInError::file(&self.path)(error)),
        };
        let not_ours = |error: serde_json::Error| SignInError::File {
            path: self.path.clone(),
            reason: format!("not a list of profiles: {error}"),
        };
        let Version { version } = serde_json::from_slice(&bytes).map_err(not_ours)?;
        if version > VERSION {
            return Err(SignInError::NewerFile {
                path: self.path.clone(),
                version,
            });
        }
        let document: Document = serde_json::from_slice(&bytes).map_err(not_ours)?;
        Ok(document.profiles)
    }

    /// Reads, changes and writes, while no other process does. Nothing is written if `change` fails.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Vec<SavedProfile>) -> Result<T>) -> Result<T> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(SignInError::file(folder))?;
        let lock_path = self.path.with_extension("lock");
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&lock_path)
            .map_err(SignInError::file(&lock_path))?;
        lock.lock().map_err(SignInError::file(&lock_path))?;
        let mut profiles = self.read()?;
        let result = change(&mut profiles)?;
        let document = Document {
            version: VERSION,
            profiles,
        };
        let mut text = serde_json::to_vec_pretty(&document).map_err(|error| SignInError::File {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        text.push(b'\n');
        files::replace(&self.path, &text, None).map_err(SignInError::file(&self.path))?;
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Way;

    fn profile(label: &str) -> SavedProfile {
        SavedProfile {
            id: files::random_text(9),
            label: label.to_owned(),
            way: Way::AccessKeys { key_created_at: None },
            region: None,
            endpoint_url: None,
            account_id: None,
            read_only: false,
            production: false,
            memory_only: false,
            created_at: 1.0,
            last_used_at: None,
        }
    }

    fn add(label: &str) -> impl FnOnce(&mut Vec<SavedProfile>) -> Result<()> {
        let profile = profile(label);
        move |all| {
            all.push(profile);
            Ok(())
        }
    }

    #[test]
    fn profiles_survive_and_the_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::in_folder(&folder.path().join("new"));
        assert_eq!(registry.read().unwrap(), []);
        registry.change(add("work")).unwrap();
        assert_eq!(
            Registry::in_folder(&folder.path().join("new")).read().unwrap()[0].label,
            "work"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("new/profiles.json"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_failed_change_and_a_newer_format_leave_the_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::in_folder(folder.path());
        registry.change(add("work")).unwrap();
        let failed: Result<()> = registry.change(|all| {
            all.clear();
            Err(SignInError::Cancelled)
        });
        assert_eq!(failed, Err(SignInError::Cancelled));
        assert_eq!(registry.read().unwrap().len(), 1);

        let newer = r#"{"version":2,"profiles":{"shape":"unknown"}}"#;
        fs::write(folder.path().join("profiles.json"), newer).unwrap();
        let error = registry
            .change(|all| {
                all.clear();
                Ok(())
            })
            .unwrap_err();
        assert!(matches!(error, SignInError::NewerFile { version: 2, .. }), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("profiles.json")).unwrap(), newer);
    }

    #[test]
    fn processes_that_write_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let path = folder.path();
                scope.spawn(move || {
                    let registry = Registry::in_folder(path);
                    for n in 0..10 {
                        registry.change(add(&format!("{thread}-{n}"))).unwrap();
                    }
                });
            }
        });
        assert_eq!(Registry::in_folder(folder.path()).read().unwrap().len(), 40);
        let left = fs::read_dir(folder.path())
            .unwrap()
            .filter(|f| f.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"))
            .count();
        assert_eq!(left, 0);
    }
}
