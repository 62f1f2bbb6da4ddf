//! A folder on this computer.

use std::path::{Path, PathBuf};

use tauri::State;
use tauri::ipc::Channel;
use zonke_home::Project;
use zonke_project::{Edit, Excerpt, InspectOptions, Progress};

use crate::ipc::blocking;
use crate::ipc::error::IpcError;
use crate::state::AppState;
use crate::window::WindowPort;

/// Lets the user pick a folder; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn project_pick(window: State<'_, WindowPort>) -> Option<String> {
    window
        .pick_folder("Choose the project's folder")
        .map(|path| path.display().to_string())
}

/// Finds out what is in the folder that was dropped or named, telling how far it is. One that still goes on is stopped.
#[tauri::command]
#[specta::specta]
pub async fn project_inspect(
    state: State<'_, AppState>,
    paths: Vec<PathBuf>,
    on_progress: Channel<Progress>,
) -> Result<Project, IpcError> {
    let (projects, inspection) = (state.home.projects(), state.begin_inspection());
    let options = inspection.options(move |progress| drop(on_progress.send(progress)));
    let project = blocking(move || Ok(projects.inspect(zonke_project::only(&paths)?, &options)?)).await?;
    state.set_inspected(&project);
    Ok(project)
}

/// Stops the inspection that goes on.
#[tauri::command]
#[specta::specta]
pub fn project_cancel(state: State<'_, AppState>) {
    state.cancel_inspection();
}

/// Sets findings of the inspected folder or takes that back, and remembers it.
#[tauri::command]
#[specta::specta]
pub async fn project_change(state: State<'_, AppState>, edits: Vec<Edit>) -> Result<Project, IpcError> {
    let (projects, folder) = (state.home.projects(), state.inspected()?);
    blocking(move || Ok(projects.change(&folder, &edits, &InspectOptions::default())?)).await
}

/// Forgets everything that was set for the inspected folder.
#[tauri::command]
#[specta::specta]
pub async fn project_forget(state: State<'_, AppState>) -> Result<Project, IpcError> {
    let (projects, folder) = (state.home.projects(), state.inspected()?);
    blocking(move || Ok(projects.forget(&folder, &InspectOptions::default())?)).await
}

/// A few lines of a file of the inspected folder.
#[tauri::command]
#[specta::specta]
pub async fn project_excerpt(state: State<'_, AppState>, file: String, line: Option<u32>) -> Result<Excerpt, IpcError> {
    let folder: PathBuf = state.inspected()?;
    blocking(move || Ok(zonke_project::excerpt(Path::new(&folder), &file, line)?)).await
}
