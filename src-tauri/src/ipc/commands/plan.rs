//! What would be built.

use tauri::State;
use zonke_home::Ejected;
use zonke_plan::{Choices, EjectOptions, Inputs, Offer, Plan, Quote};
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;
use crate::window::WindowPort;

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

/// Writes the folder that deploys a plan with the AWS CLI alone where the user likes; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn plan_eject(
    window: State<'_, WindowPort>,
    findings: Findings,
    choices: Choices,
    options: EjectOptions,
) -> Result<Option<Ejected>, IpcError> {
    let plan = zonke_plan::plan(&Inputs::new(findings, Some(choices)))?;
    let files = zonke_plan::eject(&plan, options)?;
    let Some(chosen) = window.pick_folder("Choose where the folder goes") else {
        return Ok(None);
    };
    Ok(Some(zonke_home::eject_into(&chosen, &plan.inputs.choices.name(), &files)?))
}
