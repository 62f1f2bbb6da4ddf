//! Operating an application.

use tauri::State;
use zonke_cloud::view::ApplicationSummary;
use zonke_vault::Secret;

use crate::ipc::error::IpcError;
use crate::state::AppState;

/// Applications of the connected account and region.
#[tauri::command]
#[specta::specta]
pub async fn application_list(state: State<'_, AppState>) -> Result<Vec<ApplicationSummary>, IpcError> {
    Ok(zonke_cloud::applications(&state.session()?).await?)
}

/// Releases the latest commit again.
#[tauri::command]
#[specta::specta]
pub async fn pipeline_start(state: State<'_, AppState>, app: String) -> Result<(), IpcError> {
    Ok(zonke_cloud::pipeline_start(&state.session()?, &app).await?)
}

/// Sets the number of servers, or the range it may move in.
#[tauri::command]
#[specta::specta]
pub async fn servers_scale(state: State<'_, AppState>, app: String, min: u32, max: u32) -> Result<(), IpcError> {
    Ok(zonke_cloud::scale(&state.session()?, &app, min, max).await?)
}

/// Adds or updates a secret. The value goes to Secrets Manager and nowhere else.
#[tauri::command]
#[specta::specta]
pub async fn secret_put(state: State<'_, AppState>, app: String, key: String, value: Secret) -> Result<(), IpcError> {
    Ok(zonke_cloud::secret_put(&state.session()?, &app, &key, value).await?)
}

/// Deletes a secret.
#[tauri::command]
#[specta::specta]
pub async fn secret_delete(state: State<'_, AppState>, app: String, key: String) -> Result<(), IpcError> {
    Ok(zonke_cloud::secret_delete(&state.session()?, &app, &key).await?)
}
