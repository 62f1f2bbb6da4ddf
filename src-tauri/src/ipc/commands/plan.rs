//! What would be built.

use tauri::State;
use zonke_cloud::{CloudError, ErrorCode, PriceRefresh};
use zonke_home::Ejected;
use zonke_plan::{Choices, EjectOptions, Inputs, Offer, Plan, Quote};
use zonke_project::Findings;

use crate::ipc::blocking;
use crate::ipc::error::IpcError;
use crate::state::AppState;
use crate::window::WindowPort;

/// Plans an application from findings; without choices, from the ones a person would start with.
#[tauri::command]
#[specta::specta]
pub async fn plan_make(state: State<'_, AppState>, findings: Findings, choices: Option<Choices>) -> Result<Plan, IpcError> {
    let prices = state.home.prices();
    blocking(move || Ok(prices.plan(&Inputs::new(findings, choices))?)).await
}

/// What an application would cost with each of these choices, in their order.
#[tauri::command]
#[specta::specta]
pub async fn plan_quotes(
    state: State<'_, AppState>,
    findings: Findings,
    alternatives: Vec<Choices>,
) -> Result<Vec<Quote>, IpcError> {
    let prices = state.home.prices();
    blocking(move || Ok(prices.quotes(&findings, alternatives))).await
}

/// Every preset for an application, cheapest first.
#[tauri::command]
#[specta::specta]
pub async fn plan_offers(state: State<'_, AppState>, findings: Findings, choices: Choices) -> Result<Vec<Offer>, IpcError> {
    let prices = state.home.prices();
    blocking(move || Ok(prices.offers(&findings, &choices))).await
}

/// Asks AWS, through the connected account, for the prices of what these choices would build, and keeps them for later plans.
#[tauri::command]
#[specta::specta]
pub async fn prices_refresh(state: State<'_, AppState>, findings: Findings, choices: Choices) -> Result<PriceRefresh, IpcError> {
    let session = state.session()?;
    let prices = state.home.prices();
    let known = prices.of(&choices.region);
    let refreshed = zonke_cloud::refresh_prices(&session, &Inputs::new(findings, Some(choices)), known).await?;
    prices.keep(&refreshed.prices).map_err(|error| {
        CloudError::new(
            ErrorCode::Other,
            format!("The prices could not be kept ({error})."),
            "Make room or rights in the app's folder, then refresh again.",
        )
    })?;
    Ok(refreshed)
}

/// Writes the folder that deploys a plan with the AWS CLI alone where the user likes; nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn plan_eject(
    state: State<'_, AppState>,
    window: State<'_, WindowPort>,
    findings: Findings,
    choices: Choices,
    options: EjectOptions,
) -> Result<Option<Ejected>, IpcError> {
    let plan = state.home.prices().plan(&Inputs::new(findings, Some(choices)))?;
    let files = zonke_plan::eject(&plan, options)?;
    let Some(chosen) = window.pick_folder("Choose where the folder goes") else {
        return Ok(None);
    };
    Ok(Some(zonke_home::eject_into(&chosen, &plan.inputs.choices.name(), &files)?))
}
