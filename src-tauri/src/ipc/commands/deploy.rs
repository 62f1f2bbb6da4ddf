//! Review, then deploy.

use tauri::State;
use zonke_cloud::deploy;
use zonke_cloud::view::{ConnectionView, ReviewView};
use zonke_plan::{Choices, Inputs};
use zonke_project::Findings;

use crate::ipc::error::IpcError;
use crate::state::AppState;

/// Makes a change set and explains it. Nothing is built yet.
#[tauri::command]
#[specta::specta]
pub async fn deploy_review(state: State<'_, AppState>, findings: Findings, choices: Choices) -> Result<ReviewView, IpcError> {
    let prices = state.home.prices();
    let told = prices.of(&choices.region);
    let plan = prices.plan(&Inputs::new(findings, Some(choices)))?;
    Ok(deploy::review(&state.session()?, &plan, told.as_ref(), &state.home.journal()).await?)
}

/// Whether the source host of a review is connected yet; a person finishes that in the AWS console.
#[tauri::command]
#[specta::specta]
pub async fn deploy_connection(state: State<'_, AppState>, id: String) -> Result<ConnectionView, IpcError> {
    Ok(deploy::connection_state(&state.session()?, &id, &state.home.journal()).await?)
}

/// Executes a reviewed change set; `deployment_watch` shows the rest.
#[tauri::command]
#[specta::specta]
pub async fn deploy_execute(state: State<'_, AppState>, id: String) -> Result<(), IpcError> {
    Ok(deploy::execute(&state.session()?, &id, &state.home.journal()).await?)
}

/// Throws a reviewed change set away.
#[tauri::command]
#[specta::specta]
pub async fn deploy_discard(state: State<'_, AppState>, id: String) -> Result<(), IpcError> {
    Ok(deploy::discard(&state.session()?, &id, &state.home.journal()).await?)
}
