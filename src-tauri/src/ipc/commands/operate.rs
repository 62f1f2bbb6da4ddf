//! Operating an application.

use tauri::State;
use zonke_cloud::view::ApplicationSummary;
use zonke_home::Ejected;
use zonke_plan::EjectOptions;
use zonke_vault::Secret;

use crate::ipc::error::IpcError;
use crate::state::AppState;
use crate::window::WindowPort;

/// Applications of the connected account and region.
#[tauri::command]
#[specta::specta]
pub async fn application_list(state: State<'_, AppState>) -> Result<Vec<ApplicationSummary>, IpcError> {
    Ok(zonke_cloud::applications(&state.session()?).await?)
}

/// Writes the folder that deploys what runs with the AWS CLI alone where the user likes; nothing when they change their mind.
#[tauri::command]
#[specta::specta]
pub async fn application_eject(
    state: State<'_, AppState>,
    window: State<'_, WindowPort>,
    app: String,
    options: EjectOptions,
) -> Result<Option<Ejected>, IpcError> {
    let inputs = zonke_cloud::deployed_inputs(&state.session()?, &app).await?;
    let plan = state.home.prices().plan(&inputs)?;
    let files = zonke_plan::eject(&plan, options)?;
    let Some(chosen) = window.pick_folder("Choose where the folder goes") else {
        return Ok(None);
    };
    Ok(Some(zonke_home::eject_into(&chosen, &app, &files)?))
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
