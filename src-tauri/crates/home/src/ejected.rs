//! Writes the folder that a person leaves with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zonke_plan::EjectedFile;

/// Tells a folder of ours from any other.
const MARK: &str = "settings.env";
/// Holds what is uploaded as a whole, so that nothing of an earlier plan may stay in it.
const INFRA: &str = "infra";

/// The folder cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EjectError {
    /// There is something else in it.
    #[error("{folder} holds other files: choose an empty folder, or one that was written like this before")]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder in it cannot be written.
    #[error("{path} cannot be written ({source}): make room or rights there, or choose another folder")]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes these files into a folder that is empty or was written like this before; of an earlier one nothing stays in `infra`.
///
/// # Errors
/// [`EjectError`] if the folder holds something else or cannot be written.
pub fn write_ejected(folder: &Path, files: &[EjectedFile]) -> Result<(), EjectError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| EjectError::NotWritable { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let occupied = fs::read_dir(folder).map_err(failed(folder))?.next().is_some();
    if occupied && !folder.join(MARK).is_file() {
        return Err(EjectError::Occupied {
            folder: folder.to_owned(),
        });
    }
    let old = [INFRA, "edge.template.yaml", "edge.parameters", "edge.tags"].map(|name| folder.join(name));
    for path in old {
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else if path.exists() {
            fs::remove_file(&path)
        } else {
            Ok(())
        };
        removed.map_err(failed(&path))?;
    }
    for file in files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, &file.bytes).map_err(failed(&path))?;
        if file.executable {
            make_executable(&path).map_err(failed(&path))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Windows knows no such right; bash runs the file anyway.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> EjectedFile {
        EjectedFile {
            path: path.to_owned(),
            bytes: path.as_bytes().to_vec(),
            executable: path == "deploy.sh",
        }
    }

    #[test]
    fn what_an_earlier_plan_would_upload_goes_and_a_persons_own_notes_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        write_ejected(&out, &[file(MARK), file("deploy.sh"), file("infra/migrate.sh")]).expect("written");
        fs::write(out.join("NOTES.md"), "mine").expect("a note");
        write_ejected(&out, &[file(MARK), file("infra/base.json")]).expect("written again");
        assert!(!out.join("infra/migrate.sh").exists());
        assert!(out.join("infra/base.json").exists());
        assert!(out.join("NOTES.md").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(out.join("deploy.sh")).expect("the script").permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "the script can be run");
        }
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("thesis.txt"), "years").expect("a file");
        let refused = write_ejected(folder.path(), &[file(MARK)]).expect_err("refused");
        assert!(matches!(refused, EjectError::Occupied { .. }), "{refused}");
        assert!(!folder.path().join(MARK).exists());
    }
}
