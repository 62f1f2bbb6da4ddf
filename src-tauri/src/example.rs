//! The example application that comes with the app.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ipc::error::{IpcCode, IpcError};

const NAME: &str = "guestbook";

/// Copies the example from the app's resources into its own folder and returns the copy's path. An existing copy is replaced,
/// so that everybody starts from the same files.
///
/// # Errors
/// `notFound` when the app was installed without it, `failed` when it cannot be written.
pub(crate) fn copy(resources: &[PathBuf], data_dir: &Path) -> Result<String, IpcError> {
    let source = resources
        .iter()
        .map(|folder| folder.join("examples").join(NAME))
        .find(|folder| folder.join("package.json").is_file());
    let Some(source) = source else {
        return Err(IpcError::new(
            IpcCode::NotFound,
            "The example application is missing from this installation.",
            "Install the app again, or choose a project of your own.",
        ));
    };
    let target = data_dir.join("examples").join(NAME);
    replace(&source, &target).map_err(|error| {
        IpcError::new(
            IpcCode::Failed,
            format!(
                "The example application could not be copied to {}: {error}.",
                target.display()
            ),
            "Make room or rights in that folder, then try again.",
        )
    })?;
    Ok(target.display().to_string())
}

fn replace(source: &Path, target: &PathBuf) -> io::Result<()> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    copy_folder(source, target)
}

fn copy_folder(source: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
