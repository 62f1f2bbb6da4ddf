//! The log of every AWS call.

use tauri::State;
use zonke_cloud::{AuditFilter, AuditPage};

use crate::ipc::blocking;
use crate::ipc::error::{IpcCode, IpcError};
use crate::state::AppState;
use crate::window::WindowPort;

/// The newest entries that match, after `skip` of them.
#[tauri::command]
#[specta::specta]
pub async fn audit_page(state: State<'_, AppState>, filter: AuditFilter, skip: u32, limit: u32) -> Result<AuditPage, IpcError> {
    let log = state.home.audit_log();
    blocking(move || log.page(&filter, skip, limit.min(1000)).map_err(|error| not_read(&error))).await
}

/// Writes every entry that matches to a file the user chooses, as lines of JSON. The path of the file, or nothing when they
/// change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn audit_export(
    window: State<'_, WindowPort>,
    state: State<'_, AppState>,
    filter: AuditFilter,
) -> Result<Option<String>, IpcError> {
    let Some(path) = window.save_file("zonke-audit.jsonl") else {
        return Ok(None);
    };
    state
        .home
        .audit_log()
        .export(&filter, &path)
        .map_err(|error| not_read(&error))?;
    Ok(Some(path.display().to_string()))
}

fn not_read(error: &std::io::Error) -> IpcError {
    IpcError::new(
        IpcCode::Failed,
        format!("The log could not be read or written: {error}."),
        "Check that the app's folder may be read and that there is room where you save.",
    )
}
