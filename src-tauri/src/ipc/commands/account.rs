//! Accounts and profiles.

use tauri::State;
use zonke_cloud::view::{AccountTarget, AccountView, ProfileSummary};

use crate::ipc::error::IpcError;
use crate::state::AppState;

/// Profiles found in the AWS configuration files.
#[tauri::command(async)]
#[specta::specta]
pub fn profile_list() -> Vec<ProfileSummary> {
    zonke_cloud::profiles()
}

/// Connects an account and asks it who we are.
#[tauri::command]
#[specta::specta]
pub async fn account_connect(state: State<'_, AppState>, target: AccountTarget) -> Result<AccountView, IpcError> {
    let session = state.home.connect(&target).await?;
    let account = session.account().clone();
    state.set_session(Some(session.clone()));
    // A deployment that was cut off before its files were uploaded goes on by itself.
    tauri::async_runtime::spawn(zonke_cloud::deploy::resume(session, state.home.journal()));
    Ok(account)
}

/// The connected account.
#[tauri::command]
#[specta::specta]
pub fn account_current(state: State<'_, AppState>) -> Option<AccountView> {
    state.current().map(|session| session.account().clone())
}

/// Forgets the connected account; nothing changes in it.
#[tauri::command]
#[specta::specta]
pub fn account_disconnect(state: State<'_, AppState>) {
    state.set_session(None);
}
