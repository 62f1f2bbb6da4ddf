//! Our part of the server, carried inside the program and written out where Python can read it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::PracticeError;

/// What pip installs.
pub(crate) const REQUIREMENTS: &str = include_str!("../emulator/requirements.txt");

/// Version of the emulator.
pub(crate) const EMULATOR_VERSION: &str = "1.5.33";

const FILES: [(&str, &str); 16] = [
    ("actions.py", include_str!("../emulator/actions.py")),
    ("calls.py", include_str!("../emulator/calls.py")),
    ("cbor.py", include_str!("../emulator/cbor.py")),
    ("connections.py", include_str!("../emulator/connections.py")),
    ("corrections.py", include_str!("../emulator/corrections.py")),
    ("executions.py", include_str!("../emulator/executions.py")),
    ("gate.py", include_str!("../emulator/gate.py")),
    ("network.py", include_str!("../emulator/network.py")),
    ("pacing.py", include_str!("../emulator/pacing.py")),
    ("pipelines.py", include_str!("../emulator/pipelines.py")),
    ("rpc.py", include_str!("../emulator/rpc.py")),
    ("scaling.py", include_str!("../emulator/scaling.py")),
    ("serve.py", include_str!("../emulator/serve.py")),
    ("servers.py", include_str!("../emulator/servers.py")),
    ("settings.py", include_str!("../emulator/settings.py")),
    ("timetable.py", include_str!("../emulator/timetable.py")),
];

/// The first 16 hexadecimal digits of the content's SHA-256.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..8])
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Names this version of the extension.
pub(crate) fn version() -> String {
    digest(FILES.iter().flat_map(|(name, content)| [*name, *content]))
}

const FOLDER: &str = "extension-";

/// Writes the extension below `data_dir` unless this version is there, and says where. Only while no server runs from another one.
pub(crate) fn write(data_dir: &Path) -> Result<PathBuf, PracticeError> {
    let folder = data_dir.join(format!("{FOLDER}{}", version()));
    fs::create_dir_all(&folder).map_err(PracticeError::file(&folder))?;
    remove_others(data_dir, &folder);
    for (name, content) in FILES {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == content.as_bytes()) {
            continue;
        }
        fs::write(&path, content).map_err(PracticeError::file(&path))?;
    }
    Ok(folder)
}

/// Versions of earlier programs only take room, so failing to remove one stops nothing.
fn remove_others(data_dir: &Path, current: &Path) {
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        let old = entry.file_name().to_str().is_some_and(|name| name.starts_with(FOLDER)) && entry.path() != current;
        if old && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::debug!("{} could not be removed: {error}", entry.path().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_version_is_the_one_that_is_shown() {
        assert!(
            REQUIREMENTS
                .lines()
                .any(|line| line == format!("ministack=={EMULATOR_VERSION}"))
        );
    }

    #[test]
    fn a_damaged_file_is_written_again() {
        let room = tempfile::tempdir().unwrap();
        let folder = write(room.path()).unwrap();
        fs::write(folder.join("gate.py"), "def guarded(app): return app").unwrap();
        write(room.path()).unwrap();
        assert_eq!(
            fs::read_to_string(folder.join("gate.py")).unwrap(),
            include_str!("../emulator/gate.py")
        );
    }

    #[test]
    fn earlier_versions_are_removed_and_nothing_else() {
        let room = tempfile::tempdir().unwrap();
        let (old, foreign) = (room.path().join("extension-0123456789abcdef"), room.path().join("venv"));
        fs::create_dir_all(&old).unwrap();
        fs::create_dir_all(&foreign).unwrap();
        let folder = write(room.path()).unwrap();
        assert!(!old.exists());
        assert!(foreign.exists() && folder.exists());
    }

    #[test]
    fn every_module_of_the_emulator_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator");
        let mut present: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "py"))
            .collect();
        present.sort();
        assert_eq!(present, FILES.map(|(name, _)| name));
    }
}
