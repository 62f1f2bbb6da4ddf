//! Signing in: what this computer offers, IAM Identity Center, and profiles whose session is over.

use serde::Serialize;
use specta::Type;
use tauri::State;
use tauri::ipc::Channel;
use zonke_home::KeychainView;
use zonke_signin::{IdentityCenter, Keeping, SignInMethod, SignInNeed, SsoAccount, Surroundings, WayIn};
use zonke_vault::Secret;

use crate::ipc::error::IpcError;
use crate::ipc::prompts::SignInStep;
use crate::state::AppState;

/// What this computer offers for signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SurroundingsView {
    /// Ways in, best first.
    pub ways: Vec<WayIn>,
    /// The AWS configuration file.
    pub config_file: String,
    /// The AWS credentials file.
    pub credentials_file: String,
}

/// Messages of [`sign_in_needs`]: everything that is needed now.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInNeeds {
    /// Profiles that need their user, by name.
    pub needs: Vec<SignInNeed>,
}

/// Looks at what this computer offers for signing in. Reads files only: nothing is sent anywhere, and the keychain is not asked.
#[tauri::command]
#[specta::specta]
pub async fn surroundings_look() -> SurroundingsView {
    let surroundings = Surroundings::of_this_computer();
    SurroundingsView {
        ways: surroundings.ways_in(),
        config_file: surroundings.config().display().to_string(),
        credentials_file: surroundings.credentials().display().to_string(),
    }
}

/// Asks whether secrets can be kept. A keychain that waits for its user holds the answer back, for up to half a minute.
#[tauri::command]
#[specta::specta]
pub async fn keychain_look(state: State<'_, AppState>) -> Result<KeychainView, IpcError> {
    Ok(state.home.keychain().await)
}

/// Keeps secrets in the keychain, or in memory for this run. What was kept in memory before is gone.
#[tauri::command]
#[specta::specta]
pub async fn keychain_choose(state: State<'_, AppState>, keeping: Keeping) -> Result<KeychainView, IpcError> {
    Ok(state.home.keep(keeping).await)
}

/// Signs in to a directory of IAM Identity Center and lists what may be used there.
#[tauri::command]
#[specta::specta]
pub async fn sso_sign_in(
    state: State<'_, AppState>,
    start_url: String,
    region: String,
    method: SignInMethod,
    on_step: Channel<SignInStep>,
) -> Result<Vec<SsoAccount>, IpcError> {
    let (profiles, center) = (state.home.profiles(), IdentityCenter::new(&start_url, &region)?);
    let centers = profiles.identity_centers();
    let signed_in = state.sign_ins.run(on_step, async |prompts, cancel| {
        centers.sign_in(&center, method, &prompts, &cancel).await
    });
    signed_in.await?;
    Ok(centers.accounts(&center).await?)
}

/// Accounts and roles of a directory that somebody is signed in to.
#[tauri::command]
#[specta::specta]
pub async fn sso_accounts(state: State<'_, AppState>, start_url: String, region: String) -> Result<Vec<SsoAccount>, IpcError> {
    let profiles = state.home.profiles();
    Ok(profiles
        .identity_centers()
        .accounts(&IdentityCenter::new(&start_url, &region)?)
        .await?)
}

/// Tells which profiles need their user, now and whenever it changes. The id ends it.
#[tauri::command]
#[specta::specta]
pub fn sign_in_needs(state: State<'_, AppState>, on_update: Channel<SignInNeeds>) -> u32 {
    state.forward_needs(state.home.desk().needs(), move |needs| {
        on_update.send(SignInNeeds { needs }).is_ok()
    })
}

/// Signs in to a profile again; whatever waits for it goes on. `profile` is as in a need: an id, or `aws:NAME`.
#[tauri::command]
#[specta::specta]
pub async fn sign_in_again(
    state: State<'_, AppState>,
    profile: String,
    method: SignInMethod,
    on_step: Channel<SignInStep>,
) -> Result<(), IpcError> {
    let profiles = state.home.profiles();
    let signed_in = state.sign_ins.run(on_step, async |prompts, cancel| {
        profiles.sign_in(&profile, method, &prompts, &cancel).await
    });
    signed_in.await?;
    state.home.desk().met(&profile);
    Ok(())
}

/// Does not sign in now: whatever waits for the profile fails, and nobody asks again by itself.
#[tauri::command]
#[specta::specta]
pub fn sign_in_dismiss(state: State<'_, AppState>, profile: String) {
    state.home.desk().put_off(&profile);
}

/// Ends a sign-in that is going on.
#[tauri::command]
#[specta::specta]
pub fn sign_in_cancel(state: State<'_, AppState>, id: u32) {
    state.sign_ins.cancel(id);
}

/// Answers a sign-in that wants the digits of an MFA device.
#[tauri::command]
#[specta::specta]
pub fn sign_in_code(state: State<'_, AppState>, id: u32, code: Secret) {
    state.sign_ins.answer(id, code);
}
