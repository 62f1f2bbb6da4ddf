//! What would be built.

use zonke_plan::{Choices, Inputs, Plan};
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;

/// Plans an application from findings; without choices, from the ones a person would start with.
#[tauri::command]
#[specta::specta]
pub async fn plan_make(findings: Findings, choices: Option<Choices>) -> Result<Plan, IpcError> {
    blocking(move || Ok(zonke_plan::plan(&Inputs::new(findings, choices))?)).await
}
