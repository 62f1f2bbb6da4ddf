//! The saved profiles.

use std::path::PathBuf;

use serde::Serialize;
use specta::Type;
use tauri::State;
use zonke_home::{AccountProof, ProfileView};
use zonke_signin::{AccessKeys, IdentityCenter, MovedKey, NewRole, ProfileChange, SavedProfile, SsoChoice};
use zonke_vault::Secret;

use crate::ipc::error::IpcError;
use crate::state::AppState;
use crate::window::WindowPort;

/// How far away a region is.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RegionLatency {
    /// Name of the region.
    pub region: String,
    /// How long a connection takes to open, milliseconds; nothing if it could not be opened.
    pub ms: Option<f64>,
}

/// Every saved profile with its health.
#[tauri::command]
#[specta::specta]
pub async fn profiles_saved(state: State<'_, AppState>) -> Result<Vec<ProfileView>, IpcError> {
    Ok(state.home.saved().await?)
}

/// Saves several roles of a directory at once. `region` is the one to deploy to.
#[tauri::command]
#[specta::specta]
pub async fn sso_save(
    state: State<'_, AppState>,
    center: IdentityCenter,
    choices: Vec<SsoChoice>,
    region: Option<String>,
) -> Result<Vec<SavedProfile>, IpcError> {
    let center = IdentityCenter::new(&center.start_url, &center.region)?;
    Ok(state.home.profiles().add_sso(&center, &choices, region.as_deref())?)
}

/// Saves a typed access key in the keychain. `endpoint_url` is where to use it instead of at AWS, such as at an emulator.
#[tauri::command]
#[specta::specta]
pub async fn profile_save_keys(
    state: State<'_, AppState>,
    label: String,
    region: Option<String>,
    access_key_id: Secret,
    secret_access_key: Secret,
    endpoint_url: Option<String>,
) -> Result<SavedProfile, IpcError> {
    let keys = AccessKeys::typed(access_key_id.expose(), secret_access_key.expose())?;
    let profiles = state.home.profiles();
    Ok(profiles
        .add_keys(&label, region.as_deref(), &keys, endpoint_url.as_deref())
        .await?)
}

/// Saves the access key in a CSV file of the AWS console. The file is read here; the key does not pass through the window.
#[tauri::command]
#[specta::specta]
pub async fn profile_save_keys_csv(
    state: State<'_, AppState>,
    label: String,
    region: Option<String>,
    path: PathBuf,
) -> Result<SavedProfile, IpcError> {
    let keys = zonke_signin::keys_from_csv_file(&path)?;
    Ok(state.home.profiles().add_keys(&label, region.as_deref(), &keys, None).await?)
}

/// Lets the user pick the CSV file of an access key; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn keys_file_pick(window: State<'_, WindowPort>) -> Option<String> {
    window.pick_keys().map(|path| path.display().to_string())
}

/// Saves a role that another profile assumes.
#[tauri::command]
#[specta::specta]
pub async fn profile_save_role(state: State<'_, AppState>, role: NewRole) -> Result<SavedProfile, IpcError> {
    Ok(state.home.profiles().add_role(&role)?)
}

/// Saves a name for a profile of the AWS configuration files.
#[tauri::command]
#[specta::specta]
pub async fn profile_save_aws(
    state: State<'_, AppState>,
    label: String,
    name: String,
    region: Option<String>,
) -> Result<SavedProfile, IpcError> {
    Ok(state.home.profiles().add_aws_profile(&label, &name, region.as_deref())?)
}

/// Changes what the user may change about a profile. A session that is connected keeps its marks until it connects again.
#[tauri::command]
#[specta::specta]
pub async fn profile_update(state: State<'_, AppState>, id: String, change: ProfileChange) -> Result<ProfileView, IpcError> {
    state.home.profiles().change(&id, &change)?;
    Ok(state.home.saved_profile(&id).await?)
}

/// Removes a profile, and its secrets from the keychain.
#[tauri::command]
#[specta::specta]
pub async fn profile_remove(state: State<'_, AppState>, id: String) -> Result<SavedProfile, IpcError> {
    Ok(state.home.profiles().remove(&id).await?)
}

/// Moves the access key of an AWS profile from its file into the keychain, and leaves a `credential_process` line.
#[tauri::command]
#[specta::specta]
pub async fn profile_move_key(state: State<'_, AppState>, aws_profile: String, label: String) -> Result<MovedKey, IpcError> {
    let profiles = state.home.profiles();
    Ok(state.home.move_key().run(&profiles, &aws_profile, &label).await?)
}

/// Puts a moved key back into its file, and removes the profile.
#[tauri::command]
#[specta::specta]
pub async fn profile_move_key_undo(state: State<'_, AppState>, id: String) -> Result<SavedProfile, IpcError> {
    let profiles = state.home.profiles();
    Ok(state.home.move_key().undo(&profiles, &id).await?)
}

/// Who the app is in the connected account, as AWS says.
#[tauri::command]
#[specta::specta]
pub async fn account_proof(state: State<'_, AppState>) -> Result<AccountProof, IpcError> {
    Ok(state.home.proof(&state.session()?).await?)
}

/// How far away these regions are. Connections are opened, and nothing is sent.
#[tauri::command]
#[specta::specta]
pub async fn region_latency(regions: Vec<String>) -> Result<Vec<RegionLatency>, IpcError> {
    let mut measured = Vec::new();
    for region in regions {
        let ms = zonke_cloud::latency(&region, None).await;
        measured.push(RegionLatency { region, ms });
    }
    Ok(measured)
}
