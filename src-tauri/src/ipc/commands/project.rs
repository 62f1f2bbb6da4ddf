//! A folder on this computer.

use std::path::PathBuf;

use tauri::State;
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;
use crate::window::WindowPort;

/// Lets the user pick a folder; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn project_pick(window: State<'_, WindowPort>) -> Option<String> {
    window.pick_folder().map(|path| path.display().to_string())
}

/// Finds out what is in a folder.
#[tauri::command]
#[specta::specta]
pub async fn project_inspect(path: String) -> Result<Findings, IpcError> {
    blocking(move || Ok(zonke_project::inspect(&PathBuf::from(path))?)).await
}
