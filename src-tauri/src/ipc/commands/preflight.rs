//! Before a deployment: would it work in this account?

use tauri::State;
use tauri::ipc::Channel;
use zonke_cloud::{Preflight, PreflightCheck};
use zonke_plan::{Choices, Inputs};
use zonke_project::Findings;

use crate::ipc::error::IpcError;
use crate::state::AppState;

/// Looks at everything that can be known before a deployment; each check is told as soon as it is known.
#[tauri::command]
#[specta::specta]
pub async fn preflight_run(
    state: State<'_, AppState>,
    findings: Findings,
    choices: Choices,
    on_check: Channel<PreflightCheck>,
) -> Result<Preflight, IpcError> {
    let plan = state.home.prices().plan(&Inputs::new(findings, Some(choices)))?;
    let session = state.session()?;
    // A window that is gone needs no progress.
    let preflight = zonke_cloud::preflight(&session, &plan, |check| drop(on_check.send(check.clone())));
    Ok(preflight.await)
}
