//! What would be built.

use zonke_plan::{Choices, Inputs, Offer, Plan, Quote};
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;

/// Plans an application from findings; without choices, from the ones a person would start with.
#[tauri::command]
#[specta::specta]
pub async fn plan_make(findings: Findings, choices: Option<Choices>) -> Result<Plan, IpcError> {
    blocking(move || Ok(zonke_plan::plan(&Inputs::new(findings, choices))?)).await
}

/// What an application would cost with each of these choices, in their order.
#[tauri::command]
#[specta::specta]
pub async fn plan_quotes(findings: Findings, alternatives: Vec<Choices>) -> Result<Vec<Quote>, IpcError> {
    blocking(move || Ok(zonke_plan::quotes(&findings, alternatives))).await
}

/// Every preset for an application, cheapest first.
#[tauri::command]
#[specta::specta]
pub async fn plan_offers(findings: Findings, choices: Choices) -> Result<Vec<Offer>, IpcError> {
    blocking(move || Ok(zonke_plan::offers(&findings, &choices))).await
}
