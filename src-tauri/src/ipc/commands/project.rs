//! A folder on this computer.

use std::path::PathBuf;

use tauri::{AppHandle, Runtime};
use tauri_plugin_dialog::DialogExt;
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;

/// Lets the user pick a folder; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn project_pick<R: Runtime>(app: AppHandle<R>) -> Option<String> {
    let folder = app.dialog().file().set_title("Choose the project's folder").blocking_pick_folder()?;
    folder.into_path().ok().map(|path| path.display().to_string())
}

/// Finds out what is in a folder.
#[tauri::command]
#[specta::specta]
pub async fn project_inspect(path: String) -> Result<Findings, IpcError> {
    blocking(move || Ok(zonke_project::inspect(&PathBuf::from(path))?)).await
}
