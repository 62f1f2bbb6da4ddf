//! The app itself.

use serde::Serialize;
use specta::Type;
use tauri::State;

use zonke_cloud::view::AccountTarget;

use crate::example;
use crate::ipc::error::IpcError;
use crate::state::AppState;
use crate::window::WindowPort;

/// Facts about the running app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AppInfo {
    /// Version of the app.
    pub version: String,
    /// Folder of its own files: audit log, pending deployments, practice account.
    pub data_dir: String,
    /// Whether it was started to show the practice account at once.
    pub start_with_practice: bool,
    /// The account that was connected last, to go on where the user left.
    pub last_account: Option<AccountTarget>,
}

/// Facts about the running app.
#[tauri::command]
#[specta::specta]
pub fn app_info(state: State<'_, AppState>) -> AppInfo {
    AppInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data_dir: state.home.data_dir().display().to_string(),
        start_with_practice: state.start_with_practice,
        last_account: state.home.last_account(),
    }
}

/// A fresh copy of the example application, in the app's own folder.
#[tauri::command(async)]
#[specta::specta]
pub fn example_path(window: State<'_, WindowPort>, state: State<'_, AppState>) -> Result<String, IpcError> {
    example::copy(window.resource_dirs(), state.home.data_dir())
}
