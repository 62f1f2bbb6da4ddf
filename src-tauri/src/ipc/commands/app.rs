//! The app itself.

use serde::Serialize;
use specta::Type;
use tauri::State;

use zonke_cloud::view::AccountTarget;

use crate::example;
use crate::ipc::error::{IpcCode, IpcError};
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

/// Opens a page of AWS in the browser. Other addresses are refused: the window shows texts that others wrote.
#[tauri::command(async)]
#[specta::specta]
pub fn address_open(url: String) -> Result<(), IpcError> {
    let refused = |message: String| {
        IpcError::new(
            IpcCode::InvalidInput,
            message,
            "Copy the address and open it in a browser yourself.",
        )
    };
    if !is_of_aws(&url) {
        return Err(refused("Only pages of AWS are opened from here.".to_owned()));
    }
    zonke_signin::open_in_browser(&url).map_err(|error| refused(format!("No browser could be opened: {error}.")))
}

fn is_of_aws(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .unwrap_or_default()
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default();
    let of = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    !host.contains('@')
        && ["amazon.com", "amazonaws.com", "amazonaws.cn", "awsapps.com"]
            .into_iter()
            .any(of)
}

#[cfg(test)]
mod tests {
    use super::is_of_aws;

    #[test]
    fn only_pages_of_aws_are_opened() {
        for url in [
            "https://eu-west-1.console.aws.amazon.com/iam/home#/users",
            "https://docs.aws.amazon.com/",
            "https://corp.awsapps.com/start",
        ] {
            assert!(is_of_aws(url), "{url}");
        }
        for url in [
            "http://aws.amazon.com/",
            "https://evil-amazon.com/",
            "https://amazon.com@evil.example/",
            "https://amazon.com.evil.example",
            "file:///x",
            "",
        ] {
            assert!(!is_of_aws(url), "{url}");
        }
    }
}
