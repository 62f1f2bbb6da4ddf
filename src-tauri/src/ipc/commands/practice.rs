//! The practice account.

use tauri::State;
use tauri::ipc::Channel;
use zonke_practice::{PracticeProgress, PracticeStatus};

use crate::ipc::error::IpcError;
use crate::state::AppState;

/// Whether the practice account runs.
#[tauri::command]
#[specta::specta]
pub async fn practice_status(state: State<'_, AppState>) -> Result<PracticeStatus, IpcError> {
    Ok(state.home.practice().status().await)
}

/// Installs the practice account if needed and starts it, telling how far it is.
#[tauri::command]
#[specta::specta]
pub async fn practice_start(
    state: State<'_, AppState>,
    on_progress: Channel<PracticeProgress>,
) -> Result<PracticeStatus, IpcError> {
    // A window that is gone does not want to hear of it any more; the start goes on.
    state
        .home
        .practice()
        .start(move |progress| drop(on_progress.send(progress)))
        .await?;
    Ok(state.home.practice().status().await)
}

/// Stops the practice account; everything in it is gone.
#[tauri::command]
#[specta::specta]
pub async fn practice_stop(state: State<'_, AppState>) -> Result<PracticeStatus, IpcError> {
    state.home.practice().stop().await?;
    Ok(state.home.practice().status().await)
}

/// Empties the practice account.
#[tauri::command]
#[specta::specta]
pub async fn practice_reset(state: State<'_, AppState>) -> Result<PracticeStatus, IpcError> {
    state.home.practice().reset().await?;
    Ok(state.home.practice().status().await)
}
