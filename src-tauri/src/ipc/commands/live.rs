//! Live views. Each returns the id that ends it; its first message is the whole state.

use tauri::State;
use tauri::ipc::Channel;
use zonke_cloud::live::{DeploymentUpdate, PipelineUpdate, SecretsUpdate, ServersUpdate};

use crate::ipc::error::IpcError;
use crate::ipc::stream::forward;
use crate::state::AppState;

/// Watches a deployment.
#[tauri::command]
#[specta::specta]
pub async fn deployment_watch(
    state: State<'_, AppState>,
    app: String,
    on_update: Channel<DeploymentUpdate>,
) -> Result<u32, IpcError> {
    Ok(forward(&state, state.hub.deployment(&state.session()?, &app), on_update))
}

/// Watches a pipeline.
#[tauri::command]
#[specta::specta]
pub async fn pipeline_watch(
    state: State<'_, AppState>,
    app: String,
    on_update: Channel<PipelineUpdate>,
) -> Result<u32, IpcError> {
    Ok(forward(&state, state.hub.pipeline(&state.session()?, &app), on_update))
}

/// Watches the servers.
#[tauri::command]
#[specta::specta]
pub async fn servers_watch(state: State<'_, AppState>, app: String, on_update: Channel<ServersUpdate>) -> Result<u32, IpcError> {
    Ok(forward(&state, state.hub.servers(&state.session()?, &app), on_update))
}

/// Watches the secrets, by name only.
#[tauri::command]
#[specta::specta]
pub async fn secrets_watch(state: State<'_, AppState>, app: String, on_update: Channel<SecretsUpdate>) -> Result<u32, IpcError> {
    Ok(forward(&state, state.hub.secrets(&state.session()?, &app), on_update))
}

/// Ends a live view.
#[tauri::command]
#[specta::specta]
pub fn subscription_cancel(state: State<'_, AppState>, id: u32) {
    state.close_subscription(id);
}
