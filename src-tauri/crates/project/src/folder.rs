//! Whether a path can be the folder of one project.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::InspectError;

/// The one folder among what was dropped.
pub(crate) fn only(paths: &[PathBuf]) -> Result<&Path, InspectError> {
    let [only] = paths else {
        let parent = paths
            .first()
            .and_then(|p| p.parent())
            .filter(|parent| paths.iter().all(|p| p.parent() == Some(parent)) && parent.join("package.json").is_file());
        return Err(InspectError::Several {
            count: paths.len(),
            parent: parent.map(Path::to_owned),
        });
    };
    Ok(only)
}

/// The folder in its real place, or why it cannot be one project. `~` is understood where people type a path.
pub(crate) fn check(dir: &Path) -> Result<PathBuf, InspectError> {
    let typed = dir.strip_prefix("~").ok().filter(|_| !dir.exists());
    let dir = &typed
        .and_then(|rest| Some(home()?.join(rest)))
        .unwrap_or_else(|| dir.to_owned());
    let path = dir.to_owned();
    let unreadable = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => InspectError::NotFound { path: path.clone() },
        _ => InspectError::Unreadable {
            path: path.clone(),
            cause: error.to_string(),
        },
    };
    let meta = fs::metadata(dir).map_err(|e| unreadable(&e))?;
    if !meta.is_dir() {
        return Err(InspectError::NotADirectory { path });
    }
    let real = fs::canonicalize(dir).map_err(|e| unreadable(&e))?;
    fs::read_dir(&real).map_err(|e| unreadable(&e))?;
    if real.parent().is_none() {
        return Err(InspectError::FilesystemRoot { path });
    }
    if home().is_some_and(|home| home == real) {
        return Err(InspectError::HomeDirectory { path });
    }
    if real.components().any(|c| c.as_os_str() == "node_modules") {
        return Err(InspectError::InsideNodeModules { path });
    }
    Ok(real)
}

fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
    fs::canonicalize(home).ok()
}
