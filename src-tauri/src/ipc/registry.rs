//! The single list of commands. `commands.txt` beside it repeats the names for the build script; a test keeps them equal.

use tauri::Runtime;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

use super::commands::{
    account, app, audit, deploy, deployer, live, operate, plan, practice, preflight, profile, project, sign_in,
};

/// Every command of the app, with its types.
pub fn commands<R: Runtime>() -> Builder<R> {
    // Every number that crosses is finite, so it never arrives as `null`.
    let finite = specta_typescript::semantic::Configuration::empty().enable_lossless_floats();
    let builder = Builder::<R>::new()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .semantic_types(finite);
    builder.commands(collect_commands![
        app::app_info,
        app::example_path,
        app::address_open,
        account::profile_list,
        account::account_connect,
        account::account_current,
        account::account_disconnect,
        sign_in::surroundings_look,
        sign_in::keychain_look,
        sign_in::keychain_choose,
        sign_in::sso_sign_in,
        sign_in::sso_accounts,
        sign_in::sign_in_needs,
        sign_in::sign_in_again,
        sign_in::sign_in_dismiss,
        sign_in::sign_in_cancel,
        sign_in::sign_in_code,
        profile::profiles_saved,
        profile::sso_save,
        profile::profile_save_keys,
        profile::profile_save_keys_csv,
        profile::keys_file_pick,
        profile::profile_save_role,
        profile::profile_save_aws,
        profile::profile_update,
        profile::profile_remove,
        profile::profile_move_key,
        profile::profile_move_key_undo,
        profile::account_proof,
        profile::region_latency,
        preflight::preflight_run,
        audit::audit_page,
        audit::audit_export,
        practice::practice_status,
        practice::practice_start,
        practice::practice_stop,
        practice::practice_reset,
        project::project_pick,
        project::project_inspect,
        project::project_cancel,
        project::project_change,
        project::project_forget,
        project::project_excerpt,
        plan::plan_make,
        plan::plan_quotes,
        plan::plan_offers,
        plan::plan_eject,
        plan::prices_refresh,
        deploy::deploy_review,
        deploy::deploy_connection,
        deploy::deploy_execute,
        deploy::deploy_discard,
        deployer::deployer_plan,
        deployer::deployer_save,
        deployer::deployer_review,
        deployer::deployer_make,
        deployer::deployer_discard,
        operate::application_list,
        operate::application_eject,
        live::deployment_watch,
        live::pipeline_watch,
        live::servers_watch,
        live::secrets_watch,
        live::subscription_cancel,
        operate::pipeline_start,
        operate::servers_scale,
        operate::secret_put,
        operate::secret_delete,
    ])
}
