//! The role, or the user, of whoever deploys.

use tauri::State;
use tauri::ipc::Channel;
use zonke_cloud::view::StackView;
use zonke_cloud::{DeployerReview, DeployerWish};
use zonke_plan::{Choices, Deployer, Inputs, PlannedStack};
use zonke_project::Findings;

use crate::ipc::error::{IpcCode, IpcError};
use crate::state::AppState;
use crate::window::WindowPort;

/// The stack that makes the role or user, to be looked at. Needs no account.
#[tauri::command(async)]
#[specta::specta]
pub fn deployer_plan(findings: Findings, choices: Choices, deployer: Deployer) -> Result<PlannedStack, IpcError> {
    Ok(zonke_plan::deployer_stack(&Inputs::new(findings, Some(choices)), &deployer)?)
}

/// Saves the template of that stack where the user likes. The path of the file, or nothing when they change their mind.
#[tauri::command(async)]
#[specta::specta]
pub fn deployer_save(
    window: State<'_, WindowPort>,
    findings: Findings,
    choices: Choices,
    deployer: Deployer,
) -> Result<Option<String>, IpcError> {
    let stack = deployer_plan(findings, choices, deployer)?;
    let Some(path) = window.save_file(&format!("{}.yaml", stack.name)) else {
        return Ok(None);
    };
    std::fs::write(&path, &stack.template).map_err(|error| not_written(&error))?;
    Ok(Some(path.display().to_string()))
}

/// Makes a change set for the role and explains it. Nothing is made yet.
#[tauri::command]
#[specta::specta]
pub async fn deployer_review(
    state: State<'_, AppState>,
    findings: Findings,
    choices: Choices,
    wish: DeployerWish,
) -> Result<DeployerReview, IpcError> {
    let inputs = Inputs::new(findings, Some(choices));
    Ok(zonke_cloud::review_deployer(&state.session()?, &inputs, &wish).await?)
}

/// Makes the reviewed role; its stack is told whenever it changes. The role's ARN.
#[tauri::command]
#[specta::specta]
pub async fn deployer_make(
    state: State<'_, AppState>,
    app: String,
    id: String,
    on_stack: Channel<StackView>,
) -> Result<String, IpcError> {
    // A window that is gone needs no progress.
    let seen = |stack| drop(on_stack.send(stack));
    Ok(zonke_cloud::make_deployer(&state.session()?, &app, &id, seen).await?)
}

/// Throws the review of a role away.
#[tauri::command]
#[specta::specta]
pub async fn deployer_discard(state: State<'_, AppState>, app: String, id: String) -> Result<(), IpcError> {
    Ok(zonke_cloud::discard_deployer(&state.session()?, &app, &id).await?)
}

fn not_written(error: &std::io::Error) -> IpcError {
    IpcError::new(
        IpcCode::Failed,
        format!("The file could not be written: {error}."),
        "Choose a folder that you may write to.",
    )
}
